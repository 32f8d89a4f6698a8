package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

const bearingTests = `ruleSet: bearing
tests:
  - test: held for five seconds, kept until it cooled down
    given: {name: Feed pump 7, n: 1500}
    steps:
      - {at: 0s, set: {t: 70}, expect: {state: ok, scalar: 0.5, alarm: false}}
      - {at: 1s, set: {t: 96}, expect: warning}
      - {at: 6s, expect: {state: alarm, alarm: true, message: bearing of Feed pump 7 at 96, since: 6s}}
      - {at: 9s, set: {t: 86}, expect: {state: alarm, since: 6s}}
      - {at: 10s, set: {t: null}, expect: {unknown: [t]}}
      - {at: 12s, set: {t: 84}, expect: warning}
  - test: a limit of its own
    params: {limit: 75}
    steps:
      - {at: 0s, set: {t: 76}}
      - {at: 20s, expect: {state: alarm, since: 5s}}
`

func runTests(t *testing.T, b *Book, text string) ([]TestResult, string) {
	t.Helper()
	results, problems := RunTests([]schema.File{{Name: "t.yaml", Text: text}}, b, plant())
	return results, problems.Error()
}

func TestRuleTestsPass(t *testing.T) {
	results, problems := runTests(t, compile(t, bearing), strings.Replace(bearingTests, ", since: 5s}", "}", 1))
	if problems != "" || len(results) != 2 {
		t.Fatalf("RunTests: %d results, problems %s", len(results), problems)
	}
	for _, r := range results {
		if len(r.Failures) > 0 {
			t.Errorf("%s:\n%v", r.Name, r.Failures)
		}
	}
}

func TestFailuresOfRuleTestsSayWhatWasAndWhy(t *testing.T) {
	results, problems := runTests(t, compile(t, bearing), `ruleSet: bearing
on: Pump
tests:
  - test: too early
    steps:
      - {at: 0s, set: {t: 96}}
      - {at: 3s, expect: alarm}
      - {at: 4s, set: {t: null}, expect: {state: ok, scalar: 1}}
`)
	if problems != "" {
		t.Fatal(problems)
	}
	want := `t.yaml:7:26: at 3s the state is warning, want alarm
          - {at: 3s, expect: alarm}
                             ^
    limit = 90, t = 96, n = ?, name = ?
    alarm: t > limit: false, true for 3s
    warning: t > 80.0: true
    ok: always: true
t.yaml:8:42: at 4s the state is unknown (missing t), want ok
          - {at: 4s, set: {t: null}, expect: {state: ok, scalar: 1}}
                                             ^
    limit = 90, t = ?, n = ?, name = ?
    alarm: t > limit: unknown, missing t
    warning: t > 80.0: unknown, missing t
    ok: always: true
t.yaml:8:42: at 4s the scalar is not known, want 1
          - {at: 4s, set: {t: null}, expect: {state: ok, scalar: 1}}
                                             ^
    limit = 90, t = ?, n = ?, name = ?
    alarm: t > limit: unknown, missing t
    warning: t > 80.0: unknown, missing t
    ok: always: true`
	if diff := cmp.Diff(want, results[0].Failures.Error()); diff != "" {
		t.Errorf("failures differ (-want +got):\n%s", diff)
	}
}

func TestMistakesInRuleTestsAreToldAtOnce(t *testing.T) {
	results, problems := runTests(t, compile(t, bearing), `ruleSet: bearing
tests:
  - test: wrong
    params: {limt: 1}
    given: {tt: 1}
    steps:
      - {at: 5s, set: {t: hot}, expect: alram}
      - {at: 1s, expect: {stat: ok}}
`)
	if len(results) != 0 {
		t.Errorf("a file with mistakes was run: %v", results)
	}
	for _, want := range []string{`t.yaml:4:14: the rule set bearing has no parameter "limt"`, `t.yaml:5:13: input "tt" is not known`,
		`t.yaml:7:27: t: `, `t.yaml:7:41: state "alram" is not known`, "Did you mean alarm?", "the step at 1s comes after one at 5s", `unknown key "stat"`} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems do not say %q:\n%s", want, problems)
		}
	}
	if _, problems := runTests(t, compile(t, bearing), "ruleSet: baering\ntests: []\n"); !strings.Contains(problems, "Did you mean bearing?") {
		t.Errorf("unknown rule set: %s", problems)
	}
}

func FuzzRunTests(f *testing.F) {
	f.Add(bearingTests)
	f.Add("ruleSet: bearing\non: Hall\ntests: [{test: x, steps: [{at: 1h, expect: {error: x, unknown: [t]}}]}]\n")
	b := compile(f, bearing)
	m := plant()
	f.Fuzz(func(t *testing.T, text string) {
		results, problems := RunTests([]schema.File{{Name: "t.yaml", Text: text}}, b, m)
		if len(problems) > 0 && len(results) > 0 {
			t.Fatalf("results %v beside problems %v", results, problems)
		}
	})
}
