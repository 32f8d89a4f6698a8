package neo4j_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/neo4j"
	"mereon/schema"
)

// benchmark is a world in Neo4j, with a driver for the same questions in Cypher written by hand.
type benchmark struct {
	world graphtest.World
	store *tested
	name  string
	plain driver.DriverWithContext
}

func newBenchmark(b *testing.B, entities int) *benchmark {
	b.Helper()
	o := server(b)
	w := &benchmark{world: graphtest.World{Entities: entities, Seed: 1}}
	w.store = openWith(b, b.TempDir(), o)
	w.name = w.store.name
	if entities > 0 {
		if _, err := w.store.Apply(context.Background(), w.world.All()); err != nil {
			b.Fatal(err)
		}
	}
	var err error
	if w.plain, err = driver.NewDriverWithContext(o.URL, driver.BasicAuth(o.User, o.Password, "")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.plain.Close(context.Background()) })
	return w
}

// byHand runs a statement and reads its answer, row by row as a program would.
func (w *benchmark) byHand(b *testing.B, text string, parameters map[string]any) (rows int) {
	ctx := context.Background()
	session := w.plain.NewSession(ctx, driver.SessionConfig{AccessMode: driver.AccessModeRead, FetchSize: driver.FetchAll})
	defer session.Close(ctx)
	result, err := session.Run(ctx, text, parameters)
	if err != nil {
		b.Fatal(err)
	}
	for result.Next(ctx) {
		r := result.Record()
		if id, ok := r.Values[0].(string); !ok || id == "" {
			b.Fatal("a row without an id")
		}
		rows++
	}
	return rows
}

// BenchmarkNeighbourhood asks for all that three steps of feeds lead to from changing entities, with id and name.
func BenchmarkNeighbourhood(b *testing.B) {
	w := newBenchmark(b, 5_000)
	ctx := context.Background()
	steps := []graph.Step{{Relation: "feeds"}, {Relation: "isPartOf", Direction: graph.In}}
	mereon := func(b *testing.B, n int) int {
		v, err := graph.LateView(ctx, w.store)
		if err != nil {
			b.Fatal(err)
		}
		defer v.Close()
		next := graph.Reach{Steps: steps, MaxDepth: 3, Page: graph.Page{All: true}, Columns: []schema.Path{"id", "name"}}
		start, err := graph.Foresee(v, []graph.Next{{Reach: &next}}).Lookup(ctx, []graph.EntityID{w.world.ID(n)}, nil)
		if err != nil {
			b.Fatal(err)
		}
		next.From = start.Rows
		found, err := v.Reach(ctx, next)
		if err != nil {
			b.Fatal(err)
		}
		return len(found.Rows)
	}
	text := fmt.Sprintf(`MATCH (a:%[1]sEntity {id: $id})
CALL { WITH a MATCH (a)-[:feeds]->(b) RETURN b UNION WITH a MATCH (a)<-[:isPartOf]-(b) RETURN b }
WITH a, collect(DISTINCT b) AS one
CALL { WITH one UNWIND one AS x MATCH (x)-[:feeds]->(b) RETURN b UNION WITH one UNWIND one AS x MATCH (x)<-[:isPartOf]-(b) RETURN b }
WITH a, one, collect(DISTINCT b) AS two
CALL { WITH two UNWIND two AS x MATCH (x)-[:feeds]->(b) RETURN b UNION WITH two UNWIND two AS x MATCH (x)<-[:isPartOf]-(b) RETURN b }
WITH a, one, two, collect(DISTINCT b) AS three
WITH a, one + two + three AS met UNWIND met AS b WITH DISTINCT a, b WHERE b <> a
MATCH (b)-[:_state]->(s:%[1]sState) RETURN b.id, s.name`, w.name)
	hand := func(b *testing.B, n int) int { return w.byHand(b, text, map[string]any{"id": string(w.world.ID(n))}) }
	w.compare(b, mereon, hand)
}

// compare runs both ways beside each other, so that both feel the same load, and reports the ratio.
func (w *benchmark) compare(b *testing.B, mereon, hand func(b *testing.B, n int) int) {
	for n := range 20 { // plans, caches
		if got, want := mereon(b, n), hand(b, n); got != want {
			b.Fatalf("%d: %d rows, by hand %d", n, got, want)
		}
	}
	var ours, theirs stopwatch
	rows := 0
	for n := 0; b.Loop(); n++ {
		at := n * 37 % w.world.Entities
		ways := []func(){func() { ours.run(func() { rows += mereon(b, at) }) }, func() { theirs.run(func() { hand(b, at) }) }}
		for i := range ways { // who goes second finds warm what both look at
			ways[(i+n)%2]()
		}
	}
	b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
	b.ReportMetric(ours.millis()/float64(b.N), "ms-mereon")
	b.ReportMetric(theirs.millis()/float64(b.N), "ms-by-hand")
	b.ReportMetric(ours.millis()/theirs.millis(), "x-by-hand")
}

