package neo4j

import (
	"context"
	"fmt"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
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
	records, err := w.v.read(ctx, levels(out, in, depth, withRelationships), map[string]any{"ids": idsOf(starts), "most": aheadMost})
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

// around is ahead from one entity for who needs to know how far the others are and not over which relationships: one from
// the level before stands for all. They are not those of the graph, so no condition may look at them.
func (w *walk) around(ctx context.Context, start graph.EntityID, depth int) error {
	out, in := w.directions()
	depth = min(depth, aheadDepth)
	if out == "" && in == "" {
		return nil
	}
	records, err := w.v.read(ctx, levels(out, in, depth, withDepths), map[string]any{"ids": []string{string(start)}, "most": aheadMost})
	if err != nil || len(records) == 0 {
		return err
	}
	whole := 0 // levels
	for _, n := range records[0].Values[1:] {
		if size, _ := n.(int64); size >= aheadMost {
			break
		}
		whole++
	}
	found := make([][]graph.EntityID, depth+1)
	rows, _ := records[0].Values[0].([]any)
	entities := make([]record.Entity, 0, len(rows))
	for _, row := range rows {
		values, _ := row.([]any)
		e, err := entityOf(&driver.Record{Values: values})
		if err != nil {
			return err
		}
		if e.ID == start {
			continue
		}
		level, _ := values[3].(int64)
		entities = append(entities, e)
		found[level] = append(found[level], e.ID)
	}
	w.v.learn(entities)
	w.stand(start, found[1:whole+1])
	return nil
}

// stand puts levels one behind the other.
func (w *walk) stand(start graph.EntityID, levels [][]graph.EntityID) {
	step := w.steps[slices.IndexFunc(w.steps, func(s graph.Step) bool { return w.v.relates(s.Relation) })]
	before := []graph.EntityID{start}
	for _, level := range levels {
		for i, id := range before {
			if w.near[id] = nil; i == 0 {
				w.near[id] = level
			}
		}
		for _, id := range level {
			r := record.Relationship{From: before[0], Relation: step.Relation, To: id}
			if step.Direction == graph.In {
				r.From, r.To = r.To, r.From
			}
			w.p.edges[edgeOf(&r)] = r
		}
		if before = level; len(level) == 0 {
			return
		}
	}
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

// What levels returns beside the entities met.
const (
	withRelationships = iota // their relationships, level by level
	withDepths               // how far they are, and how many relationships every level holds
)

// levels is the statement for a number of levels. That relationships lead to entities and states need not be tested.
func levels(out, in string, depth, with int) statement {
	const holds = " WHERE e._since <= $r AND e._until > $u RETURN e, y"
	var text, returns strings.Builder
	var met []string
	text.WriteString("UNWIND $ids AS id MATCH (n:@Entity {id: id}) USING INDEX SEEK n:@Entity(id) WITH collect(n) AS n0")
	for i := 1; i <= depth; i++ {
		var ways []string
		from := fmt.Sprintf("WITH n%d UNWIND n%[1]d AS x MATCH ", i-1)
		if out != "" {
			ways = append(ways, from+"(x)-[e:"+out+"]->(y)"+holds)
		}
		if in != "" {
			ways = append(ways, from+"(x)<-[e:"+in+"]-(y)"+holds)
		}
		taken, returned := fmt.Sprintf("collect(e) AS e%d", i), fmt.Sprintf(", [e IN e%d | [startNode(e).id, type(e), endNode(e).id, e._props]]", i)
		if with == withDepths {
			taken, returned = fmt.Sprintf("count(e) AS e%d", i), fmt.Sprintf(", e%d", i)
		}
		fmt.Fprintf(&text, "\nCALL { WITH n%d CALL { %s } WITH e, y LIMIT $most RETURN %s, collect(DISTINCT y) AS n%d }", i-1, strings.Join(ways, " UNION ALL "), taken, i)
		met = append(met, fmt.Sprint("n", i))
		returns.WriteString(returned)
	}
	const states = " MATCH (n)-[:_state]->(s) WHERE s._since <= $r AND s._until > $u RETURN [" + theState
	entities := "UNWIND " + strings.Join(met, " + ") + " AS n WITH DISTINCT n" + states + "]"
	if with == withDepths {
		entities = fmt.Sprintf("UNWIND range(1, %d) AS depth UNWIND [%s][depth - 1] AS n WITH n, min(depth) AS depth", depth, strings.Join(met, ", ")) + states + ", depth]"
	}
	return statement{text: text.String() + "\nRETURN COLLECT { " + entities + " }" + returns.String()}
}
