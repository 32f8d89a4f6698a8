package query

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/validator"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema/fault"
)

// gated is a source of which some connectors answer only once their gate is open.
type gated struct {
	connectors.Source
	gates map[string]chan struct{}
}

func (g *gated) pass(ctx context.Context, connector string) {
	if gate := g.gates[connector]; gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
}

func (g *gated) Latest(ctx context.Context, connector string, refs []string) connectors.Answer[connectors.Reading] {
	g.pass(ctx, connector)
	return g.Source.Latest(ctx, connector, refs)
}

func (g *gated) Records(ctx context.Context, connector string, keys []connectors.Key, w connectors.Want) connectors.Answer[connectors.Rows] {
	g.pass(ctx, connector)
	return g.Source.Records(ctx, connector, keys, w)
}

// gate makes connectors wait.
func (p *plant) gate(t testing.TB, names ...string) *gated {
	t.Helper()
	g := &gated{p.runtime, map[string]chan struct{}{}}
	for _, name := range names {
		g.gates[name] = make(chan struct{})
	}
	engine, err := New(Options{Model: p.model, Store: p.store, Source: g, States: p.states, Now: p.engine.now})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	return g
}

// parts runs an operation in parts; on is called with the text of each before the next is asked for.
func (p *plant) parts(t testing.TB, text string, variables map[string]any, on func(k int, part Part)) {
	t.Helper()
	op, fragments := p.load(t, text)
	coerced, err := validator.VariableValues(p.schema, op, variables)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for part := range plan.ExecuteInParts(operator(t.Context()), Request{Variables: coerced}) {
		on(k, part)
		k++
	}
}

// partText is a part as a person reads it.
func partText(part Part) string {
	var b strings.Builder
	if part.Result != nil {
		b.Write(part.Result.Data)
		for _, e := range part.Result.Errors {
			fmt.Fprintf(&b, " error at %s", e.Path)
		}
	}
	for _, p := range part.Pending {
		fmt.Fprintf(&b, " pending %d %s at %q", p.ID, p.Label, p.Path.String())
	}
	for _, i := range part.Items {
		fmt.Fprintf(&b, " item %d", i.ID)
		if len(i.Sub) > 0 {
			fmt.Fprintf(&b, " under %s", i.Sub)
		}
		fmt.Fprintf(&b, " %s", i.Data)
		for _, e := range i.Errors {
			fmt.Fprintf(&b, " error at %s", e.Path)
		}
	}
	for _, d := range part.Done {
		fmt.Fprintf(&b, " done %d", d.ID)
		for range d.Errors {
			b.WriteString(" failed")
		}
	}
	if part.More {
		b.WriteString(" more")
	}
	return strings.TrimSpace(b.String())
}

func (p *plant) partTexts(t testing.TB, text string, variables map[string]any) []string {
	t.Helper()
	var got []string
	p.parts(t, text, variables, func(_ int, part Part) { got = append(got, partText(part)) })
	return got
}

