package scenes

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema"
	"mereon/schema/fault"
)

// Limits of one resolved scene.
const (
	maxSlots    = 200_000
	maxProblems = 50 // shown to viewers
)

// resolver makes the table of a scene from one view of the graph.
type resolver struct {
	scene    *Scene
	model    *schema.Model
	view     graph.View
	table    *table
	entries  map[string]*Entry // by document id; nil for a missing document
	index    map[live.Input]int32
	columns  []schema.Path // stored values the scene needs of its entities
	problems int
}

// entity is one entity with the stored values the scene needs.
type entity struct {
	id     graph.EntityID
	name   string
	values map[schema.Path]schema.Value
}

// resolve makes the table of a scene. What does not resolve is among the header's problems. It fails with NotFound when the
// scene does not exist, Invalid when parameters are wrong or the stored scene cannot be read, Limit when it is too large.
func resolve(ctx context.Context, view graph.View, library *Library, model *schema.Model, id string, parameters map[string]string) (*table, error) {
	data, err := view.Artifact(ctx, graph.ArtifactScene, id)
	if err != nil {
		return nil, err
	}
	artifact, err := DecodeArtifact(data)
	if err != nil {
		return nil, err
	}
	scene, err := artifact.Scene()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the stored scene %s cannot be read; apply it again", id)
	}
	r := &resolver{
		scene: scene, model: model, view: view, entries: map[string]*Entry{}, index: map[live.Input]int32{},
		table: &table{header: newHeader(id, scene), watched: watched{
			types: map[schema.TypeName]bool{}, entities: map[graph.EntityID]bool{}, columns: map[schema.Path]bool{}, within: map[string]bool{},
		}},
	}
	r.table.header.Revision = view.Revision()
	if err := r.parameters(ctx, parameters); err != nil {
		return nil, err
	}
	if err := r.documents(ctx, library, artifact); err != nil {
		return nil, err
	}
	r.needs()
	for i := range scene.Templates {
		if err := r.template(ctx, &scene.Templates[i]); err != nil {
			return nil, err
		}
	}
	if err := r.bindings(ctx); err != nil {
		return nil, err
	}
	if len(r.table.slots) > maxSlots {
		return nil, fault.New(fault.Limit, "scene %s has %d outputs, at most %d are kept live; split the scene", id, len(r.table.slots), maxSlots)
	}
	r.invert()
	return r.table, nil
}

func (r *resolver) problem(format string, args ...any) {
	switch r.problems++; {
	case r.problems <= maxProblems:
		r.table.header.Problems = append(r.table.header.Problems, fmt.Sprintf(format, args...))
	case r.problems == maxProblems+1:
		r.table.header.Problems = append(r.table.header.Problems, "and more")
	}
}

// parameters settles the parameters: as given, else the default.
func (r *resolver) parameters(ctx context.Context, given map[string]string) error {
	for name := range given {
		if _, ok := r.scene.Parameters[name]; !ok {
			message := fmt.Sprintf("scene %s has no parameter %q", r.table.header.ID, name)
			if near := fault.Suggest(name, slices.Sorted(maps.Keys(r.scene.Parameters))); near != "" {
				message += fmt.Sprintf("; did you mean %q?", near)
			}
			return fault.New(fault.Invalid, "%s", message)
		}
	}
	settled := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.scene.Parameters)) {
		p := r.scene.Parameters[name]
		value := p.Default
		if v := given[name]; v != "" {
			value = v
		}
		if value == "" {
			return fault.New(fault.Invalid, "scene %s needs the parameter %s: the id of a %s", r.table.header.ID, name, p.Type)
		}
		if err := r.suits(ctx, name, value, p.Type); err != nil {
			return err
		}
		settled[name] = value
	}
	r.table.header.Parameters = settled
	return nil
}

func (r *resolver) suits(ctx context.Context, name, id string, want schema.TypeName) error {
	batch, err := r.view.Lookup(ctx, []graph.EntityID{graph.EntityID(id)}, []schema.Path{graph.ColumnType})
	if err != nil {
		return err
	}
	if batch.Rows[0] == graph.NoRow {
		return fault.New(fault.Invalid, "parameter %s: there is no entity %q", name, id)
	}
	have := schema.TypeName(batch.Cell(0, 0).Text())
	if t := r.model.Types[want]; t == nil || !slices.Contains(t.Concrete, have) {
		return fault.New(fault.Invalid, "parameter %s: %s is a %s, not a %s", name, id, have, want)
	}
	return nil
}

// documents places the documents and reads their node tables. Only a store that fails is an error.
func (r *resolver) documents(ctx context.Context, library *Library, artifact Artifact) error {
	for i := range r.scene.Documents {
		d := &r.scene.Documents[i]
		deposit := artifact.Documents[d.ID]
		shown := placed{ID: d.ID, Hash: deposit.Hash, Layer: d.Layer, At: d.At.shown(), Missing: deposit.Hash == ""}
		if !shown.Missing {
			e, err := library.Entry(ctx, deposit.Hash)
			switch code := fault.CodeOf(err); code {
			case "":
				r.entries[d.ID] = e
			case fault.NotFound, fault.Invalid:
				shown.Missing = true
			default:
				return err
			}
		}
		if shown.Missing {
			r.problem("document %s: the file %s is missing; its bindings are shown as boxes", d.ID, d.File)
		} else {
			shown.URL = "/blobs/" + deposit.Hash + "." + deposit.Format
			shown.NodesURL = "/blobs/" + deposit.Hash + ".nodes.json"
		}
		r.table.header.Documents = append(r.table.header.Documents, shown)
	}
	return nil
}

