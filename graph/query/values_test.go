package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/schema"
)

func TestValuesOfManyEntitiesInOneQuestionPerConnector(t *testing.T) {
	p := newPlant(t)
	view, err := p.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	before, _ := p.series.Calls()
	values, err := p.engine.Values(t.Context(), view, []graph.EntityID{"pump-1", "valve-1", "nowhere", "pump-3"},
		[]schema.Path{"name", "flow", "load", "motor.speed", "opening"})
	if err != nil {
		t.Fatal(err)
	}
	after, _ := p.series.Calls()
	if after-before != 1 {
		t.Errorf("%d calls", after-before)
	}
	var got []string
	for _, row := range values {
		var line []string
		for _, v := range row {
			line = append(line, fmt.Sprintf("%s %s %s", v.Value.AppendJSON(nil), v.Unit, v.Status))
		}
		got = append(got, strings.Join(line, ", "))
	}
	want := []string{
		`"Feed pump 1"  OK, 2 m3/h OK, 0.1 1 OK, 1475 1/min OK, null  UNSUPPORTED`,
		`"Inlet valve"  OK, null  UNSUPPORTED, null  UNSUPPORTED, null  UNSUPPORTED, 50 % OK`,
		`null  NOT_FOUND, null  NOT_FOUND, null  NOT_FOUND, null  NOT_FOUND, null  NOT_FOUND`,
		`"Spare pump"  OK, 7 m3/h STALE, null 1 NOT_BOUND, null 1/min NOT_BOUND, null  UNSUPPORTED`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReferencesFollowTemplatesAndOverrides(t *testing.T) {
	p := newPlant(t)
	view, err := p.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	b, err := view.Lookup(t.Context(), []graph.EntityID{"pump-1", "valve-less", "valve-1", "nowhere"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[schema.Path][]string{}
	for _, path := range []schema.Path{"flow", "motor.speed"} {
		references, err := p.engine.References(t.Context(), view, b.Rows, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range references {
			got[path] = append(got[path], r.Connector+" "+r.Ref+r.Why)
		}
	}
	want := map[schema.Path][]string{
		"flow":        {"plant pumps/P-1/flow", "plant lab/x7", " Valve has no live property flow", " there is no such entity"},
		"motor.speed": {"drives P-1/acme/speed", " motor.maker has no value", " Valve has no live property motor.speed", " there is no such entity"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheUnitOfAComputedPropertyTakesNoReading(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `{ pumps { nodes { load { unit __typename } } } }`, nil)
	if len(r.Errors) > 0 || r.Explain.Keys != 0 || !strings.Contains(string(r.Data), `{"load":{"unit":"1","__typename":"FloatValue"}}`) {
		t.Errorf("%s %v, %d keys", r.Data, r.Errors, r.Explain.Keys)
	}
}
