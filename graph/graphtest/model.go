package graphtest

import (
	"maps"
	"slices"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// model is a graph written for clarity alone.
type model struct {
	revision  graph.Revision
	layout    graph.Layout
	entities  map[graph.EntityID]*thing
	edges     map[edge]props
	artifacts map[artifactKey]string
	repeats   map[string]graph.Commit
	log       []graph.Change
}

type thing struct {
	typ      schema.TypeName
	values   map[schema.Path]schema.Value
	revision graph.Revision
	created  time.Time
	updated  time.Time
	origin   graph.Origin
	edited   bool
	again    bool // deleted and created again by the running change set
	project  bool // written by the project in the running change set
	api      bool // written by the API in it
}

type edge struct {
	from     graph.EntityID
	relation string
	to       graph.EntityID
}

type props = map[schema.Path]schema.Value

type artifactKey struct {
	kind graph.ArtifactKind
	name string
}

func newModel() *model {
	return &model{entities: map[graph.EntityID]*thing{}, edges: map[edge]props{}, artifacts: map[artifactKey]string{}, repeats: map[string]graph.Commit{}}
}

func (m *model) clone() *model {
	c := *m
	c.entities = map[graph.EntityID]*thing{}
	for id, e := range m.entities {
		copied := *e
		copied.values = maps.Clone(e.values)
		copied.again, copied.project, copied.api = false, false, false
		c.entities[id] = &copied
	}
	c.edges, c.artifacts, c.repeats = maps.Clone(m.edges), maps.Clone(m.artifacts), maps.Clone(m.repeats)
	c.log = slices.Clone(m.log)
	return &c
}

func (m *model) relation(name string) *schema.Relation {
	for i := range m.layout.Relations {
		if m.layout.Relations[i].Name == name {
			return &m.layout.Relations[i]
		}
	}
	return nil
}

// refusal is the only thing the model says about a failure: its code.
type refusal fault.Code

func (r refusal) Error() string { return string(r) }

// apply returns the model after the change set, or why not.
func (m *model) apply(set *graph.ChangeSet) (*model, graph.Commit, error) {
	if past, ok := m.repeats[set.IdempotencyKey]; ok && set.IdempotencyKey != "" {
		return m, past, nil
	}
	if set.IfStore != nil && *set.IfStore != m.revision {
		return nil, graph.Commit{}, refusal(fault.Conflict)
	}
	if set.IfModel != nil && *set.IfModel != m.layout.Model {
		return nil, graph.Commit{}, refusal(fault.Conflict)
	}
	w := &work{model: m.clone(), base: m, set: set, related: map[edge]bool{}}
	if err := w.run(); err != nil {
		return nil, graph.Commit{}, err
	}
	commit, change := w.finish()
	if set.DryRun {
		commit.Revision = m.revision
		return m, commit, nil
	}
	if change != nil {
		w.log = append(w.log, *change)
	}
	if set.IdempotencyKey != "" {
		w.repeats[set.IdempotencyKey] = commit
	}
	return w.model, commit, nil
}

// work is a change set being applied.
type work struct {
	*model
	base     *model
	set      *graph.ChangeSet
	related  map[edge]bool // asked to exist so far
	repeated int
	orphans  []orphan
}

type orphan struct {
	child     graph.EntityID
	hierarchy string
}

func (w *work) origin(of graph.Origin) graph.Origin {
	if of != "" {
		return of
	}
	if w.set.Origin != "" {
		return w.set.Origin
	}
	return graph.FromAPI
}

func (w *work) run() error {
	if w.set.Layout != nil {
		w.layout = *w.set.Layout
	}
	for i := range w.set.Entities {
		if err := w.entity(&w.set.Entities[i]); err != nil {
			return err
		}
	}
	for i := range w.set.Relationships {
		if err := w.relationship(&w.set.Relationships[i]); err != nil {
			return err
		}
	}
	for _, a := range w.set.Artifacts {
		if a.Kind == "" || a.Name == "" {
			return refusal(fault.Invalid)
		}
		if a.Data == nil {
			delete(w.artifacts, artifactKey{a.Kind, a.Name})
		} else {
			w.artifacts[artifactKey{a.Kind, a.Name}] = string(a.Data)
		}
	}
	return w.check()
}

func (w *work) entity(c *graph.EntityChange) error {
	if n := len([]rune(string(c.ID))); n == 0 || n > 256 || c.Type == "" && c.Op != graph.Update && c.Op != graph.Delete {
		return refusal(fault.Invalid)
	}
	for _, v := range c.Values {
		if !graph.Settable(v.Path) || v.Path == "" || v.Path == graph.ColumnName && v.Value.Kind() != schema.StringValue && !v.Value.IsNull() {
			return refusal(fault.Invalid)
		}
	}
	e := w.entities[c.ID]
	switch {
	case c.Op == graph.Create && e != nil:
		return refusal(fault.Conflict)
	case e == nil && c.Op != graph.Create && c.Op != graph.Put:
		return refusal(fault.NotFound)
	}
	if c.IfRevision != nil {
		at := graph.Revision(0)
		if e != nil && !e.again {
			at = e.revision
		}
		if at != *c.IfRevision {
			return refusal(fault.Conflict)
		}
	}
	if c.Op == graph.Delete {
		w.delete(c.ID, c.Children)
		return nil
	}
	if e == nil {
		_, again := w.base.entities[c.ID]
		e = &thing{typ: c.Type, values: props{}, origin: w.origin(c.Origin), again: again}
		w.entities[c.ID] = e
	} else {
		if c.Op == graph.Put {
			if e.typ != c.Type {
				return refusal(fault.Conflict)
			}
			e.values = props{}
			if w.origin(c.Origin) == graph.FromProject {
				e.origin = graph.FromProject
			}
		}
		if c.Op == graph.Retype {
			e.typ = c.Type
		}
		w.wrote(e, w.origin(c.Origin))
	}
	for _, v := range c.Values {
		if v.Value.IsNull() {
			delete(e.values, v.Path)
		} else {
			e.values[v.Path] = v.Value
		}
	}
	return nil
}

func (w *work) wrote(e *thing, by graph.Origin) {
	if by == graph.FromProject {
		e.project = true
	} else {
		e.api = true
	}
}

// up says whether a relationship leads from a child to its parent in a hierarchy, and which is which.
func (m *model) up(k edge, hierarchy string) (child, parent graph.EntityID, ok bool) {
	r := m.relation(k.relation)
	if r == nil || r.Hierarchy == "" || r.Hierarchy != hierarchy {
		return "", "", false
	}
	if r.ToParent {
		return k.from, k.to, true
	}
	return k.to, k.from, true
}

func (m *model) hierarchies() (names []string) {
	for _, r := range m.layout.Relations {
		if r.Hierarchy != "" && !slices.Contains(names, r.Hierarchy) {
			names = append(names, r.Hierarchy)
		}
	}
	return names
}

func (w *work) delete(id graph.EntityID, children graph.OnChildren) {
	doomed := []graph.EntityID{id}
	for i := 0; i < len(doomed); i++ {
		for k := range w.edges {
			for _, h := range w.hierarchies() {
				child, parent, ok := w.up(k, h)
				if !ok || parent != doomed[i] {
					continue
				}
				if children == graph.RefuseChildren {
					w.orphans = append(w.orphans, orphan{child, h})
				}
				if children == graph.DeleteChildren && !slices.Contains(doomed, child) {
					doomed = append(doomed, child)
				}
			}
		}
	}
	for _, id := range doomed {
		for k := range w.edges {
			if k.to == id && w.origin("") == graph.FromAPI {
				w.entities[k.from].api = true
			}
		}
		for k := range w.edges {
			if k.from == id || k.to == id {
				delete(w.edges, k)
			}
		}
		delete(w.entities, id)
	}
}

func (w *work) relationship(c *graph.RelationshipChange) error {
	r := w.relation(c.Relation)
	if r == nil {
		r = w.base.relation(c.Relation)
	}
	if r == nil {
		return refusal(fault.Invalid)
	}
	from, to := w.entities[c.From], w.entities[c.To]
	if from == nil {
		return refusal(fault.NotFound)
	}
	k := edge{c.From, c.Relation, c.To}
	if c.Op == graph.Clear {
		w.clear(k, false)
		return nil
	}
	old, exists := w.edges[k]
	if c.Op == graph.Unrelate {
		if !exists {
			return refusal(fault.NotFound)
		}
		delete(w.edges, k)
		w.wrote(from, w.origin(""))
		return nil
	}
	if to == nil || c.Op == graph.Replace && !r.Single {
		return refusal(fault.Invalid)
	}
	if c.Op == graph.Replace {
		w.clear(k, true)
	}
	fields := props{}
	for _, p := range c.Props {
		if p.Value.IsNull() {
			delete(fields, p.Path)
		} else {
			fields[p.Path] = p.Value
		}
	}
	if exists && sameProps(old, fields) {
		if w.related[k] {
			w.repeated++
		}
	} else {
		w.edges[k] = fields
		w.wrote(from, w.origin(""))
	}
	w.related[k] = true
	return nil
}

// clear removes the targets of a relation, all or all but one.
func (w *work) clear(k edge, keep bool) {
	for other := range w.edges {
		if other.from == k.from && other.relation == k.relation && !(keep && other.to == k.to) {
			delete(w.edges, other)
			w.wrote(w.entities[k.from], w.origin(""))
		}
	}
}

func sameProps(a, b props) bool {
	return maps.EqualFunc(a, b, func(x, y schema.Value) bool { return x.Kind() == y.Kind() && schema.Equal(x, y) })
}
