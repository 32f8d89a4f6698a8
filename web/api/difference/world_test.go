package difference

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// world is one random plant: a model, the data of it, and operations on it. As JSON it is all that the reference is told.
type world struct {
	Seed        uint64                         `json:"seed"`
	Now         string                         `json:"now"`
	SDL         string                         `json:"sdl"` // as published
	Enums       map[string][]string            `json:"enums"`
	Components  map[string]fields              `json:"components"`
	Types       map[string]*kind               `json:"types"` // interfaces and object types, with what they inherit
	Records     map[string]*record             `json:"records"`
	Hierarchies map[string]string              `json:"hierarchies"` // the relation that leads to the parent
	Roots       map[string]root                `json:"roots"`
	Entities    []*entity                      `json:"entities"`
	Links       []link                         `json:"links"`
	Series      map[string]map[string][]*point `json:"series"`  // by connector and reference; an empty list: nothing was measured yet
	Down        map[string]string              `json:"down"`    // connectors that answer nothing, and the status of everything of them
	Refused     map[string]map[string]string   `json:"refused"` // by connector and reference, or value of a join: the status of what it does not answer
	Cut         map[string]map[string]int      `json:"cut"`     // by connector and reference: how many seconds before now what it sends of a range ends
	Begun       string                         `json:"begun"`   // when the entities were created
	Operations  []*operation                   `json:"operations"`

	*rand.Rand `json:"-"`
	names      int
	text       strings.Builder // of the model
	order      []string        // of types, as declared
	made       []*entity       // by mutations, perhaps
	parts      int             // operations that were answered in parts too
	lives      int             // operations that were live queries too
	feeds      int             // of changes that were read
	changed    bool            // mutations have begun: times are the store's own
	keyed      []keyedChange   // changes that can be asked again with their keys
	revisionOf func(id string) int64
}

// kind is an asset type.
type kind struct {
	Abstract  bool     `json:"abstract"`
	Ancestors []string `json:"ancestors"`
	Fields    fields   `json:"fields"`
}

type fields map[string]*field

// field is one field of an asset type, a component or a record.
type field struct {
	Kind      string      `json:"kind"`           // static, live, computed, component, relation, join
	Type      string      `json:"type,omitempty"` // a scalar or an enum
	List      bool        `json:"list,omitempty"`
	Required  bool        `json:"required,omitempty"`
	Unit      string      `json:"unit,omitempty"`
	Connector string      `json:"connector,omitempty"`
	Ref       []string    `json:"ref,omitempty"` // a path of the entity, then a text after it
	Stale     int         `json:"stale,omitempty"`
	Expr      *expression `json:"expr,omitempty"`
	Component string      `json:"component,omitempty"`
	Relation  string      `json:"relation,omitempty"`
	Inverse   bool        `json:"inverse,omitempty"`
	Many      bool        `json:"many,omitempty"`
	Target    string      `json:"target,omitempty"`
	Props     string      `json:"props,omitempty"`
	Theirs    string      `json:"theirs,omitempty"`
	Ours      string      `json:"ours,omitempty"`

	name string
}

// expression is a computed property: an operator over properties and numbers.
type expression struct {
	Op    string      `json:"op,omitempty"`
	Path  string      `json:"path,omitempty"`
	Const *float64    `json:"const,omitempty"`
	Left  *expression `json:"left,omitempty"`
	Right *expression `json:"right,omitempty"`
}

type record struct {
	Key       string           `json:"key"`
	Connector string           `json:"connector"`
	Fields    fields           `json:"fields"`
	Rows      []map[string]any `json:"rows,omitempty"`
}

type root struct {
	Type   string `json:"type,omitempty"`
	Record string `json:"record,omitempty"`
	Many   bool   `json:"many,omitempty"`
	Groups bool   `json:"groups,omitempty"`
}

type entity struct {
	ID     string         `json:"id"`
	Type   string         `json:"type"`
	Name   string         `json:"name"`
	Values map[string]any `json:"values"` // by path

	ExternalIDs map[string]any     `json:"externalIds,omitempty"`
	Bindings    map[string]binding `json:"bindings,omitempty"` // by the path of a live property
}

// binding is the series that supplies a live property of one entity, instead of the one that the model says.
type binding struct {
	Connector string `json:"connector,omitempty"`
	Ref       string `json:"ref"`
}

type link struct {
	Relation string         `json:"relation"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Props    map[string]any `json:"props,omitempty"`
}

type point struct {
	Value   any    `json:"value"`
	Unit    string `json:"unit,omitempty"`
	Quality string `json:"quality,omitempty"`
	Age     int    `json:"age"` // seconds before now
}

// newWorld makes the world of a seed: always the same one.
func newWorld(seed uint64) *world {
	w := &world{
		Seed: seed, Now: noon.Format("2006-01-02T15:04:05Z"), Rand: rand.New(rand.NewPCG(seed, 18)),
		Enums: map[string][]string{}, Components: map[string]fields{}, Types: map[string]*kind{}, Records: map[string]*record{},
		Hierarchies: map[string]string{}, Roots: map[string]root{}, Series: map[string]map[string][]*point{"plant": {}, "lab": {}}, Down: map[string]string{}, Refused: map[string]map[string]string{}, Cut: map[string]map[string]int{},
		Begun: noon.Add(-time.Hour).Format("2006-01-02T15:04:05Z"),
	}
	w.model()
	w.data()
	return w
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

// some is a number from low to high, both included.
func (w *world) some(low, high int) int { return low + w.IntN(high-low+1) }

// name makes a name that is used once in the world, so that a field means the same wherever it is selected.
func (w *world) name(stem string) string {
	w.names++
	return fmt.Sprint(stem, w.names)
}

func pick[T any](w *world, list []T) T { return list[w.IntN(len(list))] }
