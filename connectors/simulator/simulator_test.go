package simulator

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/document"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// load opens a simulator of the given file at a fixed time.
func load(t testing.TB, text string, now time.Time) (*Simulator, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "simulator.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{file: simulator.yaml}"), &node); err != nil {
		t.Fatal(err)
	}
	c, err := Kind().Open(t.Context(), connectors.Config{Node: node.Content[0], File: schema.File{Name: "mereon.yaml"}, Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	return c.(*Simulator), nil
}

func must(t testing.TB, text string) *Simulator {
	t.Helper()
	s, err := load(t, text, monday)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// numbers returns the values of a series at seconds after monday.
func numbers(t testing.TB, s *Simulator, ref string, seconds ...int) []float64 {
	t.Helper()
	b := s.bind(ref)
	if b == nil {
		t.Fatalf("no series for %s", ref)
	}
	var all []float64
	for _, n := range seconds {
		all = append(all, b.number(monday.Add(time.Duration(n)*time.Second).UnixNano()))
	}
	return all
}

func TestSampleOpensAndSaysWhatItPromises(t *testing.T) {
	s := must(t, sample)
	low, high := math.Inf(1), math.Inf(-1)
	for n := range 100 {
		v := numbers(t, s, "pumps/P-7/bearing/temperature", n)[0]
		low, high = min(low, v), max(high, v)
	}
	if low > 66 || high < 91 {
		t.Errorf("bearing of P-7 goes from %g to %g within 100 s, want past 80 and 90 and back", low, high)
	}
	stopped := 0
	for n := range 180 {
		if numbers(t, s, "filler/rate", n)[0] == 0 {
			stopped++
		}
	}
	if stopped < 15 || stopped > 20 {
		t.Errorf("the filler stands still for %d s of 180, want about 17", stopped)
	}
}

func TestValuesDependOnSeedReferenceAndTimeOnly(t *testing.T) {
	text := "seed: 3\nseries: {\"a/{n}\": {walk: {between: [0, 10], turn: 1m}, noise: 0.5}}"
	one, two := must(t, text), must(t, text)
	other := must(t, strings.Replace(text, "3", "4", 1))
	numbers(t, one, "a/1", 900, 20) // asking does not change anything
	x, y, z, k := numbers(t, one, "a/1", 5), numbers(t, two, "a/1", 5), numbers(t, other, "a/1", 5), numbers(t, two, "a/2", 5)
	if x[0] != y[0] || x[0] == z[0] || x[0] == k[0] {
		t.Errorf("same seed %v %v, other seed %v, other key %v", x, y, z, k)
	}
}

func TestWalkStaysWithinItsBoundsAndUsesThem(t *testing.T) {
	s := must(t, "series: {a: {walk: {between: [-5, 5], turn: 1m}}}")
	low, high, jump, last := 0.0, 0.0, 0.0, numbers(t, s, "a", 0)[0]
	for n := range 20_000 {
		v := numbers(t, s, "a", n)[0]
		low, high, jump, last = min(low, v), max(high, v), max(jump, math.Abs(v-last)), v
	}
	if low < -5 || high > 5 || high-low < 8 || jump > 1 {
		t.Errorf("from %g to %g with a jump of %g", low, high, jump)
	}
}

func TestTotalsGrowByTheirRateAndReset(t *testing.T) {
	s := must(t, "series: {rate: {constant: 60}, good: {type: int, inputs: {r: rate}, total: {expr: r, per: 1m, reset: 1h}}}")
	if got := fmt.Sprint(numbers(t, s, "good", 0, 1, 100, 99, 3599, 3600, 3610)); got != "[0 1 100 99 3599 0 10]" {
		t.Errorf("good = %s", got)
	}
	again := must(t, "series: {rate: {constant: 60}, good: {type: int, inputs: {r: rate}, total: {expr: r, per: 1m, reset: 1h}}}")
	if got := numbers(t, again, "good", 3599)[0]; got != 3599 {
		t.Errorf("asked at once, good = %v, want 3599", got)
	}
}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]float64{"1 + 2 * 3": 7, "(1 + 2) * 3": 9, "-2 * -3": 6, "7 % 4": 3, "1 < 2 && 2 <= 2": 1, "!1 || 0": 0,
		"1 ? 2 : 3": 2, "0 ? 2 : 0 ? 3 : 4": 4, "clamp(12, 0, 10)": 10, "max(1, 2, 3) - min(4, 5)": -1, "1e3 / 4": 250, "round(2.5)": 3, "2 - 1 - 1": 0} {
		p, err := parse(text, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := p.run(&series{definition: &definition{}}, 0); got != want {
			t.Errorf("%s = %g, want %g", text, got, want)
		}
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	_, err := load(t, `seed: 1
seres: {}
series:
  a: {sine: {amplitude: 1, period: 0s}, min: 5, max: 1}
  b: {expr: "flow * 2", inputs: {flw: c}}
  c: {constant: 1, sine: {amplitude: 1, period: 1s}}
`, monday)
	want := []string{"simulator.yaml:2:1: unknown key \"seres\"", `Did you mean series?`}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("missing %q in\n%v", w, err)
		}
	}
	_, err = load(t, `series:
  a: {sine: {amplitude: 1, period: 0s}, min: 5, max: 1}
  b: {expr: "flow * 2", inputs: {flw: a}}
  c: {constant: 1, sine: {amplitude: 1, period: 1s}}
  d: {expr: "e", inputs: {e: e}}
  e: {expr: "d", inputs: {d: d}}
  f: {expr: "g", inputs: {g: nowhere}, faults: [{kind: gap, at: 5s}]}
  "g/{x}": {constant: 1, keys: {A/B: {constant: 2}}}
`, monday)
	for _, w := range []string{"period of a must be longer than 0s", "min of a is above max", `unknown name "flow"; did you mean "flw"?`,
		"c must have exactly one formula, it has 2 (constant, sine)", "depends on itself", "f depends on nowhere, which no series serves",
		`needs "every"`, "key A/B of g/{x} must have 1 values"} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("missing %q in\n%v", w, err)
		}
	}
}

