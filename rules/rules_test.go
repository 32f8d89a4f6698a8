package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
	"mereon/schema/expr"
)

// plant is a small model: a pump in a hall, with work orders.
func plant() *schema.Model {
	text := expr.Text
	location := &schema.Relationship{Field: "location", Target: "Hall", Relation: &schema.Relation{Name: "locatedIn", Single: true}}
	feeds := &schema.Relationship{Field: "feeds", Target: "Pump", Many: true, Relation: &schema.Relation{Name: "feeds"}}
	orders := &schema.Join{Field: "workOrders", Target: "WorkOrder", Many: true, On: []schema.JoinPair{{Theirs: "equipment", Ours: "serial"}}}
	serial := &schema.Property{Name: "serial", Type: text}
	return &schema.Model{
		Hash: "m",
		Types: map[schema.TypeName]*schema.AssetType{
			"Equipment": {Name: "Equipment", Abstract: true, Properties: []*schema.Property{serial}, Joins: []*schema.Join{orders}},
			"Pump": {Name: "Pump", Ancestors: []schema.TypeName{"Equipment"}, Properties: []*schema.Property{serial,
				{Name: "bearingTemperature", Kind: schema.Live, Type: expr.Number, Unit: "Cel"}, {Name: "speed", Kind: schema.Live, Type: expr.Number},
				{Name: "mode", Type: schema.ValueType{Scalar: schema.String, Enum: "Mode"}},
				{Name: "motor", Kind: schema.Group, Type: schema.ValueType{Component: "Motor"}}},
				Relationships: []*schema.Relationship{location, feeds}, Joins: []*schema.Join{orders}},
			"Hall": {Name: "Hall", Properties: []*schema.Property{{Name: "temperature", Kind: schema.Live, Type: expr.Number}}},
		},
		TypeNames: []schema.TypeName{"Equipment", "Hall", "Pump"},
		Components: map[schema.TypeName]*schema.Component{"Motor": {Name: "Motor", Fields: []string{"speed"},
			Properties: []*schema.Property{{Name: "speed", Type: expr.Number}}}},
		Records: map[schema.TypeName]*schema.RecordType{"WorkOrder": {Name: "WorkOrder", Properties: []*schema.Property{{Name: "status", Type: text}, {Name: "equipment", Type: text}}}},
		Enums:   map[schema.TypeName]*schema.Enum{"Mode": {Name: "Mode", Values: []schema.EnumValue{{Name: "AUTO"}, {Name: "HAND"}}}},
	}
}

const bearing = `ruleSet: bearing
on: Pump
params: {limit: 90.0}
inputs: {t: bearingTemperature, n: speed}
states:
  - {state: alarm, when: "t > limit", hold: 5s, clear: "t < limit - 5.0"}
  - {state: warning, when: "t > 80.0"}
  - {state: ok}
scalar: {ramp: {input: n, from: 0, to: 3000}}
alarm: {on: [alarm], severity: critical, message: "bearing of {name} at {t}"}
`

