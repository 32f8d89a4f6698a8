package query

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema/fault"
)

// Each file of testdata/explain is an operation, its plan with costs, and what running it took, without the times.
func TestWhatRunningTook(t *testing.T) {
	files, err := filepath.Glob("testdata/explain/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			p := newPlant(t)
			if strings.Contains(file, "source_first") {
				p.many(t, 2_000)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			operation, want, _ := strings.Cut(string(text), "\n---- before\n")
			before, err := p.plan(t, operation).Preview(operator(t.Context()), Request{})
			if err != nil {
				t.Fatal(err)
			}
			r := p.ask(t, operation, nil)
			if len(r.Errors) > 0 {
				t.Fatal(r.Errors)
			}
			timeless(r.Explain.Tree)
			got := Text(before.Tree) + "---- after\n" + Text(r.Explain.Tree)
			if *update {
				if err := os.WriteFile(file, []byte(strings.TrimRight(operation, "\n")+"\n---- before\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got, run with -update to accept:\n%s", diff)
			}
		})
	}
}

// timeless takes the times out, and puts questions that are asked side by side into one order.
func timeless(steps []*PlanStep) {
	slices.SortStableFunc(steps, func(a, b *PlanStep) int {
		if !a.isQuestion() || !b.isQuestion() {
			return 0
		}
		return strings.Compare(a.Step+a.From+a.Does, b.Step+b.From+b.Does)
	})
	for _, s := range steps {
		if s.Took != nil {
			s.Took.Ms = 0
		}
		timeless(s.Steps)
	}
}

func TestCostIsRefusedBeforeAnythingIsRead(t *testing.T) {
	p := newPlant(t)
	p.many(t, 3_000)
	for _, c := range []struct{ operation, want string }{
		{`{ pumps(first: 3000) { nodes { id feeds(first: 10000) { nodes { id fedBy(first: 10000) { nodes { id } } } } } } }`, "pumps.feeds.fedBy alone"},
		{`{ entities(first: 10000) { nodes { a: descendants(hierarchy: "place", first: 10000) { nodes { id b: descendants(hierarchy: "place") { nodes { id } } } } } } }`, "entities.descendants.descendants alone"},
		{`{ pumps(first: 10000) { nodes { flow { a: history(from: "2026-01-01T00:00:00Z", first: 10000) { until } b: history(from: "2026-01-02T00:00:00Z", first: 10000) { until } c: history(from: "2026-01-03T00:00:00Z", first: 10000) { until } d: history(from: "2026-01-04T00:00:00Z", first: 10000) { measurements { value } } } } } }`, "pumps alone"},
	} {
		calls, _ := p.series.Calls()
		r := p.ask(t, c.operation, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit || !strings.Contains(r.Errors[0].Message, "the limit is 100000000 (limits.cost)") ||
			!strings.Contains(r.Errors[0].Message, c.want) || r.Data != nil {
			t.Errorf("%s: %s %v", c.operation, r.Data, r.Errors)
		}
		if after, _ := p.series.Calls(); after != calls || r.Explain.Rows > 0 {
			t.Errorf("%s was begun", c.operation)
		}
	}
}

// What people build dashboards of costs far less than the limit, whatever pages they take by default.
func TestSensibleDashboardsAreAffordable(t *testing.T) {
	p := newPlant(t)
	p.many(t, 3_000)
	for _, operation := range []string{
		everything,
		`{ pumps { nodes { name flow { value } temperature { value } load { value } location { name } workOrders { nodes { number notes { nodes { text } } } } feeds { nodes { name flow { value } feeds { nodes { name } } } } states { state } } } alarms { message } }`,
		`{ pumps(first: 1000, orderBy: [{flow: DESC}]) { nodes { name flow { value history(from: "2026-01-01T00:00:00Z", every: "1h", aggregate: AVG) { measurements { value } } } } } }`,
		`{ spaces { nodes { children(hierarchy: "place") { nodes { children(hierarchy: "place") { nodes { children(hierarchy: "place") { nodes { children(hierarchy: "place") { nodes { name } } } } } } } } } } }`,
		`{ spaces { nodes { name equipment { nodes { name parts { nodes { name } } workOrders { totalCount } } } spaces { nodes { name equipment { nodes { name } } } } } } }`,
		`{ entities(first: 10000) { nodes { id name assetType } } }`,
		`{ pumps(where: {flow: {lt: 10}, workOrders: {some: {status: {eq: OPEN}}}}, first: 10000) { nodes { id flow { value } } } }`,
	} {
		r := p.ask(t, operation, nil)
		if len(r.Errors) > 0 || r.Explain.Cost == 0 || r.Explain.Cost > 50_000_000 {
			t.Errorf("cost %d, %v: %s", r.Explain.Cost, r.Errors, operation)
		}
	}
}
