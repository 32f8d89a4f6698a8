package query

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors/connectortest"
	"mereon/schema"
)

// demo is the engine of the demo project, with the operations that come with it: what dashboards ask.
func demo(b *testing.B) (*Engine, *ast.Schema, []string) {
	b.Helper()
	var files []schema.File
	for _, name := range globbed(b, "../../fixtures/demo/model/*.graphql") {
		files = append(files, schema.File{Name: filepath.Base(name), Text: read(b, name)})
	}
	model, problems := schema.Parse(files)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	p := newPlant(b)
	engine, err := New(Options{Model: model, Store: p.store, Source: p.runtime, States: p.states})
	if err != nil {
		b.Fatal(err)
	}
	merged, err := gqlparser.LoadSchema(&ast.Source{Name: "data plane", Input: engine.SDL()})
	if err != nil {
		b.Fatal(err)
	}
	var operations []string
	for _, name := range globbed(b, "../../fixtures/demo/queries/*.graphql") {
		if text := read(b, name); valid(merged, text) {
			operations = append(operations, text)
		}
	}
	if len(operations) < 5 {
		b.Fatalf("only %d operations of the demo are valid", len(operations))
	}
	return engine, merged, operations
}

func globbed(b *testing.B, pattern string) []string {
	b.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		b.Fatal("nothing is called ", pattern, err)
	}
	return names
}

func read(b *testing.B, name string) string {
	b.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// valid says whether an operation is one of the data plane alone.
func valid(merged *ast.Schema, text string) bool {
	_, list := gqlparser.LoadQuery(merged, text)
	return list == nil
}

// BenchmarkPlanCold parses, validates and plans the operations of the demo's dashboards, none of which was seen before. The goal
// is 1 ms for 95 % of them.
func BenchmarkPlanCold(b *testing.B) {
	engine, merged, operations := demo(b)
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range operations {
			begun := time.Now()
			doc, list := gqlparser.LoadQuery(merged, text)
			if list != nil {
				b.Fatal(list)
			}
			if _, err := engine.compile(merged, doc.Operations[0], doc.Fragments, func(*ast.Field) bool { return true }); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	for name, part := range map[string]float64{"p50-µs": 0.5, "p95-µs": 0.95, "p99-µs": 0.99} {
		b.ReportMetric(float64(took[int(part*float64(len(took)-1))].Nanoseconds())/1e3, name)
	}
	b.ReportMetric(0, "ns/op")
}

// slow makes a source take its time.
func slow(f *connectortest.Faulty, delay time.Duration) {
	f.Delay = delay
	f.Become(connectortest.Slow)
}

// BenchmarkTwoConnectors asks two sources that take 5 ms each for what one level needs: once each, side by side. The goal is
// 2 ms above the slower one.
func BenchmarkTwoConnectors(b *testing.B) {
	const delay = 5 * time.Millisecond
	p := newPlant(b)
	p.hundred(b)
	slow(p.faultyPlant, delay)
	slow(p.faultyERP, delay)
	plan := p.plan(b, `{ pumps(first: 100) { nodes { id flow { value } workOrders(where: {status: {eq: OPEN}}) { nodes { number } } } } }`)
	ctx := operator(b.Context())
	var above []time.Duration
	for b.Loop() {
		plantCalls, erpCalls := p.faultyPlant.Calls(), p.faultyERP.Calls()
		begun := time.Now()
		r := plan.Execute(ctx, Request{})
		above = append(above, time.Since(begun)-delay)
		if len(r.Errors) > 0 || p.faultyPlant.Calls()-plantCalls != 1 || p.faultyERP.Calls()-erpCalls != 1 {
			b.Fatalf("%v, %d and %d calls, want one each", r.Errors, p.faultyPlant.Calls()-plantCalls, p.faultyERP.Calls()-erpCalls)
		}
	}
	slices.Sort(above)
	b.ReportMetric(float64(above[len(above)/2].Microseconds())/1000, "ms-above-the-slower")
	b.ReportMetric(1, "calls-each")
}

// BenchmarkHungConnector asks two sources of which one never answers. The goal is its deadline and 100 ms, with all else complete.
func BenchmarkHungConnector(b *testing.B) {
	var above []time.Duration
	for b.Loop() {
		p := newPlant(b) // anew, since a breaker would spare the wait
		p.hundred(b)
		p.faultyPlant.Become(connectortest.Hang)
		plan := p.plan(b, `{ pumps(first: 1000) { nodes { id flow { value status } workOrders { status nodes { number } } } } }`)
		begun := time.Now()
		r := plan.Execute(operator(b.Context()), Request{})
		above = append(above, time.Since(begun)-plantDeadline)
		if errorsOf(r) != "TIMEOUT pumps.nodes[0].flow" || strings.Contains(string(r.Data), `"UNAVAILABLE"`) || !strings.Contains(string(r.Data), `"number":"WO-1"`) {
			b.Fatalf("%s", errorsOf(r))
		}
	}
	slices.Sort(above)
	b.ReportMetric(float64(above[len(above)-1].Microseconds())/1000, "ms-above-the-deadline")
	b.ReportMetric(0, "ns/op")
}
