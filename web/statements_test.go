package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/web"
)

// counting opens Neo4j without a mirror and keeps who counts its statements.
func counting(t *testing.T) (opener, func() int64) {
	off := false
	open := onNeo4j(t, project.Mirror{Enabled: &off}, graphOf)
	var counter interface{ Statements() int64 }
	return func(ctx context.Context, s project.Store, o web.StoreOptions) (graph.Store, error) {
		store, err := open(ctx, s, o)
		if err == nil {
			counter = store.(interface{ Statements() int64 })
		}
		return store, err
	}, func() int64 { return counter.Statements() }
}

// TestWhatAnOperationTakesOnNeo4jItself counts statements: those of the operation, and now and then one of the store itself,
// which looks every 100 ms for changes of others.
func TestWhatAnOperationTakesOnNeo4jItself(t *testing.T) {
	once(t)
	store, statements := counting(t)
	dir := smallFolder(t, "")
	const model = "type Pump @asset { serialNumber: String! @unique feeds: [Pump!] @relation(name: \"feeds\", inverse: \"fedBy\") }\n"
	pumps := ""
	for n := range 6 {
		pumps += fmt.Sprintf("- {assetType: Pump, id: pump-%d, name: Pump %[1]d, serialNumber: S-%[1]d, feeds: [pump-%d]}\n", n, (n+1)%6)
	}
	for name, text := range map[string]string{"model/pump.graphql": model, "entities/pumps.yaml": pumps} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := replica(t, dir, store)
	for _, c := range []struct {
		query string
		most  int64
	}{
		{`{ pump(id: "pump-1") { name } }`, 1},
		{`{ pump(id: "pump-1") { name reach(via: ["feeds"], maxDepth: 3) { nodes { depth entity { name } } } } }`, 1},
		{`{ pump(serialNumber: "S-1") { name reach(via: ["feeds"], maxDepth: 2) { nodes { depth entity { id } } } } }`, 1},
		{`{ pump(serialNumber: "S-1") { name reach(via: ["feeds"], maxDepth: 2) { nodes { depth path { id } } } } }`, 1},
		{`{ pump(id: "pump-1") { name feeds { nodes { name } } fedBy(first: 1) { totalCount nodes { name } } } }`, 1},
		{`{ pump(serialNumber: "S-1") { feeds(where: {name: {startsWith: "Pump"}}) { nodes { name } } reach(via: ["feeds"], maxDepth: 2) { nodes { depth } } } }`, 1},
		{`{ pump(id: "pump-1") { feeds { nodes { name feeds { nodes { name } } } } } }`, 2},
		{`{ nodes(ids: ["pump-1", "pump-2"]) { id ... on Pump { feeds { nodes { name } } } } }`, 2},
		{`{ a: pump(id: "pump-1") { reach(via: ["feeds"], maxDepth: 2) { totalCount } } b: pump(id: "pump-2") { reach(via: ["feeds"], maxDepth: 2) { totalCount } } }`, 2},
	} {
		fewest := int64(1 << 30)
		for range 30 {
			before := statements()
			if r := s.query(t, c.query, nil); len(r.Errors) > 0 {
				t.Fatalf("%s: %s", c.query, r.text)
			}
			if fewest = min(fewest, statements()-before); fewest <= c.most {
				break
			}
		}
		if fewest > c.most {
			t.Errorf("%d statements, want %d: %s", fewest, c.most, c.query)
		}
	}
}