func TestTheFirstPartLeavesBeforeASlowConnectorAnswers(t *testing.T) {
	p := newPlant(t)
	g := p.gate(t, "plant", "erp")
	var got []string
	p.parts(t, `{ pumps(first: 2) { nodes { id ... @defer(label: "live") { flow { value } } ...orders @defer(label: "orders") } } } fragment orders on Pump { workOrders { totalCount } }`, nil, func(k int, part Part) {
		got = append(got, partText(part))
		switch k {
		case 0:
			close(g.gates["erp"]) // the second fragment overtakes the first
		case 1:
			close(g.gates["plant"])
		}
	})
	want := []string{
		`{"pumps":{"nodes":[{"id":"pump-1"},{"id":"pump-2"}]}} pending 0 live at "pumps.nodes[0]" pending 1 orders at "pumps.nodes[0]" pending 2 live at "pumps.nodes[1]" pending 3 orders at "pumps.nodes[1]" more`,
		`item 1 {"workOrders":{"totalCount":3}} item 3 {"workOrders":{"totalCount":1}} done 1 done 3 more`,
		`item 0 {"flow":{"value":2}} item 2 {"flow":{"value":12}} done 0 done 2`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDeferredFragments(t *testing.T) {
	for _, c := range []struct {
		name, operation string
		variables       map[string]any
		want            []string
	}{
		{"nested ones come after the one they stand in", `{ pump(id: "pump-1") { id ... @defer(label: "a") { name ... @defer(label: "b") { flow { value } } } } }`, nil, []string{
			`{"pump":{"id":"pump-1"}} pending 0 a at "pump" more`,
			`pending 1 b at "pump" item 0 {"name":"Feed pump 1"} done 0 more`,
			`item 1 {"flow":{"value":2}} done 1`}},
		{"inside what is deferred", `{ pump(id: "pump-1") { id ... @defer { location { id ... @defer { name } } } } }`, nil, []string{
			`{"pump":{"id":"pump-1"}} pending 0  at "pump" more`,
			`pending 1  at "pump.location" item 0 {"location":{"id":"hall-1"}} done 0 more`,
			`item 1 {"name":"Hall 1"} done 1`}},
		{"one that holds nothing but another", `{ pump(id: "pump-1") { id ... @defer { ... @defer { name } } } }`, nil, []string{
			`{"pump":{"id":"pump-1"}} pending 0  at "pump" more`, `pending 1  at "pump" done 0 more`, `item 1 {"name":"Feed pump 1"} done 1`}},
		{"what was delivered is not repeated", `{ pump(id: "pump-1") { id flow { unit } ... @defer { id flow { value unit } location { id } } location { name } } }`, nil, []string{
			`{"pump":{"id":"pump-1","flow":{"unit":"m3/h"},"location":{"name":"Hall 1"}}} pending 0  at "pump" more`,
			`item 0 under flow {"value":2} item 0 under location {"id":"hall-1"} done 0`}},
		{"at the root", `{ a: pump(id: "pump-1") { id } ... @defer { b: pump(id: "pump-2") { flow { value } } } }`, nil, []string{
			`{"a":{"id":"pump-1"}} pending 0  at "" more`, `item 0 {"b":{"flow":{"value":12}}} done 0`}},
		{"not when if says no", `query($if: Boolean) { pump(id: "pump-1") { id ... @defer(if: $if) { name } } }`, map[string]any{"if": false}, []string{`{"pump":{"id":"pump-1","name":"Feed pump 1"}}`}},
		{"when if says yes", `query($if: Boolean) { pump(id: "pump-1") { id ... @defer(if: $if) { name } } }`, map[string]any{"if": true}, []string{
			`{"pump":{"id":"pump-1"}} pending 0  at "pump" more`, `item 0 {"name":"Feed pump 1"} done 0`}},
		{"with skip and include", `query($no: Boolean = false) { pump(id: "pump-1") { id ... @defer @include(if: $no) { name } ... @defer { flow @skip(if: $no) { value } category @include(if: $no) } } }`, nil, []string{
			`{"pump":{"id":"pump-1"}} pending 0  at "pump" more`, `item 0 {"flow":{"value":2}} done 0`}},
		{"nothing where there is nothing", `{ pump(id: "none") { ... @defer { name } } pumps(where: {id: {eq: "none"}}) { nodes { ... @defer { flow { value } } } } }`, nil, []string{`{"pump":null,"pumps":{"nodes":[]}}`}},
		{"on connections and series", `{ pumps(first: 1) { nodes { flow { unit ... @defer { value history(from: "2026-03-01T11:59:55Z", to: "2026-03-01T12:00:00Z") { measurements { value } } } } } ... @defer { totalCount } } }`, nil, nil},
		{"on types of an interface", `{ equipments { nodes { id ... on Pump @defer { load { value } } ... on Valve @defer { kind } } } }`, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlant(t)
			if got := p.partTexts(t, c.operation, c.variables); c.want != nil {
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
			p.sameInParts(t, c.operation, c.variables)
		})
	}
}

func TestNullReachesTheDeferredFragmentAndNoFurther(t *testing.T) {
	p := newPlant(t)
	// A level that cannot be read breaks its field; the connection must not be null, nor the fragment that holds it.
	got := p.partTexts(t, `{ pump(id: "pump-1") { id ... @defer(label: "broken") { name feeds(first: 1, after: "nonsense") { nodes { id } } ... @defer(label: "whole") { category } } } }`, nil)
	want := []string{
		`{"pump":{"id":"pump-1"}} pending 0 broken at "pump" more`,
		`item 0  error at pump.feeds done 0 failed`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Null that takes away the object takes away what was announced in it.
	got = p.partTexts(t, `{ pump(id: "pump-1") { id ... @defer { name } feeds(first: 1, after: "nonsense") { nodes { id } } } }`, nil)
	if diff := cmp.Diff([]string{`{"pump":null} error at pump.feeds`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFailingSourceIsOneErrorInThePartThatShowsIt(t *testing.T) {
	p := newPlant(t)
	p.faultyPlant.Become(connectortest.Die)
	got := p.partTexts(t, `{ pumps(first: 2) { nodes { id ... @defer { flow { value status } } } } }`, nil)
	want := []string{
		`{"pumps":{"nodes":[{"id":"pump-1"},{"id":"pump-2"}]}} pending 0  at "pumps.nodes[0]" pending 1  at "pumps.nodes[1]" more`,
		`item 0 {"flow":{"value":null,"status":"UNAVAILABLE"}} error at pumps.nodes[0].flow item 1 {"flow":{"value":null,"status":"UNAVAILABLE"}} done 0 done 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLeavingEarlyEndsWhatStillRuns(t *testing.T) {
	p := newPlant(t)
	p.gate(t, "plant")
	op, fragments := p.load(t, `{ pump(id: "pump-1") { id ... @defer { flow { value } } } }`)
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range plan.ExecuteInParts(operator(t.Context()), Request{}) {
		break // the gate stays closed; goleak watches
	}
}

func TestLabelsOfDeferredFragmentsAreTheirOwn(t *testing.T) {
	p := newPlant(t)
	op, fragments := p.load(t, `{ pump(id: "pump-1") { ... @defer(label: "x") { id } ... @defer(label: "x") { name } } }`)
	if _, err := p.engine.Plan(p.schema, op, fragments, nil); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("two fragments with one label: %v", err)
	}
}

// sameInParts checks that the parts of an operation, put together, are its whole answer, and that nothing is asked twice.
func (p *plant) sameInParts(t testing.TB, text string, variables map[string]any) {
	t.Helper()
	op, fragments := p.load(t, text)
	coerced, err := validator.VariableValues(p.schema, op, variables)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := plan.Execute(operator(t.Context()), Request{Variables: coerced})
	var together any
	open := map[int]bool{}
	for part := range plan.ExecuteInParts(operator(t.Context()), Request{Variables: coerced}) {
		if part.Result != nil {
			together = decoded(t, part.Result.Data)
		}
		for _, one := range part.Pending {
			open[one.ID] = true
		}
		for _, item := range part.Items {
			if !open[item.ID] {
				t.Errorf("%d was not announced", item.ID)
			}
			if item.Data != nil {
				mergeInto(t, objectAt(t, together, item.Path), decoded(t, item.Data).(map[string]any))
			}
		}
		for _, one := range part.Done {
			delete(open, one.ID)
		}
	}
	if len(open) > 0 {
		t.Errorf("never done: %v", open)
	}
	if len(whole.Errors) > 0 {
		return // where null stops differs
	}
	if diff := cmp.Diff(decoded(t, whole.Data), together); diff != "" {
		t.Errorf("%s\n%s", text, diff)
	}
}

func decoded(t testing.TB, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return v
}

func objectAt(t testing.TB, v any, path ast.Path) map[string]any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			object, _ := v.(map[string]any)
			v = object[string(step)]
		case ast.PathIndex:
			v = v.([]any)[int(step)]
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("there is no object at %s", path)
	}
	return object
}

func mergeInto(t testing.TB, object, more map[string]any) {
	t.Helper()
	for key, value := range more {
		if old, there := object[key]; there && !cmp.Equal(old, value) {
			t.Errorf("%s was delivered before, as %v, and now as %v", key, old, value)
		}
		object[key] = value
	}
}

// Random fragments of every golden operation are deferred: put together, the parts are the whole answer.
func TestPartsPutTogetherAreTheWholeAnswer(t *testing.T) {
	files, err := filepath.Glob("testdata/operations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	p := newPlant(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		operation, _, _ := strings.Cut(string(text), "\n---- answer\n")
		operation, variables, _ := strings.Cut(operation, "\n---- variables\n")
		var given map[string]any
		if variables != "" {
			given = decoded(t, []byte(variables)).(map[string]any)
		}
		for seed := range uint64(12) {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(file), seed), func(t *testing.T) {
				op, fragments := p.load(t, operation)
				random := rand.New(rand.NewPCG(seed, 1))
				op.SelectionSet = deferSome(random, op.SelectionSet)
				for _, f := range fragments {
					f.SelectionSet = deferSome(random, f.SelectionSet)
				}
				var b bytes.Buffer
				formatter.NewFormatter(&b).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{op}, Fragments: fragments})
				p.sameInParts(t, b.String(), given)
			})
		}
	}
}

func deferSome(random *rand.Rand, set ast.SelectionSet) ast.SelectionSet {
	var out, late ast.SelectionSet
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			s.SelectionSet = deferSome(random, s.SelectionSet)
		case *ast.InlineFragment:
			s.SelectionSet = deferSome(random, s.SelectionSet)
		}
		switch random.IntN(6) {
		case 0:
			late = append(late, s)
		case 1:
			out, late = append(out, s), append(late, s)
		default:
			out = append(out, s)
		}
	}
	if len(late) == 0 {
		return out
	}
	return append(out, &ast.InlineFragment{SelectionSet: late, Directives: ast.DirectiveList{{Name: "defer"}}})
}
