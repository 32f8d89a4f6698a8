package neo4j

import (
	"context"
	"fmt"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// groupings puts together the statement that lets Neo4j make groups: of a selection or of neighbours whose conditions it has
// exactly, by values and by what is related over one step. Counts, least and greatest values are measured by it: sort keys say
// which entity has them, and that one says what they are.
type groupings struct {
	v       *View
	q       *graph.Aggregation
	push    *pushdown
	c       *candidates // of a selection; nil for neighbours
	w       *children   // of neighbours
	text    strings.Builder
	with    []string // what later parts need
	keys    []string
	returns []string // how they come about, keys then measures
}

// counted answers from groups that Neo4j made. ok is false when entities have to come over: for sums and averages, since
// sort keys are no values, for groups by what is related over many steps, for a search and for a part below a root.
func (v *View) counted(ctx context.Context, q *graph.Aggregation) (groups *graph.Groups, ok bool, err error) {
	g := newGroupings(v, q)
	if g == nil || !g.possible() {
		return nil, false, nil
	}
	var sets []countSet
	if q.From == nil {
		sets, err = g.ofSelection(ctx)
	} else {
		sets, err = g.ofNeighbours(ctx)
	}
	if err != nil {
		return nil, false, err
	}
	for i := range sets {
		if q.Most > 0 && len(sets[i].rows) > q.Most {
			return nil, false, fault.New(fault.Limit, "there are more than %d groups: group by something with fewer values, or narrow the question", q.Most)
		}
	}
	return v.groupsOf(ctx, q, sets)
}

// newGroupings is nil when there are too many to begin with for one statement, or nothing is followed.
func newGroupings(v *View, q *graph.Aggregation) *groupings {
	g := &groupings{v: v, q: q}
	if q.From == nil {
		g.c, g.push = newCandidates(v, &q.Of, newPatch(v.layout)), pushedDown(v.layout, q.Of.Where)
		return g
	}
	g.w = childrenOf(v, &graph.Expansion{Steps: q.Steps, Types: q.Of.Types, Where: q.Of.Where}, len(q.From))
	if g.w == nil {
		return nil
	}
	g.push = g.w.push
	return g
}

// possible says whether all that is asked for can be put into words.
func (g *groupings) possible() bool {
	of := &g.q.Of
	if !g.push.whole || g.c != nil && (of.IDs != nil || of.Rows != nil || of.Within != nil || g.c.query != nil) {
		return false
	}
	for _, by := range g.q.By {
		if _, known := g.push.column(by.Path); by.Far || len(by.Steps) == 0 && !known {
			return false
		}
	}
	for _, m := range g.q.Measures {
		if _, known := g.push.column(m.Path); !known || m.Func != schema.FoldCount && m.Func != schema.FoldMin && m.Func != schema.FoldMax {
			return false
		}
	}
	return true
}

// group adds the end of the statement, which makes groups of the states s.
func (g *groupings) group() {
	g.returns = append(g.returns, "count(*) AS n", "min(s.id) AS one")
	for i, by := range g.q.By {
		key := fmt.Sprint("key", i)
		if g.keys = append(g.keys, key); len(by.Steps) > 0 {
			g.near(by, key)
			g.returns = append(g.returns, key)
			g.with = append(g.with, key)
		} else {
			column, _ := g.push.column(by.Path)
			g.returns = append(g.returns, column+" AS "+key)
		}
	}
	for i, m := range g.q.Measures {
		column, _ := g.push.column(m.Path)
		name := fmt.Sprint("measure", i)
		g.keys = append(g.keys, name)
		switch m.Func {
		case schema.FoldCount:
			g.returns = append(g.returns, "count("+column+") AS "+name)
		default:
			least := strings.ToLower(string(m.Func)) // or greatest: a text of both is compared sooner than a list
			g.returns = append(g.returns, "["+least+"("+column+"), "+least+"("+column+" + '\\u0000' + s.id)] AS "+name)
		}
	}
}

// near goes on to every related entity that makes a group; null stands for none.
func (g *groupings) near(by graph.Grouping, key string) {
	w := newWalk(g.v, nil, by.Steps)
	out, in := w.directions()
	end := "(other) WHERE e._since <= $r AND e._until > $u"
	if by.Types != nil {
		end += " MATCH (other)-[:_state]->(o) WHERE o.assetType IN " + g.push.parameter(idsOf(by.Types)) + " AND o._until > $u AND o._since <= $r"
	}
	var ways []string
	if out != "" {
		ways = append(ways, "MATCH (s)<-[:_state]-()-[e:"+out+"]->"+end+" RETURN DISTINCT other.id AS end")
	}
	if in != "" {
		ways = append(ways, "MATCH (s)<-[:_state]-()<-[e:"+in+"]-"+end+" RETURN DISTINCT other.id AS end")
	}
	kept := strings.Join(append([]string{"s"}, g.with...), ", ")
	if len(ways) == 0 {
		g.text.WriteString("\nWITH " + kept + ", null AS " + key)
		return
	}
	g.text.WriteString("\nWITH " + kept + ", COLLECT { " + strings.Join(ways, " UNION ") + " } AS near UNWIND CASE near WHEN [] THEN [null] ELSE near END AS " + key)
}

// ofSelection makes groups of all that a selection holds: one set.
func (g *groupings) ofSelection(ctx context.Context) ([]countSet, error) {
	of := &g.q.Of
	free := of.Where == nil && len(g.q.By)+len(g.q.Measures) == 0 // as memory counts: nobody is looked at
	if of.Budget > 0 && !free {
		if err := g.c.affordable(ctx); err != nil {
			return nil, err
		}
	}
	src := g.c.source()
	g.text.WriteString(src.match)
	for _, t := range g.push.tests {
		g.text.WriteString(" AND " + t)
	}
	g.text.WriteString(alive)
	for k, p := range src.params {
		g.push.parameters[k] = p
	}
	g.group()
	records, err := g.ask(ctx, "n, one")
	if err != nil {
		return nil, err
	}
	if len(records) == 0 && len(g.q.By) == 0 { // see countOf
		records = []*driver.Record{{Values: make([]any, 2+len(g.keys))}}
	}
	set, total := countSet{}, 0
	for _, r := range records {
		set.read(r.Values, len(g.q.By))
		total += set.rows[len(set.rows)-1].entities
	}
	if of.Budget > 0 && total > of.Budget && !free && len(g.with) == 0 {
		return nil, tooMany(of.Budget)
	}
	return []countSet{set}, nil
}

func (g *groupings) ask(ctx context.Context, returns string) ([]*driver.Record, error) {
	g.text.WriteString("\nWITH " + strings.Join(g.returns, ", "))
	return g.v.read(ctx, statement{text: g.text.String(), returns: strings.Join(append([]string{returns}, g.keys...), ", ")}, g.push.parameters)
}

// ofNeighbours makes groups of the neighbours of every row: a set each.
func (g *groupings) ofNeighbours(ctx context.Context) ([]countSet, error) {
	ids := make([]graph.EntityID, len(g.q.From)) // "" for rows that are none
	distinct := map[graph.EntityID]int{}
	var asked []string
	for i, row := range g.q.From {
		if at := g.v.idsAt([]graph.Row{row}); len(at) == 1 {
			ids[i] = at[0]
			if distinct[ids[i]]++; distinct[ids[i]] == 1 {
				asked = append(asked, string(ids[i]))
			}
		}
	}
	g.push.parameters["ids"] = asked
	if budget := g.q.Of.Budget; budget > 0 {
		met := 0
		records, err := g.v.read(ctx, statement{text: theParents + "\nCALL { WITH ~a " + g.w.edges() + " }", returns: "id, n"}, map[string]any{"ids": asked})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			id, _ := r.Values[0].(string)
			n, _ := r.Values[1].(int64)
			met += int(n) * distinct[graph.EntityID(id)]
		}
		if met > budget {
			return nil, tooMany(budget)
		}
	}
	g.with = []string{"id"}
	g.text.WriteString(theParents + "\n" + g.w.ways() + "\nWITH a.id AS id, y" + g.w.states(g.push.tests))
	g.returns = []string{"id"}
	g.group()
	records, err := g.ask(ctx, "id, n, one")
	if err != nil {
		return nil, err
	}
	found := map[graph.EntityID]*countSet{}
	for _, r := range records {
		id, _ := r.Values[0].(string)
		set := found[graph.EntityID(id)]
		if set == nil {
			set = &countSet{}
			found[graph.EntityID(id)] = set
		}
		set.read(r.Values[1:], len(g.q.By))
	}
	sets := make([]countSet, len(ids))
	for i, id := range ids {
		switch set := found[id]; {
		case set != nil:
			sets[i] = *set
		case len(g.q.By) == 0:
			sets[i].read(make([]any, 2+len(g.keys)), 0)
		}
	}
	return sets, nil
}
