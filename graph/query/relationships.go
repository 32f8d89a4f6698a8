package query

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// link is one relationship as an entity sees it.
type link struct {
	relation string
	inverse  bool
	other    graph.Row
	otherID  string
	props    []graph.PathValue
}

// relationshipSource lists the relationships of entities: of one entity in one question, of many by one question per
// relationship name and direction, never one per entity.
type relationshipSource struct{}

func (relationshipSource) String() string { return "relationships" }

func (relationshipSource) ask(c *catalog, lv *level, args map[string]any, q *question) (err error) {
	q.relation, _ = args["name"].(string)
	q.way = wayOf(args["direction"])
	if q.relation != "" && c.model.Relations[q.relation] == nil {
		return unknownName("relationship", q.relation, slices.Collect(maps.Keys(c.model.Relations)))
	}
	if q.page.first, err = pageSize("first", args["first"], 10_000); err != nil {
		return err
	}
	q.page.after, err = c.decodeCursor("after", args["after"], linkHash, 2)
	return err
}

// linkHash marks cursors into relationships.
const linkHash = 0x6c696e6b

func (relationshipSource) read(x *execution, lv *level, q *question) (*frame, error) {
	from, groupOf := x.parents(lv)
	groups := make([][]link, len(from))
	var err error
	if len(from) == 1 {
		groups[0], err = x.linksOf(from[0], q)
	} else {
		err = x.linksOfMany(from, groups, q)
	}
	if err != nil {
		return nil, err
	}
	return pageLinks(lv, q, groups, groupOf), nil
}

func (x *execution) linksOf(row graph.Row, q *question) ([]link, error) {
	list, err := x.view.Relationships(x.ctx, row, q.relation, q.way)
	if err != nil {
		return nil, err
	}
	links := make([]link, len(list))
	for i, r := range list {
		links[i] = link{r.Relation, r.Inverse, r.Other, string(r.OtherID), r.Props}
	}
	return links, nil
}

func (x *execution) linksOfMany(from []graph.Row, groups [][]link, q *question) error {
	model := x.engine.catalog.model
	for _, name := range slices.Sorted(maps.Keys(model.Relations)) {
		if q.relation != "" && q.relation != name || len(from) == 0 {
			continue
		}
		for _, way := range []graph.Direction{graph.Out, graph.In} {
			if q.way != graph.Both && q.way != way {
				continue
			}
			if err := x.linksOver(model.Relations[name], way, from, groups); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *execution) linksOver(r *schema.Relation, way graph.Direction, from []graph.Row, groups [][]link) error {
	var props []schema.Path
	if c := x.engine.catalog.model.Components[r.Props]; c != nil {
		for _, p := range c.Properties {
			props = append(props, schema.Path(p.Name))
		}
	}
	b, err := x.view.Expand(x.ctx, graph.Expansion{
		From: from, Steps: []graph.Step{{Relation: r.Name, Direction: way}}, Page: graph.Page{All: true},
		Columns: []schema.Path{graph.ColumnID}, Props: props,
	})
	if err != nil {
		return err
	}
	x.tally.batch()
	for g := range groups {
		a, z := b.Group(g)
		for i := a; i < z; i++ {
			l := link{relation: r.Name, inverse: way == graph.In, other: b.Rows[i], otherID: b.Cell(0, i).Text()}
			for k, path := range props {
				if v := b.Props[k*len(b.Rows)+i]; !v.IsNull() {
					l.props = append(l.props, graph.PathValue{Path: path, Value: v})
				}
			}
			groups[g] = append(groups[g], l)
		}
	}
	return nil
}

// pageLinks orders the links of every group by name, other end and direction, and cuts the page out.
func pageLinks(lv *level, q *question, groups [][]link, groupOf []int32) *frame {
	f := &frame{level: lv, groupOf: groupOf, offsets: []int32{0}, whole: groups}
	for _, links := range groups {
		slices.SortStableFunc(links, func(a, b link) int { return a.compare(b.relation, b.otherID, b.inverse) })
		facts := groupFacts{total: len(links), status: connectors.OK}
		if c := q.page.after; c != nil {
			n := 0
			for n < len(links) && links[n].compare(c.Keys[0].Text(), string(c.ID), c.Keys[1].Bool()) <= 0 {
				n++
			}
			links, facts.before = links[n:], n > 0
		}
		if len(links) > q.page.first {
			links, facts.more = links[:q.page.first], true
		}
		f.links = append(f.links, links...)
		f.offsets = append(f.offsets, int32(len(f.links)))
		f.facts = append(f.facts, facts)
	}
	f.n = len(f.links)
	return f
}

func (l link) compare(relation, other string, inverse bool) int {
	return cmp.Or(strings.Compare(l.relation, relation), strings.Compare(l.otherID, other), b2i(l.inverse)-b2i(inverse))
}

// linkEndSource is the entity at the other end of every link.
type linkEndSource struct{}

func (linkEndSource) String() string { return "read" }

func (linkEndSource) read(x *execution, lv *level, q *question) (*frame, error) {
	parent := x.frames[lv.parent.id]
	f := &frame{level: lv, n: parent.n, rows: make([]graph.Row, parent.n), cols: q.columns, offsets: make([]int32, parent.n+1)}
	for i := range parent.links {
		f.rows[i], f.offsets[i+1] = parent.links[i].other, int32(i+1)
	}
	cells, err := x.view.Read(x.ctx, f.rows, q.columns)
	f.cells = cells
	return f, err
}
