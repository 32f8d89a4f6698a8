package schema

import (
	"regexp"
	"strings"
	"time"

	"mereon/schema/fault"
)

// TypeName is the name of an asset type, component, record type or enum.
type TypeName string

// Path names a value of an entity: a built-in column (id, name, assetType ...), a property, or a property inside
// components, dotted: motor.ratedSpeed.
type Path string

// File is one file of a model: its name as shown in messages, and its text.
type File struct {
	Name string
	Text string
}

// Line returns a line of the text without its end, counted from 1; "" where there is none.
func (f File) Line(number int) string {
	text := f.Text
	for i := 1; ; i++ {
		line, rest, more := strings.Cut(text, "\n")
		switch {
		case i == number:
			return strings.TrimSuffix(line, "\r")
		case !more || number <= 0:
			return ""
		}
		text = rest
	}
}

// Model is a checked model with inheritance expanded. It is immutable.
type Model struct {
	Hash       string // SHA-256 over names and texts of the files, hex; equal files give an equal hash
	Files      []File // what it was parsed from, ordered by name
	Types      map[TypeName]*AssetType
	Components map[TypeName]*Component
	Records    map[TypeName]*RecordType
	Enums      map[TypeName]*Enum
	TypeNames  []TypeName // names of Types, sorted
	// Relations holds every relationship name of the model; a name means the same wherever it is declared.
	Relations map[string]*Relation
	// Hierarchies holds every hierarchy by name.
	Hierarchies map[string]*Hierarchy
	// Dropped are types that are gone, so that Diff takes their entities away: extend schema @dropped.
	Dropped []TypeName
}

// AssetType is a kind of entity with everything it inherits.
type AssetType struct {
	Name         TypeName
	Plural       string // root field of the connection: pumps
	Singular     string // root field of one entity: pump
	Description  string
	Abstract     bool       // written as an interface
	Instantiable bool       // may have entities of its own: every type, and an interface with instantiable: true
	Exposed      bool       // is a GraphQL type; entities of others appear under their nearest exposed ancestor
	Parents      []TypeName // direct, in the order written
	Ancestors    []TypeName // all, nearest first, without the type itself
	Concrete     []TypeName // all instantiable types that are this type or below it, sorted
	// Fields are the fields in the order of the model, inherited ones first and inverses last, each in exactly one of the
	// slices below.
	Fields     []string
	Properties []*Property // static, live and computed; of the type itself, not inside components
	// Relationships are those of the type, inverse ones included, and after them those of its components: their Field is
	// dotted (motor.drivenBy) and not in Fields.
	Relationships []*Relationship
	Joins         []*Join
	RenamedFrom   TypeName
	Dropped       []string // fields that are gone, so that Diff takes their data away: @dropped
	Sources       []Source
	Position      fault.Position
	leaves        []Leaf
	paths         map[Path]*Property
}

// Component is a named group of fields included by value. It has the same parts as an asset type.
type Component struct {
	Name          TypeName
	Description   string
	Abstract      bool
	Parents       []TypeName
	Ancestors     []TypeName
	Fields        []string
	Properties    []*Property
	Relationships []*Relationship
	Joins         []*Join
	RenamedFrom   TypeName
	Dropped       []string
	Sources       []Source
	Position      fault.Position
}

// RecordType is a kind of row of another system.
type RecordType struct {
	Name        TypeName
	Plural      string
	Singular    string
	Description string
	Connector   string
	Collection  string
	Key         string // the field that identifies a row
	Fields      []string
	Properties  []*Property // columns: Kind is Static, scalars, enums and lists only
	Joins       []*Join
	Sources     []Source
	Position    fault.Position
}

// Enum is an enumeration; a value is stored as its name.
type Enum struct {
	Name        TypeName
	Description string
	Values      []EnumValue
	RenamedFrom TypeName
	Sources     []Source
	Position    fault.Position
}

type EnumValue struct {
	Name, Description string
	Deprecated        string // reason, "" when not
	RenamedFrom       string
}

// PropertyKind says where the value of a property comes from.
type PropertyKind uint8

const (
	Static   PropertyKind = iota // stored in the graph
	Live                         // a series, asked from a connector at query time
	Computed                     // an expression over other properties
	Group                        // a component: its own properties are in Type.Component
)