func compile(t testing.TB, texts ...string) *Book {
	t.Helper()
	files := make([]schema.File, len(texts))
	for i, text := range texts {
		files[i] = schema.File{Name: string(rune('a'+i)) + ".yaml", Text: text}
	}
	b, problems := Compile(files, plant())
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

func find(t testing.TB, b *Book, name string) *Set {
	t.Helper()
	s, ok := b.Find("Pump", name)
	if !ok {
		t.Fatalf("no rule set %s", name)
	}
	return s
}

// values gives the set's slots from names; what is not named is null.
func values(t testing.TB, s *Set, named map[string]any) []schema.Value {
	t.Helper()
	out, err := s.ParamValues("")
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range s.Inputs {
		v, _ := paramValue(named[in.Name])
		out = append(out, v)
	}
	return out
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestAStateIsHeldBeforeItIsEnteredAndKeptUntilItClears(t *testing.T) {
	s := find(t, compile(t, bearing), "bearing")
	var r Running
	for _, c := range []struct {
		at    time.Duration
		t     any
		state string
		wake  time.Duration
	}{
		{0, 70.0, "ok", 0},
		{1 * time.Second, 95.0, "warning", 6 * time.Second},
		{3 * time.Second, 96.0, "warning", 6 * time.Second},
		{4 * time.Second, 85.0, "warning", 0}, // the hold begins anew
		{5 * time.Second, 95.0, "warning", 10 * time.Second},
		{10 * time.Second, 95.0, "alarm", 0},
		{11 * time.Second, 86.0, "alarm", 0}, // below the limit, not yet clear
		{12 * time.Second, nil, "", 0},       // unknown
		{13 * time.Second, 86.0, "alarm", 0}, // remembered
		{14 * time.Second, 84.0, "warning", 0},
		{15 * time.Second, 20.0, "ok", 0},
	} {
		r = s.Step(r, values(t, s, map[string]any{"t": c.t, "n": 1500.0}), start.Add(c.at))
		var wake time.Duration
		if !r.Wake.IsZero() {
			wake = r.Wake.Sub(start)
		}
		if r.State != c.state || wake != c.wake {
			t.Errorf("at %v with t = %v: state %q, wake %v, want %q, %v", c.at, c.t, r.State, wake, c.state, c.wake)
		}
		if c.t == nil && !cmp.Equal(r.Missing, []string{"t"}) {
			t.Errorf("missing %v, want [t]", r.Missing)
		}
		if r.Scalar == nil || *r.Scalar != 0.5 {
			t.Errorf("scalar %v, want 0.5", r.Scalar)
		}
	}
}

func TestSinceIsUnknownUntilAChangeWasSeen(t *testing.T) {
	s := find(t, compile(t, bearing), "bearing")
	r := s.Step(Running{}, values(t, s, nil), start)
	r = s.Step(r, values(t, s, map[string]any{"t": 20.0}), start.Add(time.Second))
	if !r.Since.IsZero() {
		t.Errorf("the first known state has since %v, want none", r.Since)
	}
	r = s.Step(r, values(t, s, map[string]any{"t": 85.0}), start.Add(2*time.Second))
	r = s.Step(r, values(t, s, map[string]any{"t": 86.0}), start.Add(3*time.Second))
	if want := start.Add(2 * time.Second); !r.Since.Equal(want) {
		t.Errorf("since %v, want %v", r.Since, want)
	}
}

func TestUnknownAndErrorAreToldApart(t *testing.T) {
	s := find(t, compile(t, "ruleSet: load\non: Pump\nstates:\n  - {state: high, when: speed / motor.speed > 1.0}\n  - {state: ok}\n"), "load")
	r := s.Step(Running{}, values(t, s, map[string]any{"speed": 1.0}), start)
	if r.State != "" || r.Err != "" || !cmp.Equal(r.Missing, []string{"motor.speed"}) {
		t.Errorf("without motor.speed: %+v, want unknown", r)
	}
	r = s.Step(Running{}, values(t, s, map[string]any{"speed": 1.0, "motor.speed": 0.0}), start)
	if r.State != "" || r.Missing != nil || r.Err != "division by zero" {
		t.Errorf("divided by zero: %+v, want an error", r)
	}
}

func TestBandsGoBackDownByTheirHysteresis(t *testing.T) {
	s := find(t, compile(t, `ruleSet: heat
on: Pump
params: {hot: 90}
bands:
  input: bearingTemperature
  hysteresis: 2
  steps: [{state: ok, below: 60}, {state: warm, below: hot}, {state: hot}]
`), "heat")
	var r Running
	for _, c := range []struct {
		t     any
		state string
	}{{20, "ok"}, {60, "warm"}, {59, "warm"}, {57.9, "ok"}, {95, "hot"}, {88.5, "hot"}, {87, "warm"}, {nil, ""}, {61, "warm"}} {
		if i, ok := c.t.(int); ok {
			c.t = float64(i)
		}
		r = s.Step(r, values(t, s, map[string]any{"bearingTemperature": c.t}), start)
		if r.State != c.state {
			t.Errorf("at %v: %q, want %q", c.t, r.State, c.state)
		}
	}
}

func TestMapsGiveAStateByValue(t *testing.T) {
	s := find(t, compile(t, "ruleSet: mode\non: Pump\nmap: {input: mode, states: {AUTO: ok}, else: manual}\n"), "mode")
	for mode, state := range map[any]string{"AUTO": "ok", "HAND": "manual", nil: ""} {
		if r := s.Step(Running{}, values(t, s, map[string]any{"mode": mode}), start); r.State != state {
			t.Errorf("%v: %q, want %q", mode, r.State, state)
		}
	}
}

func TestASetOfTheSameNameOnASubtypeReplacesTheInheritedOne(t *testing.T) {
	b := compile(t, "ruleSet: order\non: Equipment\nstates: [{state: base}]\n", "ruleSet: order\non: Pump\nstates: [{state: own}]\n", "ruleSet: age\non: Equipment\nstates: [{state: ok}]\n")
	var got []string
	for _, s := range b.For("Pump") {
		got = append(got, s.Name+" "+string(s.On))
	}
	if want := []string{"age Equipment", "order Pump"}; !cmp.Equal(got, want) {
		t.Errorf("For(Pump) = %v, want %v", got, want)
	}
	if n := len(b.For("Hall")); n != 0 {
		t.Errorf("For(Hall) has %d sets, want none", n)
	}
}

func TestParametersAreOverriddenPerEntity(t *testing.T) {
	s := find(t, compile(t, bearing), "bearing")
	v, err := s.ParamValues(`{"bearing": {"limit": 95}, "other": {"x": 1}}`)
	if err != nil || v[0].Float() != 95 {
		t.Errorf("ParamValues = %v, %v, want 95", v[0].Float(), err)
	}
	for column, want := range map[string]string{
		`{"bearing": {"limt": 95}}`:      `the rule set bearing has no parameter "limt"; did you mean "limit"?`,
		`{"bearing": {"limit": "high"}}`: `the parameter limit takes a value of type Float, not high`,
		`[1]`:                            `rules takes {set: {parameter: value}}`,
	} {
		v, err := s.ParamValues(column)
		if err == nil || err.Error() != want || v[0].Float() != 90 {
			t.Errorf("ParamValues(%s) = %v, %v, want the default and %q", column, v[0].Float(), err, want)
		}
	}
	if err := compile(t, bearing).CheckOverrides("Pump", `{"baering": {}}`); err == nil || !strings.Contains(err.Error(), `no rule set "baering" applies to Pump`) {
		t.Errorf("CheckOverrides: %v", err)
	}
}

func TestMessagesFillTheirPlaceholders(t *testing.T) {
	s := find(t, compile(t, bearing), "bearing")
	v := values(t, s, map[string]any{"name": "Feed pump", "t": 91.2345})
	if got, want := s.Message("alarm", v), "bearing of Feed pump at 91.23"; got != want {
		t.Errorf("Message = %q, want %q", got, want)
	}
}

func TestExplainNamesEveryStatementAndTheWinner(t *testing.T) {
	s := find(t, compile(t, bearing), "bearing")
	v := values(t, s, map[string]any{"t": 95.0})
	r := s.Step(Running{}, v, start)
	got := s.Explain(r, v, start.Add(3*time.Second))
	want := []Explained{
		{State: "alarm", When: "t > limit", Result: "false", Holding: 3 * time.Second},
		{State: "warning", When: "t > 80.0", Result: "true", Winner: true},
		{State: "ok", Result: "true"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Explain differs (-want +got):\n%s", diff)
	}
}

func BenchmarkStep(b *testing.B) {
	s := find(b, compile(b, bearing), "bearing")
	v := values(b, s, map[string]any{"t": 85.0, "n": 1000.0})
	r := s.Step(Running{}, v, start)
	b.ReportAllocs()
	for b.Loop() {
		r = s.Step(r, v, start)
	}
}
