package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"mereon/schema"
	"mereon/schema/fault"
)

// TestResult is what one test gave. Failures is empty when it passed.
type TestResult struct {
	Name     string         `json:"name"`
	RuleSet  string         `json:"ruleSet"`
	Position fault.Position `json:"position"`
	Failures fault.List     `json:"failures,omitempty"`
}

// RunTests runs files of rule tests, in their order, against a book compiled for m. The list holds the mistakes in the files
// themselves; tests of such a file are not run.
func RunTests(files []schema.File, b *Book, m *schema.Model) ([]TestResult, fault.List) {
	var results []TestResult
	var problems fault.List
	for _, f := range files {
		r := &testReader{reader: newReader(f, nil), book: b, model: m}
		cases := r.read()
		if len(r.Problems) > 0 {
			problems = append(problems, r.Problems...)
			continue
		}
		for _, c := range cases {
			results = append(results, r.run(&c))
		}
	}
	return results, problems
}

// epoch is when every test begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// run plays the steps; between them the set is stepped whenever it asks to be.
func (r *testReader) run(c *testCase) TestResult {
	result := TestResult{Name: c.name, RuleSet: c.set.Name, Position: c.position}
	values := append(slices.Clone(c.params), c.given...)
	var running Running
	for i := range c.steps {
		s := &c.steps[i]
		at := epoch.Add(s.at)
		for i > 0 && !running.Wake.IsZero() && running.Wake.Before(at) {
			running = c.set.Step(running, values, running.Wake)
		}
		for input, v := range s.set {
			values[len(c.params)+input] = v
		}
		running = c.set.Step(running, values, at)
		for _, wrong := range s.expect.compare(c.set, running, values) {
			r.Problems = nil
			r.Wrong(&s.node, explained(c.set, running, values, at), "at %v %s", s.at, wrong)
			result.Failures = append(result.Failures, r.Problems...)
		}
	}
	r.Problems = nil
	return result
}

// compare says what differs from what is wanted.
func (e *expectation) compare(s *Set, r Running, values []schema.Value) []string {
	if e == nil {
		return nil
	}
	var wrong []string
	differ := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %s, want %s", what, got, want))
		}
	}
	switch {
	case e.hasState:
		differ("the state", outcomeText(r), e.state)
	case e.unknown != nil:
		differ("the state", outcomeText(r), outcomeText(Running{Missing: e.unknown}))
	case e.err != "":
		differ("the state", outcomeText(r), outcomeText(Running{Err: e.err}))
	}
	if e.scalar != nil && (r.Scalar == nil || math.Abs(*r.Scalar-*e.scalar) > 1e-9*max(1, math.Abs(*e.scalar))) {
		wrong = append(wrong, fmt.Sprintf("the scalar is %s, want %v", scalarText(r), *e.scalar))
	}
	if e.alarm != nil {
		differ("the alarm", fmt.Sprint(s.Raises(r.State)), fmt.Sprint(*e.alarm))
	}
	if e.message != "" {
		got := "none"
		if s.Raises(r.State) {
			got = fmt.Sprintf("%q", s.Message(r.State, values))
		}
		differ("the message", got, fmt.Sprintf("%q", e.message))
	}
	if e.since != 0 {
		got := "not known"
		if !r.Since.IsZero() {
			got = r.Since.Sub(epoch).String()
		}
		differ("since", got, e.since.String())
	}
	return wrong
}

func outcomeText(r Running) string {
	switch {
	case r.Err != "":
		return fmt.Sprintf("an error (%s)", r.Err)
	case len(r.Missing) > 0:
		return "unknown (missing " + strings.Join(r.Missing, ", ") + ")"
	case r.State == "":
		return "none"
	}
	return r.State
}

func scalarText(r Running) string {
	if r.Scalar == nil {
		return "not known"
	}
	return fmt.Sprint(*r.Scalar)
}

// explained lists the values and every statement, for the message of a failure.
func explained(s *Set, r Running, values []schema.Value, now time.Time) string {
	var lines []string
	for i, p := range s.Params {
		lines = append(lines, fmt.Sprintf("%s = %s", p.Name, Display(values[i])))
	}
	for i, in := range s.Inputs {
		lines = append(lines, fmt.Sprintf("%s = %s", in.Name, Display(values[len(s.Params)+i])))
	}
	out := strings.Join(lines, ", ")
	for _, e := range s.Explain(r, values, now) {
		when := e.When
		if when == "" {
			when = "always"
		}
		out += fmt.Sprintf("\n    %s: %s: %s", e.State, when, e.Result)
		if e.Holding > 0 {
			out += fmt.Sprintf(", true for %v", e.Holding)
		}
		if e.Why != "" {
			out += ", " + e.Why
		}
	}
	return out
}
