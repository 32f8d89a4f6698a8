package memory

import (
	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// Absorb repeats a commit of another store on a copy of its graph: the version after s has the revision and the times that
// the delta names. s is not changed. What was checked when it was committed is not checked again, but the delta must fit:
// Internal when it is not the next one, or changes what is not there. Then the copy is wrong and must be filled anew.
func (s *Snapshot) Absorb(d *record.Delta) (*Snapshot, *Effect, error) {
	if d.Change.Revision != s.revision+1 {
		return nil, nil, misfit("it leads to revision %d and the copy is at %d", d.Change.Revision, s.revision)
	}
	a := absorption{txn: s.begin(&graph.ChangeSet{By: d.Change.By, IdempotencyKey: d.Key}, d.Change.At), delta: d}
	if d.Layout != nil {
		a.adopt(d.Layout)
	}
	for _, part := range []func() error{a.removals, a.deletions, a.entities, a.additions, a.artifacts} {
		if err := part(); err != nil {
			return nil, nil, err
		}
	}
	f, err := a.finish()
	if err != nil {
		return nil, nil, err
	}
	return a.Snapshot, f, nil
}

func misfit(format string, args ...any) error {
	e := fault.New(fault.Internal, format, args...)
	return fault.New(fault.Internal, "a change does not fit the copy of the graph: %s", e.Message)
}

// absorption is a transaction that repeats a delta.
type absorption struct {
	*txn
	delta *record.Delta
	made  map[uint32]*record.Entity // by row
}

// removals takes relationships away before the entities they hang on.
func (a *absorption) removals() error {
	for _, r := range a.delta.Change.Relationships {
		if !r.Removed {
			continue
		}
		e, err := a.edge(string(r.From), r.Relation, string(r.To))
		if err != nil {
			return err
		}
		if _, exists := a.pages.at(e.from).find(end(false, e.relation, e.to)); !exists {
			return misfit("%s has no relationship %s to %s", r.From, r.Relation, r.To)
		}
		a.unrelate(e)
	}
	return nil
}

func (a *absorption) edge(from, relation, to string) (edge, error) {
	_, number, err := a.relation(relation)
	if err != nil {
		return edge{}, misfit("%v", err)
	}
	source, hasSource := a.source(from)
	target, hasTarget := a.row(to)
	if !hasSource || !hasTarget {
		return edge{}, misfit("the relationship %s from %s to %s misses an entity", relation, from, to)
	}
	return edge{source, number, target}, nil
}

func (a *absorption) deletions() error {
	for _, e := range a.delta.Change.Entities {
		if e.Op != graph.Delete {
			continue
		}
		row, exists := a.row(string(e.ID))
		if !exists || len(a.pages.at(row).allEnds(nil)) > 0 {
			return misfit("the entity %s is not there, or has relationships left", e.ID)
		}
		a.remove(row)
	}
	a.lastID = ""
	return nil
}

// entities makes those that are new and gives the others their type and values.
func (a *absorption) entities() error {
	a.made = make(map[uint32]*record.Entity, len(a.delta.Entities))
	for i := range a.delta.Entities {
		giveWay(i)
		made := &a.delta.Entities[i]
		c := graph.EntityChange{Op: graph.Create, ID: made.ID, Type: made.Type, Values: made.Values, Origin: made.Origin}
		if err := checkChange(&c); err != nil {
			return misfit("%v", err)
		}
		row, exists := a.row(string(made.ID))
		if !exists {
			a.create(&c)
			row, _ = a.row(string(made.ID))
		} else {
			a.rewrite(row, a.touch(row), a.typeNumber(string(made.Type)), a.encode(string(made.ID), a.merge(nil, made.Values)))
		}
		a.made[row] = made
	}
	return nil
}

func (a *absorption) additions() error {
	for i := range a.delta.Relationships {
		giveWay(i)
		r := &a.delta.Relationships[i]
		e, err := a.edge(string(r.From), r.Relation, string(r.To))
		if err != nil {
			return err
		}
		if err := a.relate(e, &graph.RelationshipChange{From: r.From, Relation: r.Relation, To: r.To, Props: r.Props}); err != nil {
			return misfit("%v", err)
		}
	}
	return nil
}

func (a *absorption) artifacts() error {
	for _, d := range a.delta.Change.Artifacts {
		if d.Deleted {
			if err := a.artifact(graph.ArtifactChange{Kind: d.Kind, Name: d.Name}); err != nil {
				return misfit("%v", err)
			}
		}
	}
	for _, w := range a.delta.Artifacts {
		if err := a.artifact(graph.ArtifactChange{Kind: w.Kind, Name: w.Name, Data: w.Data}); err != nil {
			return misfit("%v", err)
		}
	}
	return nil
}

// finish stamps what was touched as the delta says, and tells a durable copy what to write.
func (a *absorption) finish() (*Effect, error) {
	f := &Effect{Commit: a.delta.Commit(), Changed: true, By: a.delta.Change.By, Key: a.delta.Key, artifacts: a.written,
		base: a.base, next: a.Snapshot, absorbed: &a.delta.Change}
	f.layout = a.layout != a.base.layout
	f.edges, _ = a.net()
	var gone []uint32
	for i := range a.touches {
		touch := &a.touches[i]
		e, made := a.pages.at(touch.row), a.made[touch.row]
		switch {
		case e.data == "":
			e.flags = 0
			gone = append(gone, touch.row)
			f.rows = append(f.rows, rowChange{row: touch.row, before: touch.before, op: graph.Delete})
		case made == nil:
			return nil, misfit("relationships of %s change, and it is not named", e.id())
		default:
			op, _ := a.opOf(e, &touch.before)
			e.flags, e.revision = flagsOf(made.Origin, made.Edited), made.Revision
			e.created, e.updated = made.Created.UnixNano(), made.Updated.UnixNano()
			f.rows = append(f.rows, rowChange{row: touch.row, before: touch.before, op: op})
		}
	}
	a.release(gone)
	a.reword()
	a.Snapshot.revision = a.delta.Change.Revision
	a.remember(f)
	return f, nil
}
