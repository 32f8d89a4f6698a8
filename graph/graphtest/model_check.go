package graphtest

import (
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// check tests every rule of the layout on everything there is.
func (w *work) check() error {
	if !w.edgesHold() || !w.hierarchiesHold() || !w.uniqueHolds() || !w.orphansHold() {
		return refusal(fault.Conflict)
	}
	return nil
}

func (w *work) edgesHold() bool {
	out, in := map[edge]int{}, map[edge]int{}
	for k := range w.edges {
		r := w.relation(k.relation)
		if r == nil {
			return false
		}
		out[edge{k.from, k.relation, ""}]++
		in[edge{"", k.relation, k.to}]++
		if r.Single && out[edge{k.from, k.relation, ""}] > 1 || r.InverseOne && in[edge{"", k.relation, k.to}] > 1 {
			return false
		}
	}
	return true
}

func (w *work) hierarchiesHold() bool {
	for _, h := range w.hierarchies() {
		parents := map[graph.EntityID]graph.EntityID{}
		for k := range w.edges {
			if child, parent, ok := w.up(k, h); ok {
				if _, second := parents[child]; second {
					return false
				}
				parents[child] = parent
			}
		}
		for start := range parents {
			at, ok := parents[start]
			for n := 0; ok; n++ {
				if at == start || n > len(parents) {
					return false
				}
				at, ok = parents[at]
			}
		}
	}
	return true
}

func (w *work) uniqueHolds() bool {
	for _, u := range w.layout.Unique {
		var seen []schema.Value
		for _, e := range w.entities {
			v := e.values[u.Path]
			if v.IsNull() || !slices.Contains(u.Types, e.typ) {
				continue
			}
			if slices.ContainsFunc(seen, func(o schema.Value) bool { return schema.Equal(o, v) }) {
				return false
			}
			seen = append(seen, v)
		}
	}
	return true
}

func (w *work) orphansHold() bool {
	for _, o := range w.orphans {
		if w.entities[o.child] == nil {
			continue
		}
		has := false
		for k := range w.edges {
			child, _, ok := w.up(k, o.hierarchy)
			has = has || ok && child == o.child
		}
		if !has {
			return false
		}
	}
	return true
}

// finish stamps what changed and says what did.
func (w *work) finish() (graph.Commit, *graph.Change) {
	change := graph.Change{Revision: w.base.revision + 1, At: w.set.At, By: w.set.By}
	commit := graph.Commit{At: w.set.At, Repeats: w.repeated}
	rewired := map[graph.EntityID]bool{}
	for k, p := range w.edges {
		if old, had := w.base.edges[k]; !had || !sameProps(old, p) {
			change.Relationships = append(change.Relationships, graph.RelationshipDelta{From: k.from, Relation: k.relation, To: k.to})
			rewired[k.from] = true
		}
	}
	for k := range w.base.edges {
		if _, has := w.edges[k]; !has {
			change.Relationships = append(change.Relationships, graph.RelationshipDelta{Removed: true, From: k.from, Relation: k.relation, To: k.to})
			rewired[k.from] = true
		}
	}
	for id, e := range w.entities {
		w.settle(&change, id, e, rewired[id])
	}
	for id, was := range w.base.entities {
		if w.entities[id] == nil {
			change.Entities = append(change.Entities, graph.EntityDelta{Op: graph.Delete, ID: id, Type: was.typ})
		}
	}
	w.settleArtifacts(&change)
	if len(change.Entities)+len(change.Relationships)+len(change.Artifacts) == 0 && !w.layoutChanged() {
		commit.Revision = w.base.revision
		return commit, nil
	}
	w.revision = change.Revision
	commit.Revision, commit.Relationships = w.revision, len(change.Relationships)
	for _, d := range change.Entities {
		switch d.Op {
		case graph.Create:
			commit.Created = append(commit.Created, d.ID)
		case graph.Delete:
			commit.Deleted = append(commit.Deleted, d.ID)
		default:
			commit.Updated = append(commit.Updated, d.ID)
		}
	}
	return commit, &change
}

func (w *work) settle(change *graph.Change, id graph.EntityID, e *thing, rewired bool) {
	was := w.base.entities[id]
	if was == nil {
		e.revision, e.created, e.updated = change.Revision, change.At, change.At
		change.Entities = append(change.Entities, graph.EntityDelta{Op: graph.Create, ID: id, Type: e.typ})
		return
	}
	paths := differences(was, e)
	differs := len(paths) > 0 || was.typ != e.typ || e.again || rewired
	switch {
	case e.again:
	case e.project:
		e.edited = false
	case e.api && e.origin == graph.FromProject && differs:
		e.edited = true
	}
	if !differs && e.edited == was.edited && e.origin == was.origin {
		return
	}
	if e.edited != was.edited {
		paths = append(paths, graph.ColumnEdited)
	}
	if e.origin != was.origin {
		paths = append(paths, graph.ColumnOrigin)
	}
	slices.Sort(paths)
	op := graph.Update
	if was.typ != e.typ {
		op = graph.Retype
	}
	if e.again {
		e.created = change.At
	}
	e.revision, e.updated = change.Revision, change.At
	change.Entities = append(change.Entities, graph.EntityDelta{Op: op, ID: id, Type: e.typ, Paths: paths})
}

func differences(a, b *thing) (paths []schema.Path) {
	for p, v := range a.values {
		if other, has := b.values[p]; !has || v.Kind() != other.Kind() || !schema.Equal(v, other) {
			paths = append(paths, p)
		}
	}
	for p := range b.values {
		if _, had := a.values[p]; !had {
			paths = append(paths, p)
		}
	}
	return paths
}

func (w *work) settleArtifacts(change *graph.Change) {
	for k, data := range w.artifacts {
		if old, had := w.base.artifacts[k]; !had || old != data {
			change.Artifacts = append(change.Artifacts, graph.ArtifactDelta{Kind: k.kind, Name: k.name})
		}
	}
	for k := range w.base.artifacts {
		if _, has := w.artifacts[k]; !has {
			change.Artifacts = append(change.Artifacts, graph.ArtifactDelta{Kind: k.kind, Name: k.name, Deleted: true})
		}
	}
}

func (w *work) layoutChanged() bool {
	return w.set.Layout != nil && !sameLayout(w.layout, w.base.layout)
}

// normal sorts what has no order of its own, so that answers can be compared.
func normal(c graph.Change) graph.Change {
	slices.SortFunc(c.Entities, func(a, b graph.EntityDelta) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.SortFunc(c.Relationships, func(a, b graph.RelationshipDelta) int {
		return strings.Compare(string(a.From)+"\x00"+a.Relation+"\x00"+string(a.To), string(b.From)+"\x00"+b.Relation+"\x00"+string(b.To))
	})
	slices.SortFunc(c.Artifacts, func(a, b graph.ArtifactDelta) int {
		return strings.Compare(string(a.Kind)+"\x00"+a.Name, string(b.Kind)+"\x00"+b.Name)
	})
	return c
}

func normalCommit(c graph.Commit) graph.Commit {
	slices.Sort(c.Created)
	slices.Sort(c.Updated)
	slices.Sort(c.Deleted)
	return c
}
