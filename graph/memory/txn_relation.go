package memory

import (
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

func (t *txn) relationship(c *graph.RelationshipChange) error {
	rules, relation, err := t.relation(c.Relation)
	if err != nil {
		return err
	}
	from, ok := t.source(string(c.From))
	if !ok {
		return fault.New(fault.NotFound, "there is no entity %s to relate by %s", c.From, c.Relation)
	}
	if c.Op == graph.Clear {
		t.clear(from, relation, graph.NoRow)
		return nil
	}
	to, ok := t.end(string(c.To))
	switch {
	case c.Op == graph.Unrelate:
		if ok {
			_, ok = t.pages.at(from).find(end(false, relation, uint32(to)))
		}
		if !ok {
			return fault.New(fault.NotFound, "%s has no relationship %s to %s", c.From, c.Relation, c.To)
		}
		t.unrelate(edge{from, relation, to})
		t.pages.at(from).wroteBy(t.origin(""))
		return nil
	case !ok:
		return invalid("%s of %s: there is no entity %s; create it first, or in the same change set", c.Relation, c.From, c.To)
	case c.Op == graph.Replace && !rules.Single:
		return invalid("%s of %s can have many targets, so it cannot be replaced: relate and unrelate instead", c.Relation, c.From)
	case c.Op == graph.Replace:
		t.clear(from, relation, graph.Row(to))
	case c.Op > graph.Clear:
		return invalid("%s of %s: unknown operation %d", c.Relation, c.From, c.Op)
	}
	return t.relate(edge{from, relation, to}, c)
}

// source finds the row of an id; relationships of one source mostly follow each other.
func (t *txn) source(id string) (row uint32, ok bool) {
	if id == t.lastID && id != "" {
		return t.lastRow, true
	}
	if row, ok = t.end(id); ok {
		t.lastID, t.lastRow = id, row
	}
	return row, ok
}

// end finds the row of one end of a relationship.
func (t *txn) end(id string) (uint32, bool) {
	if row, ok := t.made[id]; ok {
		return row, true
	}
	return t.row(id)
}

// relation finds a relation in the layout, or in the one before it when the change set brings a new one: data of
// relations that go away is removed by the same change set.
func (t *txn) relation(name string) (*schema.Relation, uint32, error) {
	if n, ok := t.relations.number(name); ok {
		if r := t.layout.relation(n); r != nil {
			return r, n, nil
		}
		if r := t.base.layout.relation(n); r != nil {
			return r, n, nil
		}
	}
	var names []string
	for _, r := range t.layout.source.Relations {
		names = append(names, r.Name)
	}
	if near := fault.Suggest(name, names); near != "" {
		return nil, 0, invalid("the model has no relationship named %q; did you mean %q?", name, near)
	}
	return nil, 0, invalid("the model has no relationship named %q", name)
}

func (t *txn) relate(e edge, c *graph.RelationshipChange) error {
	for _, v := range c.Props {
		if v.Path == "" {
			return invalid("%s of %s: a property without a name", c.Relation, c.From)
		}
	}
	fields := ""
	if len(c.Props) > 0 {
		t.scratch = record.AppendFields(t.scratch[:0], t.merge(nil, c.Props))
		fields = string(t.scratch)
	}
	have, existed := t.pages.at(e.from).find(end(false, e.relation, e.to))
	old := ""
	if existed && have&withProps != 0 {
		old = t.propsOf(e)
	}
	t.note(e, edgeOp{related: true, existed: existed, same: existed && old == fields}, old)
	if existed && old == fields {
		return nil
	}
	t.setEnd(e, fields)
	if !existed {
		t.edges++
	}
	return nil
}

// note remembers an attempt and, at the first change of a relationship, the properties it had.
func (t *txn) note(e edge, op edgeOp, old string) {
	op.edge, op.seq = e, uint32(len(t.ops))
	t.ops = append(t.ops, op)
	if !op.existed || op.same {
		return
	}
	if t.oldProps == nil {
		t.oldProps = map[edge]string{}
	}
	if _, known := t.oldProps[e]; !known {
		t.oldProps[e] = old
	}
}

// setEnd writes both ends of a relationship and its properties.
func (t *txn) setEnd(e edge, fields string) {
	flag := uint64(0)
	if fields != "" {
		flag = withProps
		p := relProps{e.from, e.relation, e.to, fields}
		t.props.insert(t.owner, p, findBy(p))
	} else {
		t.props.remove(t.owner, findBy(relProps{from: e.from, relation: e.relation, to: e.to}))
	}
	from := t.touch(e.from)
	from.wroteBy(t.origin(""))
	from.addEnd(t.owner, end(false, e.relation, e.to)|flag)
	t.pages.edit(t.owner, e.to).addEnd(t.owner, end(true, e.relation, e.from)|flag)
}

// unrelate removes an existing relationship.
func (t *txn) unrelate(e edge) {
	have, _ := t.pages.at(e.from).find(end(false, e.relation, e.to))
	old := ""
	if have&withProps != 0 {
		old = t.propsOf(e)
		t.props.remove(t.owner, findBy(relProps{from: e.from, relation: e.relation, to: e.to}))
	}
	t.note(e, edgeOp{existed: true}, old)
	t.touch(e.from).removeEnd(t.owner, end(false, e.relation, e.to))
	t.pages.edit(t.owner, e.to).removeEnd(t.owner, end(true, e.relation, e.from))
	t.edges--
}

// clear removes all targets of a relation but keep.
func (t *txn) clear(from, relation uint32, keep graph.Row) {
	var targets []uint32
	t.eachNeighbour(from, link{relation, false}, func(row uint32) { targets = append(targets, row) })
	targets = slices.DeleteFunc(targets, func(row uint32) bool { return graph.Row(row) == keep })
	for _, to := range targets {
		t.unrelate(edge{from, relation, to})
		t.pages.at(from).wroteBy(t.origin(""))
	}
}

func (s *Snapshot) propsOf(e edge) string {
	p, _ := s.props.find(findBy(relProps{from: e.from, relation: e.relation, to: e.to}))
	return p.fields
}
