package expr

import (
	"slices"
	"strings"

	"mereon/schema"
)

// Types that a caller may want of an expression.
var (
	Number = schema.ValueType{Scalar: schema.Float}
	Truth  = schema.ValueType{Scalar: schema.Boolean}
	Text   = schema.ValueType{Scalar: schema.String}
)

// Variable is a name that an expression may use.
type Variable struct {
	Name string      // as written in the expression: t, motor.ratedSpeed
	Path schema.Path // what Reads gives for it
	Type schema.ValueType
}

// Scope is the names that an expression may use. It is immutable and safe for concurrent use.
type Scope struct {
	title string // named in messages: Pump
	model *schema.Model
	names map[string]Variable
	hints map[string]string // names that exist but are no value, and what to do instead
}

// NewScope returns a scope of variables; title says in messages whose names they are. m may be nil when no variable is an enum.
func NewScope(title string, m *schema.Model, variables ...Variable) *Scope {
	s := &Scope{title: title, model: m, names: make(map[string]Variable, len(variables)), hints: map[string]string{}}
	for _, v := range variables {
		s.names[v.Name] = v
	}
	return s
}

// With returns a scope with more variables; a name that is taken is replaced.
func (s *Scope) With(variables ...Variable) *Scope {
	c := &Scope{title: s.title, model: s.model, names: make(map[string]Variable, len(s.names)+len(variables)), hints: s.hints}
	for n, v := range s.names {
		c.names[n] = v
	}
	for _, v := range variables {
		c.names[v.Name] = v
	}
	return c
}

// Lookup returns the variable of that name.
func (s *Scope) Lookup(name string) (Variable, bool) {
	v, ok := s.names[name]
	return v, ok
}

// Names returns all names, sorted.
func (s *Scope) Names() []string {
	names := make([]string, 0, len(s.names))
	for n := range s.names {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// group says whether name begins longer names: motor of motor.speed.
func (s *Scope) group(name string) bool {
	for n := range s.names {
		if strings.HasPrefix(n, name+".") {
			return true
		}
	}
	return false
}

// TypeScope returns the names of an asset type: its properties, those inside components by dotted path, and id, name and
// assetType; entity.x means x. An unknown type has the built-in names only.
func TypeScope(m *schema.Model, t schema.TypeName) *Scope {
	s := NewScope(string(t), m)
	if a := m.Types[t]; a != nil {
		s.addProperties(a.Properties, "", "")
		s.addHints(a.Relationships, a.Joins)
	}
	s.addBuiltIns()
	s.addEntityNames()
	return s
}

// ComponentScope returns the names inside the component at prefix of an asset type: plain names mean the component,
// entity.x the entity.
func ComponentScope(m *schema.Model, t schema.TypeName, prefix schema.Path, component schema.TypeName) *Scope {
	s := NewScope(string(component), m)
	if c := m.Components[component]; c != nil {
		s.addProperties(c.Properties, "", string(prefix)+".")
		s.addHints(c.Relationships, c.Joins)
	}
	whole := TypeScope(m, t)
	for n, v := range whole.names {
		if strings.HasPrefix(n, "entity.") {
			s.names[n] = v
		}
	}
	return s
}

func (s *Scope) addProperties(properties []*schema.Property, name, path string) {
	for _, p := range properties {
		if p.Kind != schema.Group {
			s.names[name+p.Name] = Variable{Name: name + p.Name, Path: schema.Path(path + p.Name), Type: p.Type}
			continue
		}
		if c := s.model.Components[p.Type.Component]; c != nil && strings.Count(path, ".") < maxComponentDepth {
			s.hints[name+p.Name] = "It is a component: name one of its properties, such as " + name + p.Name + "." + firstName(c)
			s.addProperties(c.Properties, name+p.Name+".", path+p.Name+".")
		}
	}
}

// maxComponentDepth ends the walk through components of a model that includes one in itself; the model check refuses it.
const maxComponentDepth = 8

func firstName(c *schema.Component) string {
	if len(c.Fields) == 0 {
		return "..."
	}
	return c.Fields[0]
}

func (s *Scope) addHints(relationships []*schema.Relationship, joins []*schema.Join) {
	for _, r := range relationships {
		s.hints[r.Field] = "It is a relationship, not a value; a rule reaches values across it as an input: {x: " + r.Field + ".name}"
	}
	for _, j := range joins {
		s.hints[j.Field] = "It reaches records, not a value; a rule counts them as an input: {x: {count: " + j.Field + "}}"
	}
}

func (s *Scope) addBuiltIns() {
	for _, n := range []string{"id", "name", "assetType"} {
		s.names[n] = Variable{Name: n, Path: schema.Path(n), Type: Text}
	}
}

func (s *Scope) addEntityNames() {
	for _, n := range s.Names() {
		s.names["entity."+n] = Variable{Name: "entity." + n, Path: s.names[n].Path, Type: s.names[n].Type}
	}
}
