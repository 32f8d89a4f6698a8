package memory

import (
	"mereon/graph"
	"mereon/graph/record"
)

// Delta returns what a copy needs to repeat the commit. It shares nothing that changes later.
func (f *Effect) Delta() record.Delta {
	change, _ := record.Change(string(f.EncodeChange(nil))) // it was encoded just now
	d := record.Delta{Change: change, Layout: f.Layout(), Key: f.Key, Repeats: f.Commit.Repeats}
	for i := range f.rows {
		if r := &f.rows[i]; r.op != graph.Delete {
			d.Entities = append(d.Entities, f.next.State(graph.Row(r.row)))
		}
	}
	for _, c := range f.edges {
		if c.removed {
			continue
		}
		have, _ := f.next.pages.at(c.from).find(end(false, c.relation, c.to))
		d.Relationships = append(d.Relationships, record.Relationship{From: graph.EntityID(f.next.idOf(c.from)),
			Relation: f.next.relations.text(c.relation), To: graph.EntityID(f.next.idOf(c.to)), Props: f.next.propValues(c.from, have)})
	}
	for a := range f.Artifacts() {
		if a.Data != nil {
			d.Artifacts = append(d.Artifacts, a)
		}
	}
	return d
}
