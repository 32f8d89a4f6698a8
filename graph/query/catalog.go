package query

import (
	"slices"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/expr"
)

// catalog answers what a field of the typed API means in the model. It is immutable.
type catalog struct {
	model      *schema.Model
	revision   uint32 // of the model, in cursors
	api        *sdl.API
	all        []schema.TypeName            // every instantiable type, sorted
	conditions map[string][]schema.TypeName // GraphQL type name -> the asset types of its entities, sorted
	sources    map[sourceKey]*liveSource
	programs   map[sourceKey]*expr.Program // of computed properties
	roots      map[string]root
}

type sourceKey struct {
	t    schema.TypeName
	path schema.Path
}

// root is what a root field of Query means: one entity type or record type, one of it or many.
type root struct {
	entity *schema.AssetType
	record *schema.RecordType
	many   bool
	groups bool // groups of many
}

// liveSource says where the readings of a live property come from; paths are from the entity.
type liveSource struct {
	Series
	property   *schema.Property
	staleAfter time.Duration
	period     time.Duration
}

func newCatalog(model *schema.Model, api *sdl.API, computed *expr.Computed) *catalog {
	c := &catalog{
		model: model, api: api, revision: cursorRevision(model),
		conditions: map[string][]schema.TypeName{},
		sources:    map[sourceKey]*liveSource{},
		programs:   map[sourceKey]*expr.Program{},
		roots:      map[string]root{},
	}
	for _, name := range model.TypeNames {
		t := model.Types[name]
		if t.Instantiable {
			c.all = append(c.all, name)
			c.addConditions(t)
		}
		for _, leaf := range t.Leaves() {
			if leaf.Property.Kind == schema.Live {
				c.sources[sourceKey{name, leaf.Path}] = newLiveSource(leaf)
			}
		}
		for _, property := range computed.Of(name) {
			c.programs[sourceKey{name, property.Path}] = property.Program
		}
		if t.Exposed {
			c.roots[t.Singular] = root{entity: t}
			c.roots[t.Plural] = root{entity: t, many: true}
			c.addGroups(t.Singular, root{entity: t})
		}
	}
	for _, r := range model.Records {
		c.roots[r.Singular] = root{record: r}
		c.roots[r.Plural] = root{record: r, many: true}
		c.addGroups(r.Singular, root{record: r})
	}
	c.addGroups("entity", root{})
	c.conditions["Node"], c.conditions["Entity"] = c.all, c.all
	return c
}

// addGroups adds the root field that gives groups.
func (c *catalog) addGroups(singular string, r root) {
	if name, free := c.api.GroupRoot(singular); free {
		r.many, r.groups = true, true
		c.roots[name] = r
	}
}

func (c *catalog) addConditions(t *schema.AssetType) {
	object := c.api.Object(t.Name)
	c.conditions[object] = append(c.conditions[object], t.Name)
	shown := c.api.Shown(t.Name)
	if shown == sdl.Entity {
		return
	}
	for _, up := range append([]schema.TypeName{shown}, c.model.Types[shown].Ancestors...) {
		if string(up) != object && c.model.Types[up] != nil && c.model.Types[up].Exposed {
			c.conditions[string(up)] = append(c.conditions[string(up)], t.Name)
		}
	}
}

func newLiveSource(leaf schema.Leaf) *liveSource {
	live := leaf.Property.Live
	return &liveSource{Series: SeriesOf(leaf), property: leaf.Property, staleAfter: live.StaleAfter, period: live.Every}
}

// inside turns a path written inside a component into one from the entity.
func inside(within, p schema.Path) schema.Path {
	if rest, ok := strings.CutPrefix(string(p), "entity."); ok {
		return schema.Path(rest)
	}
	return join(within, string(p))
}

func join(prefix schema.Path, name string) schema.Path {
	if prefix == "" {
		return schema.Path(name)
	}
	return prefix + "." + schema.Path(name)
}

// concrete returns the instantiable types that are t or below it; nil for Entity: all.
func (c *catalog) concrete(t schema.TypeName) []schema.TypeName {
	typ := c.model.Types[t]
	if typ == nil {
		return nil
	}
	if typ.Concrete == nil {
		return []schema.TypeName{}
	}
	return typ.Concrete
}

// matching returns those of types (nil: all) that satisfy every type condition.
func (c *catalog) matching(types []schema.TypeName, conditions []string) []schema.TypeName {
	if types == nil {
		types = c.all
	}
	for _, name := range conditions {
		if name == "Node" || name == "Entity" {
			continue
		}
		of := c.conditions[name]
		if covers(of, types) {
			continue
		}
		var kept []schema.TypeName
		for _, t := range types {
			if _, ok := slices.BinarySearch(of, t); ok {
				kept = append(kept, t)
			}
		}
		types = kept
	}
	return types
}

func covers(of, types []schema.TypeName) bool {
	if len(of) < len(types) {
		return false
	}
	for _, t := range types {
		if _, ok := slices.BinarySearch(of, t); !ok {
			return false
		}
	}
	return true
}

// member is what a field name means on an asset type, a component in it, or a record type.
type member struct {
	path         schema.Path // of a property
	property     *schema.Property
	relationship *schema.Relationship
	join         *schema.Join
}

// entityMember finds a field of asset type t, or of the component at prefix in it.
func (c *catalog) entityMember(t schema.TypeName, prefix schema.Path, field string) (member, bool) {
	typ := c.model.Types[t]
	if typ == nil {
		return member{}, false
	}
	path := join(prefix, field)
	if p, ok := typ.Property(path); ok {
		return member{path: path, property: p}, true
	}
	if r, ok := typ.Relationship(string(path)); ok {
		return member{relationship: r}, true
	}
	if prefix == "" {
		j, ok := typ.Join(field)
		return member{join: j}, ok
	}
	group, ok := typ.Property(prefix)
	if !ok || c.model.Components[group.Type.Component] == nil {
		return member{}, false
	}
	j, ok := c.model.Components[group.Type.Component].Join(field)
	return member{join: j}, ok
}

func recordMember(r *schema.RecordType, field string) (member, bool) {
	if p, ok := r.Property(field); ok {
		return member{path: schema.Path(field), property: p}, true
	}
	j, ok := r.Join(field)
	return member{join: j}, ok
}

// builtin returns the stored column of a field that every entity has.
func builtin(field string) (schema.Path, bool) {
	switch p := schema.Path(field); p {
	case graph.ColumnID, graph.ColumnName, graph.ColumnType, graph.ColumnRevision, graph.ColumnExternalIDs,
		graph.ColumnCreatedAt, graph.ColumnUpdatedAt, graph.ColumnBindings, graph.ColumnRules, graph.ColumnSource:
		return p, true
	}
	return "", false
}

// hierarchySteps returns the steps from parent to child, or from child to parent.
func hierarchySteps(h *schema.Hierarchy, down bool) []graph.Step {
	steps := make([]graph.Step, len(h.Relations))
	for i, r := range h.Relations {
		steps[i] = graph.Step{Relation: r.Name}
		if r.ToParent == down {
			steps[i].Direction = graph.In
		}
	}
	return steps
}