// BenchmarkFilteredList asks for the first 100 entities of a type whose indexed number is above a value, by id.
func BenchmarkFilteredList(b *testing.B) {
	w := newBenchmark(b, 5_000)
	ctx := context.Background()
	typ := w.world.Type(0)
	mereon := func(b *testing.B, n int) int {
		v, err := graph.LateView(ctx, w.store)
		if err != nil {
			b.Fatal(err)
		}
		defer v.Close()
		where := &schema.Condition{Op: schema.And, Args: []*schema.Condition{
			{Op: schema.Eq, Path: "maker", Value: schema.StringOf([]string{"Acme", "Borsig", "Cifa"}[n%3])}, {Op: schema.Gt, Path: "count", Value: schema.IntOf(int64(n % 500))}}}
		found, err := v.Select(ctx, graph.Selection{Types: []schema.TypeName{typ}, Where: where, Page: graph.Page{First: 100}, Columns: []schema.Path{"id", "name"}})
		if err != nil {
			b.Fatal(err)
		}
		return len(found.Rows)
	}
	text := fmt.Sprintf(`MATCH (s:%sState) WHERE s.assetType = $type AND s.id > '' AND s.maker = $maker AND s.count > $count RETURN s.id, s.name ORDER BY s.id LIMIT 100`, w.name)
	hand := func(b *testing.B, n int) int {
		return w.byHand(b, text, map[string]any{"type": string(typ), "maker": neo4j.SortKey(schema.StringOf([]string{"Acme", "Borsig", "Cifa"}[n%3])), "count": neo4j.SortKey(schema.IntOf(int64(n % 500)))})
	}
	w.compare(b, mereon, hand)
}

// BenchmarkReachOf10000 counts the statements for everything below a root: one a frontier, and one for the values.
func BenchmarkReachOf10000(b *testing.B) {
	w := newBenchmark(b, 10_001)
	ctx := context.Background()
	for b.Loop() {
		v, err := graph.LateView(ctx, w.store)
		if err != nil {
			b.Fatal(err)
		}
		start, err := v.Lookup(ctx, []graph.EntityID{w.world.ID(0)}, nil)
		if err != nil {
			b.Fatal(err)
		}
		before := w.store.Statements()
		found, err := v.Reach(ctx, graph.Reach{From: start.Rows, Steps: []graph.Step{{Relation: "locatedIn", Direction: graph.In}}, Page: graph.Page{All: true}, Columns: []schema.Path{"id", "name"}})
		if err != nil || len(found.Rows) != 10_000 {
			b.Fatalf("%d rows, %v", len(found.Rows), err)
		}
		b.ReportMetric(float64(w.store.Statements()-before), "statements")
		b.ReportMetric(float64(found.Depth[len(found.Depth)-1]+1), "frontiers")
	}
}

// BenchmarkDurableUpdates lets ten writers update the entities of a hundred each, one after the other, beside ten that do so
// in one statement of Cypher. All were updated before: what was never touched takes two statements more a group.
func BenchmarkDurableUpdates(b *testing.B) {
	w := newBenchmark(b, 1000)
	ctx := context.Background()
	const writers, each = 10, 20
	mereon := func(writer, n int) error {
		_, err := w.store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: w.world.ID(n%100*writers + writer), Values: []graph.PathValue{{Path: "count", Value: schema.IntOf(int64(n))}}}}})
		return err
	}
	text := fmt.Sprintf("MATCH (n:%sPlain {id: $id}) SET n.count = $n", w.name)
	byHand := func(writer, n int) error {
		session := w.plain.NewSession(ctx, driver.SessionConfig{})
		defer session.Close(ctx)
		result, err := session.Run(ctx, text, map[string]any{"id": n%100*writers + writer, "n": n})
		if err == nil {
			_, err = result.Consume(ctx)
		}
		return err
	}
	session := w.plain.NewSession(ctx, driver.SessionConfig{})
	defer session.Close(ctx)
	for _, t := range []string{"CREATE CONSTRAINT %[1]sPlain IF NOT EXISTS FOR (n:%[1]sPlain) REQUIRE n.id IS UNIQUE", "UNWIND range(0, 999) AS i MERGE (:%[1]sPlain {id: i})"} {
		if result, err := session.Run(ctx, fmt.Sprintf(t, w.name), nil); err != nil {
			b.Fatal(err)
		} else if _, err := result.Consume(ctx); err != nil {
			b.Fatal(err)
		}
	}
	var ours, theirs stopwatch
	round := 0
	all := func(change func(writer, n int) error) func() {
		return func() {
			round++
			var running sync.WaitGroup
			for writer := range writers {
				running.Go(func() {
					for n := range each {
						if err := change(writer, round*each+n); err != nil {
							b.Error(err)
						}
					}
				})
			}
			running.Wait()
		}
	}
	for range 2 * 100 / each { // plans, caches, all that there is to know
		all(mereon)()
		all(byHand)()
	}
	before := w.store.Statements()
	for b.Loop() {
		ours.run(all(mereon))
		theirs.run(all(byHand))
	}
	updates := float64(b.N * writers * each * 1000)
	b.ReportMetric(float64(w.store.Statements()-before)*1000/updates, "statements/update")
	b.ReportMetric(updates/ours.millis(), "updates/s-mereon")
	b.ReportMetric(updates/theirs.millis(), "updates/s-by-hand")
	b.ReportMetric(theirs.millis()/ours.millis(), "x-by-hand")
}