// ValueType is the type of one value, or of each element when List is true.
type ValueType struct {
	Scalar    Scalar   // for enums: String
	Enum      TypeName // "" when it is none
	Component TypeName // only for Kind Group
	List      bool
	NonNull   bool // the value itself
	Elements  bool // the elements of a list are non-null
}

// Scalar is one of the scalars of the model language.
type Scalar uint8

const (
	Int Scalar = iota
	Long
	Float
	Decimal
	Boolean
	String
	ID
	Date
	DateTime
	Duration
	JSON
)

var scalarNames = [...]string{"Int", "Long", "Float", "Decimal", "Boolean", "String", "ID", "Date", "DateTime", "Duration", "JSON"}

func (s Scalar) String() string { return scalarNames[s] }

// ScalarOf returns the scalar with that name.
func ScalarOf(name string) (Scalar, bool) {
	for i, n := range scalarNames {
		if n == name {
			return Scalar(i), true
		}
	}
	return 0, false
}

// Numeric says whether s is a number.
func (s Scalar) Numeric() bool { return s <= Decimal }

// Property is a named, typed attribute.
type Property struct {
	Name        string
	Description string
	Kind        PropertyKind
	Type        ValueType
	Unit        string // UCUM code, "" for none
	Unique      bool
	UniqueIn    TypeName // the type within which it is unique: the one that declares it
	Index       bool
	Min, Max    *float64 // @range, both inclusive
	Pattern     string   // RE2, must match the whole value
	Personal    bool
	Default     *Value
	Live        *LiveBinding
	Expr        string // @computed
	DeclaredIn  TypeName
	Deprecated  string // reason, "" when not
	RenamedFrom string
	Position    fault.Position
	// ExprPosition is where Expr begins, for carets inside it.
	ExprPosition fault.Position
	Sources      []Source
	pattern      *regexp.Regexp // Pattern, compiled by Parse
}

// Source keeps what an importer could not express in the model language: @source.
type Source struct {
	Format string // the foreign format: twinmaker, dtdl ...
	ID     string // the name over there, "" when it is the same
	Data   Value  // JSON, or null
}

// LiveBinding says which series supplies a live property.
type LiveBinding struct {
	Connector  string
	Ref        Template
	Every      time.Duration // expected period, 0 when unknown
	StaleAfter time.Duration // 0: the connector's own, else three expected periods
}

// Template is a text with places for values: "pumps/{serialNumber}/flow". Part i of Texts precedes Paths[i];
// len(Texts) == len(Paths)+1. A path beginning with "entity." inside a component means the entity.
type Template struct {
	Source string
	Texts  []string
	Paths  []Path
}

// Relation is what a relationship name means throughout the model.
type Relation struct {
	Name       string
	Single     bool     // at most one target per source
	InverseOne bool     // at most one source per target
	Hierarchy  string   // "" when it belongs to none
	ToParent   bool     // in a hierarchy: the target is the parent of the source; else the source is the parent
	Props      TypeName // component of its properties, "" for none
	Inverse    string   // the field on the targets that follows it backwards, "" for none
}

// Relationship is a relationship field: of the type that declares it, or the inverse seen from the other end.
type Relationship struct {
	Field       string
	Description string
	Relation    *Relation
	Inverse     bool     // this field follows the relation against its direction
	Many        bool     // a connection; else at most one
	NonNull     bool     // a forward plain field that must have a target
	Target      TypeName // asset type, or "Entity"
	DeclaredIn  TypeName
	RenamedFrom string
	Position    fault.Position
}

// Hierarchy is a forest over one or several relations.
type Hierarchy struct {
	Name      string
	Relations []*Relation // sorted by name
}

// Join is a field that reaches records, or from a record to entities or other records, by equal values.
type Join struct {
	Field       string
	Description string
	Target      TypeName // record type, asset type
	Many        bool
	On          []JoinPair
	DeclaredIn  TypeName
	Position    fault.Position
}

// JoinPair is one "theirs = ours": Theirs is a field of the target, Ours a path of the type that declares the join.
type JoinPair struct {
	Theirs, Ours Path
}