// needs collects the stored values that addresses and clips use.
func (r *resolver) needs() {
	r.columns = []schema.Path{graph.ColumnID, graph.ColumnName, graph.ColumnType}
	add := func(text string) {
		t, err := parseText(text)
		if err != nil {
			return
		}
		for _, path := range t.Paths {
			if !slices.Contains(r.columns, path) {
				r.columns = append(r.columns, path)
			}
		}
	}
	visit := func(n *Node, effects []Effect) {
		if n != nil {
			for _, text := range n.texts() {
				add(text)
			}
		}
		for i := range effects {
			for _, e := range effects[i].given() {
				if e.channel != nil {
					add(e.channel.Clip)
				}
			}
		}
	}
	for i := range r.scene.Bindings {
		visit(r.scene.Bindings[i].Node, r.scene.Bindings[i].Effects)
	}
	for i := range r.scene.Templates {
		visit(r.scene.Templates[i].Node, r.scene.Templates[i].Effects)
	}
	for _, path := range r.columns {
		r.table.watched.columns[path] = true
	}
}

// reference returns the id an entity reference means: itself, or the parameter's.
func (r *resolver) reference(ref string) graph.EntityID {
	if name, ok := parameterOf(ref); ok {
		return graph.EntityID(r.table.header.Parameters[name])
	}
	return graph.EntityID(ref)
}

// template adds the slots of every entity a template selects.
func (r *resolver) template(ctx context.Context, t *Template) error {
	at := r.model.Types[t.Every.Type]
	if at == nil {
		r.problem("template: there is no asset type %s", t.Every.Type)
		return nil
	}
	if len(at.Concrete) == 0 {
		return nil // no types would mean all
	}
	for _, name := range at.Concrete {
		r.table.watched.types[name] = true
	}
	q := graph.Selection{Types: at.Concrete, Page: graph.Page{All: true}, Columns: r.columns, Budget: maxSlots * 10}
	if w := t.Every.Within; w != nil {
		h := r.model.Hierarchies[w.Hierarchy]
		if h == nil {
			r.problem("template: there is no hierarchy %s", w.Hierarchy)
			return nil
		}
		root := r.reference(w.Of)
		r.table.watched.entities[root] = true
		if there, err := r.exists(ctx, root); err != nil || !there {
			r.problem("template of %s: there is no entity %q", t.Every.Type, root)
			return err
		}
		q.Within = &graph.Within{Root: root, Steps: downward(h)}
		for _, relation := range h.Relations {
			r.table.watched.within[relation.Name] = true
		}
	}
	batch, err := r.view.Select(ctx, q)
	if err != nil {
		return err
	}
	for i := range batch.Rows {
		r.bind(t.Node, "", r.entity(batch, i), t.Layer, t.Effects)
		if len(r.table.slots) > maxSlots {
			return nil
		}
	}
	return nil
}

func (r *resolver) exists(ctx context.Context, id graph.EntityID) (bool, error) {
	batch, err := r.view.Lookup(ctx, []graph.EntityID{id}, nil)
	return err == nil && batch.Rows[0] != graph.NoRow, err
}

// downward returns the steps from parent to child in a hierarchy.
func downward(h *schema.Hierarchy) []graph.Step {
	steps := make([]graph.Step, len(h.Relations))
	for i, relation := range h.Relations {
		steps[i] = graph.Step{Relation: relation.Name, Direction: graph.Out}
		if relation.ToParent {
			steps[i].Direction = graph.In
		}
	}
	return steps
}

func (r *resolver) entity(batch *graph.Batch, i int) entity {
	e := entity{id: graph.EntityID(batch.Cell(0, i).Text()), name: batch.Cell(1, i).Text(), values: make(map[schema.Path]schema.Value, len(r.columns))}
	for c, path := range r.columns {
		e.values[path] = batch.Cell(c, i)
	}
	return e
}

// bindings adds the slots of single bindings. They come after those of templates, so that they win on the same channel.
func (r *resolver) bindings(ctx context.Context) error {
	ids := make([]graph.EntityID, len(r.scene.Bindings))
	for i := range r.scene.Bindings {
		ids[i] = r.reference(r.scene.Bindings[i].Entity)
		r.table.watched.entities[ids[i]] = true
	}
	batch, err := r.view.Lookup(ctx, ids, r.columns)
	if err != nil {
		return err
	}
	for i := range r.scene.Bindings {
		b := &r.scene.Bindings[i]
		if batch.Rows[i] == graph.NoRow {
			r.problem("there is no entity %q", ids[i])
			continue
		}
		r.bind(b.Node, b.Anchor, r.entity(batch, i), b.Layer, b.Effects)
	}
	return nil
}
