package neo4j

import (
	"context"
	"fmt"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
)

const (
	aheadDepth = 4      // levels fetched by one statement at most
	aheadMost  = 10_000 // relationships of a level that one statement brings at most
	aheadFrom  = 1_000  // entities it begins with at most
)

// ahead fetches the first levels around entities in one statement: their relationships and the entities at the other ends.
// A level that holds too much is left out with those behind it: whoever walks asks for it by itself.
func (w *walk) ahead(ctx context.Context, starts []graph.EntityID, depth int) error {
	out, in := w.directions()
	if depth = min(depth, aheadDepth); depth < 1 || len(starts) == 0 || len(starts) > aheadFrom || out == "" && in == "" {
		return nil
	}
	records, err := w.v.read(ctx, levels(out, in, depth), map[string]any{"ids": idsOf(starts), "most": aheadMost})
	if err != nil || len(records) == 0 {
		return err
	}
	found, err := entitiesOf(records[0].Values[0])
	if err != nil {
		return err
	}
	w.v.learn(found)
	return w.noteLevels(starts, records[0].Values[1:])
}

// noteLevels takes the relationships of whole levels.
func (w *walk) noteLevels(level []graph.EntityID, lists []any) error {
	seen := map[graph.EntityID]bool{}
	for _, list := range lists {
		rows, _ := list.([]any)
		if len(rows) >= aheadMost {
			return nil
		}
		asked := make(map[graph.EntityID]bool, len(level))
		for _, id := range level {
			if _, before := w.near[id]; !before {
				w.near[id], asked[id] = nil, true
			}
			seen[id] = true
		}
		for _, row := range rows {
			values, _ := row.([]any)
			r, err := relationshipOf(&driver.Record{Values: values})
			if err != nil {
				return err
			}
			w.note(&r, asked)
		}
		var next []graph.EntityID
		for _, id := range level {
			for _, other := range w.near[id] {
				if !seen[other] {
					seen[other] = true
					next = append(next, other)
				}
			}
		}
		level = next
	}
	return nil
}

// directions are the relationship types followed forwards and backwards.
func (w *walk) directions() (out, in string) {
	var names [2][]string
	for _, s := range w.steps {
		if !w.v.relates(s.Relation) {
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

// levels is the statement for a number of levels: it returns the entities met, then the relationships level by level.
func levels(out, in string, depth int) statement {
	const holds = " WHERE e._since <= $r AND e._until > $u RETURN e, y"
	var text, met, returns strings.Builder
	text.WriteString("UNWIND $ids AS id MATCH (n:@Entity {id: id}) WITH collect(n) AS n0")
	for i := 1; i <= depth; i++ {
		var ways []string
		from := fmt.Sprintf("WITH n%d UNWIND n%[1]d AS x MATCH ", i-1)
		if out != "" {
			ways = append(ways, from+"(x)-[e:"+out+"]->(y:@Entity)"+holds)
		}
		if in != "" {
			ways = append(ways, from+"(x)<-[e:"+in+"]-(y:@Entity)"+holds)
		}
		fmt.Fprintf(&text, "\nCALL { WITH n%d CALL { %s } WITH e, y LIMIT $most RETURN collect(e) AS e%d, collect(DISTINCT y) AS n%[3]d }", i-1, strings.Join(ways, " UNION ALL "), i)
		if i > 1 {
			met.WriteString(" + ")
		}
		fmt.Fprintf(&met, "n%d", i)
		fmt.Fprintf(&returns, ", [e IN e%d | [startNode(e).id, type(e), endNode(e).id, e._props]]", i)
	}
	entities := "COLLECT { UNWIND " + met.String() + " AS n WITH DISTINCT n MATCH (n)-[:_state]->(s:@State) WHERE s._since <= $r AND s._until > $u RETURN [" + theState + "] }"
	return statement{text: text.String() + "\nRETURN " + entities + returns.String()}
}
