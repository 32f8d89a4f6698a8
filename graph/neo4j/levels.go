package neo4j

import (
	"context"
	"fmt"
	"strings"

	"mereon/graph"
)

// levels are the first levels around entities, as one statement brings them.
type levels struct {
	out, in string // relationship types followed forwards and backwards
	depth   int
	with    int
}

// What comes beside the entities met.
const (
	withRelationships = iota // their relationships, level by level
	withDepths               // how far they are, and how many relationships every level holds
)

// levels returns the entities met, and what comes beside them of every level.
func (v *View) levels(ctx context.Context, starts []graph.EntityID, l levels) ([]any, error) {
	if rows, ok := v.foreseen.take(starts, l); ok {
		return rows[0], nil
	}
	return v.levelsFrom(ctx, starts, l, aheadMost)
}

// levelsFrom asks for them, each of most relationships: one of so many may have more.
func (v *View) levelsFrom(ctx context.Context, starts []graph.EntityID, l levels, most int) ([]any, error) {
	const from = "UNWIND $ids AS id MATCH (n:@Entity {id: id}) USING INDEX SEEK n:@Entity(id) WITH collect(n) AS n0"
	records, err := v.read(ctx, l.statement(from, ""), map[string]any{"ids": idsOf(starts), "most": most})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 { // nobody to begin with: in a statement that opens a view nothing is put together to no row
		return make([]any, l.depth+1), nil
	}
	return records[0].Values, nil
}

// statement follows the levels from where n0 is the list of nodes to begin with; also is returned before all else. That
// relationships lead to entities and states need not be tested.
func (l levels) statement(from, also string) statement {
	const holds = " WHERE e._since <= $r AND e._until > $u RETURN e, y"
	var text strings.Builder
	text.WriteString(from)
	returns, met := []string{"met"}, make([]string, l.depth)
	if also != "" {
		returns = []string{also, "met"}
	}
	for i := range l.depth {
		var ways []string
		unwind := fmt.Sprintf("WITH ~n%d UNWIND n%[1]d AS x MATCH ", i)
		if l.out != "" {
			ways = append(ways, unwind+"(x)-[e:"+l.out+"]->(y)"+holds)
		}
		if l.in != "" {
			ways = append(ways, unwind+"(x)<-[e:"+l.in+"]-(y)"+holds)
		}
		taken, beside := "collect(e)", fmt.Sprintf("[e IN e%d | [startNode(e).id, type(e), endNode(e).id, e._props]]", i+1)
		if l.with == withDepths {
			taken, beside = "count(e)", fmt.Sprintf("e%d", i+1)
		}
		fmt.Fprintf(&text, "\nCALL { WITH ~n%d CALL { %s } WITH e, y LIMIT $most RETURN %s AS e%d, collect(DISTINCT y) AS n%[4]d }", i, strings.Join(ways, " UNION ALL "), taken, i+1)
		met[i], returns = fmt.Sprint("n", i+1), append(returns, beside)
	}
	const states = " MATCH (n)-[:_state]->(s) WHERE s._since <= $r AND s._until > $u RETURN [" + theState
	entities := "UNWIND " + strings.Join(met, " + ") + " AS n WITH DISTINCT n" + states + "]"
	if l.with == withDepths {
		entities = fmt.Sprintf("UNWIND range(1, %d) AS depth UNWIND [%s][depth - 1] AS n WITH n, min(depth) AS depth", l.depth, strings.Join(met, ", ")) + states + ", depth]"
	}
	fmt.Fprintf(&text, "\nWITH *, COLLECT { %s } AS met", entities)
	return statement{text: text.String(), returns: strings.Join(returns, ", ")}
}

// directions are the relationship types followed forwards and backwards.
func (v *View) directions(steps []graph.Step) (out, in string) {
	var names [2][]string
	for _, s := range steps {
		if !v.relates(s.Relation) {
			continue
		}
		if s.Direction != graph.In {
			names[0] = append(names[0], s.Relation)
		}
		if s.Direction != graph.Out {
			names[1] = append(names[1], s.Relation)
		}
	}
	return typesOf(names[0]), typesOf(names[1])
}

func (w *walk) directions() (out, in string) { return w.v.directions(w.steps) }
