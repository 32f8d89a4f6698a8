package query

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/schema"
)

// common plans the fields that every entity has beside its stored columns; nil when the field is none of them.
func (p *planner) common(lv *level, m merged, types typeSet) emit {
	switch m.field.Name {
	case "parent":
		return p.one(lv, m, hierarchySource{up: true}, "", types)
	case "children":
		return p.many(lv, m, hierarchySource{}, "", types)
	case "ancestors":
		return p.all(lv, m, ancestorSource{}, types)
	case "descendants":
		return p.many(lv, m, descendantSource{}, "", types)
	case "reach":
		return p.reach(lv, m, types)
	case "affected":
		return p.affected(lv, m, types)
	case "relationships":
		return p.relationships(lv, m, types)
	case "property":
		return p.anyProperty(lv, m)
	case "states":
		return p.states(lv, m)
	}
	return nil
}

// relationship plans a relationship field.
func (p *planner) relationship(lv *level, m merged, r *schema.Relationship, types typeSet) emit {
	step := graph.Step{Relation: r.Relation.Name}
	if r.Inverse {
		step.Direction = graph.In
	}
	source := expandSource{[]graph.Step{step}}
	if !r.Many {
		return p.one(lv, m, source, r.Target, types)
	}
	return p.many(lv, m, source, r.Target, types)
}

// one plans a field that leads to at most one entity.
func (p *planner) one(lv *level, m merged, source rowSource, target schema.TypeName, types typeSet) emit {
	child := p.entityLevel(lv, m, source, target, types)
	child.wanted = true
	inner := p.entity(child, "", p.children(m.uses), child.types)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		from, to := f.group(i)
		if from == to {
			return isNull
		}
		return inner.entity(w, f, from)
	}
}

// all plans a field that gives a whole list of entities.
func (p *planner) all(lv *level, m merged, source rowSource, types typeSet) emit {
	child := p.entityLevel(lv, m, source, "", types)
	child.wanted = true
	inner := p.entity(child, "", p.children(m.uses), child.types)
	return p.entityList(child, inner, m.field)
}

func (p *planner) entityList(child *level, inner *node, field *ast.Field) emit {
	nonNull := elementsNonNull(field)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		from, to := f.group(i)
		return w.list(to-from, nonNull, func(k int) outcome { return inner.entity(w, f, from+k) })
	}
}

func elementsNonNull(field *ast.Field) bool {
	return field.Definition != nil && field.Definition.Type.Elem != nil && field.Definition.Type.Elem.NonNull
}

// many plans a connection of entities.
func (p *planner) many(lv *level, m merged, source rowSource, target schema.TypeName, types typeSet) emit {
	child := p.entityLevel(lv, m, source, target, types)
	child.list = true
	return p.connection(child, m)
}

func (p *planner) entityLevel(lv *level, m merged, source rowSource, target schema.TypeName, types typeSet) *level {
	child, isNew := p.newLevel(lv, levelKey(m.field), m.field, m.guards, restrict(lv, types))
	if isNew {
		child.rows, child.shown, child.types = source, target, p.catalog.concrete(target)
		if child.shown == "" {
			child.shown = schema.EntityType
		}
		child.column(graph.ColumnType)
	}
	return child
}

// restrict returns the types of parent rows a child is wanted for: nil when it is all of them.
func restrict(lv *level, types typeSet) typeSet {
	if len(types) == 0 || len(types) == len(lv.types) {
		return nil
	}
	return types
}

// levelKey tells the levels of one parent apart: aliases of equal fields share one.
func levelKey(field *ast.Field) string {
	key := field.Name
	for _, a := range field.Arguments {
		key += " " + a.Name + ":" + a.Value.String()
	}
	return key
}

// lost reports that the rows of a level could not be read: once for each field of the operation, at its first place.
func (w *writer) lost(f *frame) outcome {
	if field := w.fieldPath(); !slices.Contains(f.told, field) {
		f.told = append(f.told, field)
		w.fail(f.err)
	}
	return broken
}

// fieldPath is the current path without indices: the field of the operation that is being written.
func (w *writer) fieldPath() string {
	var b strings.Builder
	for _, s := range w.path {
		if s.name != "" {
			b.WriteByte('.')
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// anyProperty plans property(name:): stored values as they are, live and computed ones as an object.
func (p *planner) anyProperty(lv *level, m merged) emit {
	argument := m.field.Arguments.ForName("name")
	if argument == nil || hasVariable(argument.Value) {
		lv.dynamic = append(lv.dynamic, m.field)
	} else {
		p.catalog.addProperty(lv.types, schema.Path(argument.Value.Raw), staticNeeds{lv, m.guards})
	}
	return func(w *writer, f *frame, i int) outcome {
		args, err := argumentsOf(m.field, w.x.variables)
		if err != nil {
			w.fail(err)
			return isNull
		}
		name, _ := args["name"].(string)
		return w.property(f, i, schema.Path(name))
	}
}

// needs receives what has to be read to know a property.
type needs interface {
	column(schema.Path)
	live(schema.Path)
}

type staticNeeds struct {
	lv     *level
	guards guards
}

func (s staticNeeds) column(p schema.Path) { s.lv.column(p) }
func (s staticNeeds) live(p schema.Path) {
	for _, g := range s.guards {
		s.lv.liveNeed(p, nil, g)
	}
}

// addProperty adds what knowing the property at path takes on any of types (nil: all).
func (c *catalog) addProperty(types typeSet, path schema.Path, add needs) {
	if _, ok := builtin(string(path)); ok {
		add.column(path)
		return
	}
	if types == nil {
		types = c.all
	}
	stored, live := false, false
	for _, t := range types {
		p, ok := c.model.Property(t, path)
		switch {
		case !ok:
		case p.Kind == schema.Static:
			stored = true
		case p.Kind == schema.Live:
			live = true
		case p.Kind == schema.Computed:
			c.addComputed(t, path, add, nil)
		case p.Kind == schema.Group:
			c.addGroup(t, path, add)
		}
	}
	if stored {
		add.column(path)
	}
	if live {
		c.liveColumns(types, path, add.column)
		add.live(path)
	}
}

func (c *catalog) addGroup(t schema.TypeName, path schema.Path, add needs) {
	for _, leaf := range c.model.Types[t].Leaves() {
		if leaf.Property.Kind == schema.Static && (leaf.Within == path || hasPrefix(leaf.Within, path)) {
			add.column(leaf.Path)
		}
	}
}

// addComputed adds what a computed property of t reads, through other computed ones.
func (c *catalog) addComputed(t schema.TypeName, path schema.Path, add needs, seen []schema.Path) {
	program := c.programs[sourceKey{t, path}]
	if program == nil || slices.Contains(seen, path) {
		return
	}
	seen = append(seen, path)
	for _, read := range program.Reads() {
		p, ok := c.model.Property(t, read)
		switch {
		case !ok || p.Kind == schema.Static:
			add.column(read)
		case p.Kind == schema.Live:
			c.liveColumns(typeSet{t}, read, add.column)
			add.live(read)
		case p.Kind == schema.Computed:
			c.addComputed(t, read, add, seen)
		}
	}
}
