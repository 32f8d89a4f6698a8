package expr

import (
	"fmt"
	"slices"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// ComputedProperty is one @computed property of an asset type, compiled.
type ComputedProperty struct {
	Path     schema.Path // from the entity: motor.load
	Property *schema.Property
	Program  *Program // Reads are paths from the entity
}

// Computed is every computed property of a model. It is immutable.
type Computed struct {
	byType map[schema.TypeName][]ComputedProperty
}

// CompileModel compiles the computed properties of every asset type of m. Problems have places in the model's files, each
// once, also when several types inherit the property: unknown names, wrong types, and properties that read each other.
func CompileModel(m *schema.Model) (*Computed, fault.List) {
	c := &Computed{byType: map[schema.TypeName][]ComputedProperty{}}
	var problems fault.List
	for _, name := range m.TypeNames {
		properties, found := compileType(m, name)
		problems = append(problems, found...)
		ordered, cycle := order(properties)
		if cycle != nil {
			problems = append(problems, cycleProblem(m, cycle))
		}
		c.byType[name] = ordered
	}
	problems = distinct(problems)
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// Of returns the computed properties of an asset type; each comes after those it reads.
func (c *Computed) Of(t schema.TypeName) []ComputedProperty { return c.byType[t] }

// Find returns the computed property at path of an asset type.
func (c *Computed) Find(t schema.TypeName, path schema.Path) (ComputedProperty, bool) {
	for _, p := range c.byType[t] {
		if p.Path == path {
			return p, true
		}
	}
	return ComputedProperty{}, false
}

func compileType(m *schema.Model, name schema.TypeName) ([]ComputedProperty, fault.List) {
	w := &typeCompiler{model: m, name: name}
	w.walk(m.Types[name].Properties, "", "", 0)
	return w.out, w.problems
}

type typeCompiler struct {
	model    *schema.Model
	name     schema.TypeName
	scopes   map[schema.Path]*Scope
	out      []ComputedProperty
	problems fault.List
}

func (w *typeCompiler) walk(properties []*schema.Property, prefix schema.Path, component schema.TypeName, depth int) {
	for _, p := range properties {
		path := schema.Path(p.Name)
		if prefix != "" {
			path = prefix + "." + path
		}
		switch p.Kind {
		case schema.Computed:
			program, problems := Compile(p.Expr, w.scope(prefix, component), p.Type)
			w.problems = append(w.problems, Locate(problems, w.model.Files, p.ExprPosition)...)
			if program != nil {
				w.out = append(w.out, ComputedProperty{Path: path, Property: p, Program: program})
			}
		case schema.Group:
			if c := w.model.Components[p.Type.Component]; c != nil && depth < maxComponentDepth {
				w.walk(c.Properties, path, c.Name, depth+1)
			}
		}
	}
}

func (w *typeCompiler) scope(prefix schema.Path, component schema.TypeName) *Scope {
	if s, ok := w.scopes[prefix]; ok {
		return s
	}
	if w.scopes == nil {
		w.scopes = map[schema.Path]*Scope{}
	}
	if prefix == "" {
		w.scopes[prefix] = TypeScope(w.model, w.name)
	} else {
		w.scopes[prefix] = ComponentScope(w.model, w.name, prefix, component)
	}
	return w.scopes[prefix]
}

// order sorts properties so that each comes after those it reads; cycle names those that read each other, nil when none do.
func order(properties []ComputedProperty) (ordered, cycle []ComputedProperty) {
	byPath := make(map[schema.Path]ComputedProperty, len(properties))
	for _, p := range properties {
		byPath[p.Path] = p
	}
	done := map[schema.Path]bool{}
	var path []ComputedProperty
	var visit func(p ComputedProperty) bool
	visit = func(p ComputedProperty) bool {
		if i := slices.IndexFunc(path, func(q ComputedProperty) bool { return q.Path == p.Path }); i >= 0 {
			cycle = slices.Clone(path[i:])
			return false
		}
		if done[p.Path] {
			return true
		}
		path = append(path, p)
		for _, r := range p.Program.Reads() {
			if q, ok := byPath[r]; ok && !visit(q) {
				return false
			}
		}
		path = path[:len(path)-1]
		done[p.Path] = true
		ordered = append(ordered, p)
		return true
	}
	for _, p := range properties {
		if !visit(p) {
			return nil, cycle
		}
	}
	return ordered, nil
}

func cycleProblem(m *schema.Model, cycle []ComputedProperty) fault.Problem {
	names := make([]string, 0, len(cycle)+1)
	for _, p := range append(cycle, cycle[0]) {
		names = append(names, string(p.Path))
	}
	at := cycle[0].Property.ExprPosition
	return fault.Problem{
		Position: at,
		Message:  fmt.Sprintf("computed properties read each other: %s", strings.Join(names, " -> ")),
		Hint:     "compute one of them from stored or live properties",
		Source:   sourceLine(m.Files, at),
	}
}

func distinct(problems fault.List) fault.List {
	seen := map[string]bool{}
	return slices.DeleteFunc(problems, func(p fault.Problem) bool {
		key := p.Position.String() + p.Message
		if seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}
