package neo4j_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph/graphtest"
	"mereon/graph/neo4j"
)

// TestStatementsFindByIndexes lets the server explain every statement that TestNoValueReachesTheTextOfAStatement hears, on a
// graph that is not small. Those that look at all there is say so here.
func TestStatementsFindByIndexes(t *testing.T) {
	o, h := server(t), &heard{parameters: map[string]map[string]any{}}
	o.Trace(h.add)
	s := openWith(t, t.TempDir(), o)
	ctx := context.Background()
	set := graphtest.World{Entities: 2_000, Seed: 1}.All()
	set.Layout, set.Relationships = nil, nil
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	useEverything(t, s, "name")
	mended(t, s)
	d, err := driver.NewDriverWithContext(o.URL, driver.BasicAuth(o.User, o.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(ctx)
	session := d.NewSession(ctx, driver.SessionConfig{})
	defer session.Close(ctx)
	explained := 0
	texts, parameters := h.all()
	for text := range texts {
		if strings.HasPrefix(text, "CREATE ") || strings.Contains(text, "CALL db.await") || strings.Contains(text, "LIMIT 2000 DETACH") {
			continue // makes indexes, waits for them, empties what an earlier test left
		}
		result, err := session.Run(ctx, "EXPLAIN "+text, parameters[text])
		if err != nil {
			t.Fatalf("%v of %s", err, text)
		}
		summary, err := result.Consume(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, scan := range scans(summary.Plan()) {
			if !looksAtAll(text, s.name) {
				t.Errorf("%s in\n%s", scan, text)
			}
		}
		explained++
	}
	if explained < 30 {
		t.Errorf("only %d statements were explained", explained)
	}
}

// looksAtAll names the statements that read a whole label: what there is little of, counts and cleaning.
func looksAtAll(text, name string) bool {
	for _, of := range []string{"Layout) WHERE l._until", "Pin)", "Pin {"} {
		if strings.Contains(text, name+of) {
			return true
		}
	}
	return false
}

// scans lists the operators of a plan that go through all nodes of a label or all of an index.
func scans(p driver.Plan) (found []string) {
	if p == nil {
		return nil
	}
	for _, way := range []string{"NodeByLabelScan", "AllNodesScan", "NodeIndexScan", "NodeIndexContainsScan"} {
		if strings.Contains(p.Operator(), way) {
			found = append(found, fmt.Sprint(p.Operator(), " ", p.Arguments()["Details"]))
		}
	}
	for _, child := range p.Children() {
		found = append(found, scans(child)...)
	}
	return found
}

// TestGraphsAreMadeBesideEachOther makes graphs in one database at once, one of them by two: none waits for what another one
// makes, and none is in the way of another.
func TestGraphsAreMadeBesideEachOther(t *testing.T) {
	o := server(t)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Second) // a wait for the indexes of others ends after 120
	defer cancel()
	begun := time.Now().UnixNano() // the graphs of another run are made
	var made sync.WaitGroup
	for n := range 4 {
		o := o
		o.Graph = fmt.Sprint("Beside", begun, "x", n/2)
		made.Go(func() {
			s, err := neo4j.Open(ctx, o)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	made.Wait()
}
