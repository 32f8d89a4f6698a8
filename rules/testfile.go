package rules

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// rawTestFile is a file of tests of one rule set as written.
type rawTestFile struct {
	RuleSet yaml.Node `yaml:"ruleSet,required"`
	On      yaml.Node `yaml:"on"`
	Tests   []rawTest `yaml:"tests,required"`
}

type rawTest struct {
	Position fault.Position `yaml:"-"`
	Test     string         `yaml:"test,required"`
	Params   yaml.Node      `yaml:"params"`
	Given    yaml.Node      `yaml:"given"`
	Steps    []rawStep      `yaml:"steps,required"`
}

type rawStep struct {
	At     time.Duration `yaml:"at,required"`
	Set    yaml.Node     `yaml:"set"`
	Expect yaml.Node     `yaml:"expect"`
}

type rawExpect struct {
	State   yaml.Node     `yaml:"state"`
	Unknown []string      `yaml:"unknown"`
	Error   yaml.Node     `yaml:"error"`
	Scalar  *float64      `yaml:"scalar"`
	Message yaml.Node     `yaml:"message"`
	Alarm   *bool         `yaml:"alarm"`
	Since   time.Duration `yaml:"since"`
}

// testCase is one test, checked.
type testCase struct {
	name     string
	set      *Set
	params   []schema.Value
	given    []schema.Value // per input
	steps    []testStep
	position fault.Position
}

type testStep struct {
	at     time.Duration
	set    map[int]schema.Value // by input
	expect *expectation
	node   yaml.Node
}

// expectation is what a step wants; what is not named is not looked at.
type expectation struct {
	state    string
	hasState bool
	unknown  []string
	err      string
	scalar   *float64
	message  string
	alarm    *bool
	since    time.Duration
}

// testReader reads one file of tests.
type testReader struct {
	*reader
	book  *Book
	model *schema.Model
}

func (r *testReader) read() []testCase {
	node, problems := document.Parse(r.File)
	r.Problems = append(r.Problems, problems...)
	if node == nil {
		return nil
	}
	var raw rawTestFile
	if !r.Decode(node, &raw) {
		return nil
	}
	set := r.find(&raw)
	if set == nil {
		return nil
	}
	var cases []testCase
	for i := range raw.Tests {
		cases = append(cases, r.test(&raw.Tests[i], set))
	}
	return cases
}

// find returns the rule set a file tests: the one that applies to the type in on, else the only one of that name.
func (r *testReader) find(raw *rawTestFile) *Set {
	var names []string
	for _, s := range r.book.Sets() {
		names = append(names, s.Name)
	}
	name, ok := r.OneOf(&raw.RuleSet, "rule set", slices.Compact(names))
	if !ok {
		return nil
	}
	if document.Given(&raw.On) {
		on, ok := r.OneOf(&raw.On, "asset type", typeNames(r.model))
		if !ok {
			return nil
		}
		set, ok := r.book.Find(schema.TypeName(on), name)
		if !ok {
			r.Wrong(&raw.On, "", "the rule set %s does not apply to %s", name, on)
		}
		return set
	}
	var found []*Set
	for _, s := range r.book.Sets() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) > 1 {
		r.Wrong(&raw.RuleSet, "Add on: an asset type.", "%s is a rule set of %s and of %s", name, found[0].On, found[1].On)
		return nil
	}
	return found[0]
}

func (r *testReader) test(raw *rawTest, set *Set) testCase {
	c := testCase{name: raw.Test, set: set, position: raw.Position, given: make([]schema.Value, len(set.Inputs))}
	c.params, _ = set.ParamValues("")
	for _, e := range r.Entries(&raw.Params, "params") {
		i := slices.IndexFunc(set.Params, func(p Param) bool { return p.Name == e.Key.Value })
		if i < 0 {
			r.Wrong(e.Key, "", "the rule set %s has no parameter %q", set.Name, e.Key.Value)
			continue
		}
		v, err := set.Params[i].accept(document.Any(e.Value))
		if err != nil {
			r.Wrong(e.Value, "", "%s", err.Error())
			continue
		}
		c.params[i] = v
	}
	for i, v := range r.inputs(&raw.Given, "given", set) {
		c.given[i] = v
	}
	var last time.Duration
	for i := range raw.Steps {
		s := &raw.Steps[i]
		if s.At < last {
			r.Wrong(r.nodeOf(s), "Order the steps by time.", "the step at %v comes after one at %v", s.At, last)
		}
		last = max(last, s.At)
		c.steps = append(c.steps, testStep{at: s.At, set: r.inputs(&s.Set, "set", set), expect: r.expect(&s.Expect, set), node: *r.nodeOf(s)})
	}
	return c
}

func (r *testReader) nodeOf(s *rawStep) *yaml.Node {
	if document.Given(&s.Expect) {
		return &s.Expect
	}
	return &s.Set
}

func (r *testReader) inputs(n *yaml.Node, what string, set *Set) map[int]schema.Value {
	out := map[int]schema.Value{}
	for _, e := range r.Entries(n, what) {
		i := slices.IndexFunc(set.Inputs, func(in Input) bool { return in.Name == e.Key.Value })
		if i < 0 {
			var names []string
			for _, in := range set.Inputs {
				names = append(names, in.Name)
			}
			r.OneOf(e.Key, "input", names)
			continue
		}
		v, err := schema.ParseValue(document.Any(e.Value), set.Inputs[i].Type, r.model)
		if err != nil {
			r.Wrong(e.Value, "", "%s: %s", e.Key.Value, err)
			continue
		}
		out[i] = v
	}
	return out
}

// expect reads a state, or {state, unknown, error, scalar, message, alarm, since}.
func (r *testReader) expect(n *yaml.Node, set *Set) *expectation {
	if !document.Given(n) {
		return nil
	}
	out := &expectation{}
	if n.Kind == yaml.ScalarNode {
		out.state, out.hasState = r.OneOf(n, "state", set.States)
		return out
	}
	var raw rawExpect
	if !r.Decode(n, &raw) {
		return nil
	}
	if document.Given(&raw.State) {
		out.state, out.hasState = r.OneOf(&raw.State, "state", set.States)
	}
	if document.Given(&raw.Error) {
		out.err, _ = r.Text(&raw.Error, "error")
	}
	if document.Given(&raw.Message) {
		out.message, _ = r.Text(&raw.Message, "message")
	}
	out.unknown, out.scalar, out.alarm, out.since = raw.Unknown, raw.Scalar, raw.Alarm, raw.Since
	slices.Sort(out.unknown)
	return out
}