// sink keeps what Fetch sends.
type sink struct {
	connectors.Sink
	got       []connectors.Measurement
	status    connectors.Status
	truncated bool
}

func (s *sink) Measurement(_ int, m connectors.Measurement)      { s.got = append(s.got, m) }
func (s *sink) Status(_ int, status connectors.Status, _ string) { s.status = status }
func (s *sink) Truncated(int, time.Time)                         { s.truncated = true }

func ask(t testing.TB, s *Simulator, ref string, w connectors.Want, now time.Time) *sink {
	t.Helper()
	out := &sink{}
	if err := s.Fetch(t.Context(), connectors.Accept{Want: w}, connectors.Batch{Keys: []connectors.Key{{Ref: ref}}, Now: now}, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFaultsFollowTheirSchedule(t *testing.T) {
	series := func(fault string) *Simulator {
		return must(t, "series: {a: {expr: \"t % 60\", faults: ["+fault+"]}}")
	}
	at := func(seconds float64) time.Time { return monday.Add(time.Duration(seconds * float64(time.Second))) }
	for _, c := range []struct {
		fault   string
		now     float64
		time    float64 // of the newest measurement, seconds after monday
		value   float64
		quality connectors.Quality
	}{
		{"{kind: gap, every: 60s, at: 20s, for: 10s}", 15.5, 15, 15, connectors.Good},
		{"{kind: gap, every: 60s, at: 20s, for: 10s}", 25.5, 19, 19, connectors.Good},
		{"{kind: gap, every: 60s, at: 20s, for: 10s}", 30, 30, 30, connectors.Good},
		{"{kind: freeze, every: 60s, at: 20s, for: 10s}", 25, 25, 20, connectors.Good},
		{"{kind: bad, every: 60s, at: 20s, for: 10s}", 25, 25, 25, connectors.Bad},
		{"{kind: late, every: 60s, at: 20s, for: 30s, by: 8s}", 24, 19, 19, connectors.Good},
		{"{kind: late, every: 60s, at: 20s, for: 30s, by: 8s}", 40, 32, 32, connectors.Good},
		{"{kind: late, by: 8s}", 40, 32, 32, connectors.Good},
	} {
		got := ask(t, series(c.fault), "a", connectors.Want{}, at(c.now)).got
		if len(got) != 1 || !got[0].Time.Equal(at(c.time)) || got[0].Value.Float() != c.value || got[0].Quality != c.quality {
			t.Errorf("%s at %g s: %+v", c.fault, c.now, got)
		}
	}
	if got := ask(t, series("{kind: outage, every: 60s, at: 20s, for: 10s}"), "a", connectors.Want{}, at(25)); got.status != connectors.Unavailable {
		t.Errorf("outage: %+v", got)
	}
	if got := ask(t, series("{kind: gap}"), "a", connectors.Want{}, at(25)); len(got.got) != 0 {
		t.Errorf("permanent gap: %+v", got)
	}
}

func TestHistoryIsClosedOpenAndEndsNow(t *testing.T) {
	s := must(t, "series: {a: {constant: 1, period: 10s}}")
	w := connectors.Want{Kind: connectors.History, From: monday, To: monday.Add(time.Minute)}
	if got := ask(t, s, "a", w, monday.Add(time.Hour)).got; len(got) != 6 {
		t.Errorf("%d measurements in a minute, want 6", len(got))
	}
	if got := ask(t, s, "a", w, monday.Add(25*time.Second)).got; len(got) != 3 {
		t.Errorf("%d measurements up to now, want 3", len(got))
	}
	w.To = monday.AddDate(1, 0, 0)
	if got := ask(t, s, "a", w, w.To); !got.truncated || len(got.got) != maxRaw {
		t.Errorf("a year: %d measurements, truncated %t", len(got.got), got.truncated)
	}
}

func TestEnumsAndBooleans(t *testing.T) {
	s := must(t, `series:
  on: {steps: {cycle: 10s, at: {0s: true, 5s: false}}}
  state: {inputs: {on: on}, expr: "on ? 2 : 0", labels: {0: STOPPED, 2: RUNNING}}
  product: {pick: {from: [A, B], every: 10s}}
`)
	var text string
	for _, ref := range []string{"on", "state", "product"} {
		m := ask(t, s, ref, connectors.Want{}, monday).got[0]
		text += fmt.Sprint(m.Value.Kind(), " ", m.Value.Text(), m.Value.Bool(), "; ")
	}
	if !strings.HasPrefix(text, "1 true; 5 RUNNINGfalse; 5 ") {
		t.Errorf("values %s", text)
	}
}

func TestPushSendsTheNewestFirstThenEachPeriod(t *testing.T) {
	s := must(t, "series: {a: {expr: t, period: 20ms}}")
	s.now = time.Now
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan connectors.Measurement, 100)
	set, err := s.Watch(ctx, pushes(got))
	if err != nil {
		t.Fatal(err)
	}
	set.Add("a", "a", "unknown")
	last := time.Time{}
	for range 4 {
		m := <-got
		if !m.Time.After(last) {
			t.Errorf("pushed %v after %v", m.Time, last)
		}
		last = m.Time
	}
	set.Remove("a")
}

type pushes chan connectors.Measurement

func (p pushes) Push(_ string, m connectors.Measurement) { p <- m }
func (p pushes) Gap(string)                              {}
func (p pushes) Down(error)                              {}

func FuzzConfig(f *testing.F) {
	f.Add(sample)
	f.Add("series: {a: {expr: \"b ? 1 : 2\", inputs: {b: b}}, b: {ramp: {cycle: 5s, at: {5s: 1, 0s: 2}}}}")
	f.Fuzz(func(t *testing.T, text string) {
		var c config
		file := schema.File{Name: "simulator.yaml", Text: text}
		if document.Decode(file, &c).Err() != nil {
			return
		}
		s, problems := compile(&c, file)
		if problems.Err() != nil {
			return
		}
		for _, template := range s.templates {
			ref := placeholder.ReplaceAllString(template.source, "x")
			ask(t, s, ref, connectors.Want{}, monday.Truncate(24*time.Hour).Add(time.Minute)) // soon after most resets
		}
	})
}

func BenchmarkLatestOfPumps(b *testing.B) {
	s := must(b, sample)
	keys := make([]connectors.Key, 300)
	for i := range keys {
		keys[i].Ref = fmt.Sprintf("pumps/P-%d/flow", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		out := &sink{got: make([]connectors.Measurement, 0, 300)}
		if err := s.Fetch(b.Context(), connectors.Accept{}, connectors.Batch{Keys: keys, Now: monday}, out); err != nil {
			b.Fatal(err)
		}
	}
}
