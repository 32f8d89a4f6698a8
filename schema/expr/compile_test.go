package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
	"mereon/schema/fault"
)

// pump is a scope with a value of every kind.
func pump() *Scope {
	m := &schema.Model{
		Types: map[schema.TypeName]*schema.AssetType{"Pump": {Name: "Pump", Properties: []*schema.Property{
			{Name: "flow", Type: Number}, {Name: "ratedFlow", Type: Number}, {Name: "stages", Type: schema.ValueType{Scalar: schema.Int}},
			{Name: "status", Type: schema.ValueType{Scalar: schema.String, Enum: "Status"}}, {Name: "on", Type: Truth},
			{Name: "tags", Type: schema.ValueType{Scalar: schema.String, List: true}}, {Name: "installed", Type: schema.ValueType{Scalar: schema.Date}},
			{Name: "package", Type: Text}, {Name: "settings", Type: schema.ValueType{Scalar: schema.JSON}},
			{Name: "motor", Kind: schema.Group, Type: schema.ValueType{Component: "Motor"}},
		}, Relationships: []*schema.Relationship{{Field: "location"}}, Joins: []*schema.Join{{Field: "workOrders"}}}},
		Components: map[schema.TypeName]*schema.Component{"Motor": {Name: "Motor", Fields: []string{"speed"}, Properties: []*schema.Property{
			{Name: "speed", Type: Number}, {Name: "ratedSpeed", Type: Number}}}},
		Enums: map[schema.TypeName]*schema.Enum{"Status": {Name: "Status", Values: []schema.EnumValue{{Name: "RUN"}, {Name: "IDLE"}}}},
	}
	return TypeScope(m, "Pump")
}

var pumpValues = map[schema.Path]schema.Value{
	"flow": schema.FloatOf(9), "ratedFlow": schema.FloatOf(12), "stages": schema.IntOf(3), "status": schema.StringOf("RUN"),
	"on": schema.BoolOf(true), "tags": schema.ListOf([]schema.Value{schema.StringOf("a"), schema.StringOf("b")}),
	"installed": schema.DateOf("2024-02-01"), "package": schema.StringOf("p"), "settings": schema.JSONOf(`{"limit":5,"deep":{"x":1}}`),
	"motor.speed": schema.FloatOf(1200), "motor.ratedSpeed": schema.FloatOf(1500), "name": schema.StringOf("Feed pump"),
}

func evaluate(p *Program, values map[schema.Path]schema.Value) Result {
	in := make([]schema.Value, len(p.Reads()))
	for i, path := range p.Reads() {
		in[i] = values[path]
	}
	return p.Eval(in)
}

func TestExpressionsGiveValues(t *testing.T) {
	boolean, text := Truth, Text
	whole := schema.ValueType{Scalar: schema.Int}
	for _, c := range []struct {
		text  string
		want  schema.ValueType
		gives schema.Value
	}{
		{"flow / ratedFlow", Number, schema.FloatOf(0.75)},
		{"7 / 2", Number, schema.FloatOf(3.5)},
		{"stages + 1", whole, schema.IntOf(4)},
		{"7 % 4 + -stages", Number, schema.FloatOf(0)},
		{"stages == 3 && stages in [1, 3]", boolean, schema.BoolOf(true)},
		{"on ? flow : 0", Number, schema.FloatOf(9)},
		{"size(tags) + 1", whole, schema.IntOf(3)},
		{"size(tags) == 2", boolean, schema.BoolOf(true)},
		{"tags[1]", text, schema.StringOf("b")},
		{"name.substring(size(name) - 4)", text, schema.StringOf("pump")},
		{"name.substring(name.indexOf('p'), 6)", text, schema.StringOf("p")},
		{"tags.exists(t, t == 'b')", boolean, schema.BoolOf(true)},
		{"tags.exists_one(t, t == 'b')", boolean, schema.BoolOf(true)},
		{"tags.map(t, t + '!')", schema.ValueType{Scalar: schema.String, List: true}, schema.ListOf([]schema.Value{schema.StringOf("a!"), schema.StringOf("b!")})},
		{"motor.speed / motor.ratedSpeed", Number, schema.FloatOf(0.8)},
		{"entity.motor.speed", Number, schema.FloatOf(1200)},
		{"entity.package", text, schema.StringOf("p")},
		{"settings.limit > 4 && settings.deep.x == 1", boolean, schema.BoolOf(true)},
		{"has(settings.limit) && !has(settings.other)", boolean, schema.BoolOf(true)},
		{"installed < timestamp('2024-03-01T00:00:00Z')", boolean, schema.BoolOf(true)},
		{"installed", schema.ValueType{Scalar: schema.Date}, schema.DateOf("2024-02-01")},
		{"installed.getMonth() + 1", whole, schema.IntOf(2)},
		{"min(flow, 3, ratedFlow) + max([1, flow])", Number, schema.FloatOf(12)},
		{"clamp(flow, 0, 5) + abs(-1) + round(2.345, 2) + floor(1.5) + ceil(1.5)", Number, schema.FloatOf(11.35)},
		{"round(2.5) + sqrt(16) + pow(2, 3)", Number, schema.FloatOf(15)},
		{"math.greatest(flow, 1) + math.sign(-4.0)", Number, schema.FloatOf(8)},
		{"status", schema.ValueType{Scalar: schema.String, Enum: "Status"}, schema.StringOf("RUN")},
		{"string(stages) + ' stages'", text, schema.StringOf("3 stages")},
		{"int(2.9) + double('1.5')", Number, schema.FloatOf(3.5)},
		{"duration('90s') > duration('1m')", boolean, schema.BoolOf(true)},
		{"{'a': flow}", schema.ValueType{Scalar: schema.JSON}, schema.JSONOf(`{"a":9}`)},
	} {
		p, problems := Compile(c.text, pump(), c.want)
		if problems != nil {
			t.Errorf("Compile(%s):\n%v", c.text, problems)
			continue
		}
		r := evaluate(p, pumpValues)
		if r.Err != nil || len(r.Missing) > 0 || !schema.Equal(r.Value, c.gives) || r.Value.Kind() != c.gives.Kind() {
			t.Errorf("%s = %v (missing %v, error %v), want %v", c.text, describe(r.Value), r.Missing, r.Err, describe(c.gives))
		}
	}
}

func describe(v schema.Value) any {
	switch v.Kind() {
	case schema.FloatValue, schema.IntValue:
		return v.Float()
	case schema.BoolValue:
		return v.Bool()
	case schema.ListValue:
		return v.List()
	}
	return v.Text()
}

func TestMissingValuesMakeTheResultUnknownOnlyWhenNeeded(t *testing.T) {
	for _, c := range []struct {
		text    string
		missing []schema.Path
		gives   schema.Value
	}{
		{"flow / ratedFlow > 1", []schema.Path{"flow", "ratedFlow"}, schema.Null},
		{"flow > 1 && stages > 1", []schema.Path{"flow"}, schema.Null},
		{"flow > 1 || stages > 1", nil, schema.BoolOf(true)},
		{"flow > 1 && stages > 5", nil, schema.BoolOf(false)},
		{"stages > 1 ? stages == 3 : flow > 1", nil, schema.BoolOf(true)},
		{"flow > 1 ? true : false", []schema.Path{"flow"}, schema.Null},
		{"known(flow) || known(flow + 1)", nil, schema.BoolOf(false)},
		{"fallback(flow, 2) == 2", nil, schema.BoolOf(true)},
		{"tags.exists(x, x == 'b')", []schema.Path{"tags"}, schema.Null},
		{"settings.limit > 1", []schema.Path{"settings"}, schema.Null},
	} {
		p, problems := Compile(c.text, pump(), Truth)
		if problems != nil {
			t.Errorf("Compile(%s):\n%v", c.text, problems)
			continue
		}
		r := evaluate(p, map[schema.Path]schema.Value{"stages": schema.IntOf(3)})
		if r.Err != nil || !cmp.Equal(r.Missing, c.missing) || !schema.Equal(r.Value, c.gives) {
			t.Errorf("%s = %v missing %v error %v, want %v missing %v", c.text, r.Value.Bool(), r.Missing, r.Err, c.gives.Bool(), c.missing)
		}
	}
}

func TestEvaluationErrorsAreToldApartFromUnknown(t *testing.T) {
	for text, want := range map[string]string{
		"flow / (stages - 3) > 1":                  "division by zero",
		"flow % 0 > 1":                             "division by zero",
		"sqrt(-1) > 0":                             "the result is not a finite number",
		"tags[7] == 'x'":                           "index out of bounds: 7",
		"settings.other > 1":                       "no such key: other",
		"max(tags.map(x, 1).filter(x, x > 1)) > 1": "max of an empty list",
	} {
		p, problems := Compile(text, pump(), Truth)
		if problems != nil {
			t.Errorf("Compile(%s):\n%v", text, problems)
			continue
		}
		r := evaluate(p, pumpValues)
		if r.Err == nil || r.Err.Error() != want || fault.CodeOf(r.Err) != fault.Invalid {
			t.Errorf("%s: error %v, want %q", text, r.Err, want)
		}
	}
}

func TestMistakesHavePlaceAndAdvice(t *testing.T) {
	for _, c := range []struct {
		text string
		want schema.ValueType
		says string
	}{
		{"flwo / ratedFlow", Number, "1:1: Pump has no value \"flwo\"\n    flwo / ratedFlow\n    ^\n    Did you mean flow?"},
		{"flow + motor.ratedSped", Number, "1:14: Pump has no value \"motor.ratedSped\"\n"},
		{"motor > 1", Truth, "1:1: Pump has no value \"motor\"\n    motor > 1\n    ^\n    It is a component: name one of its properties, such as motor.speed"},
		{"location.temperature > 1", Truth, "1:1: Pump has no value \"location\"\n    location.temperature > 1\n    ^\n    It is a relationship"},
		{"workOrders == 1", Truth, "It reaches records, not a value; a rule counts them as an input"},
		{"status > 5", Truth, "1:8: > cannot be used with a text and a number\n    status > 5\n           ^\n    Both sides must be of the same kind"},
		{"flow", Truth, "1:1: the expression gives a number, needed is true or false\n    flow\n    ^\n    Compare it with something, such as x > 0"},
		{"flow >", Truth, "1:7: syntax error: unexpected end of the expression\n"},
		{"flow > > 1", Truth, "1:8: syntax error: unexpected '>'"},
		{"", Truth, "1:1: the expression is empty"},
		{"package == 'x'", Truth, "package is a reserved word of the expression language"},
		{"flow != null", Truth, "1:9: null is no value\n    flow != null\n            ^\n    Ask known(x)"},
		{"has(motor.speed)", Truth, "has() does not apply to motor.speed\n"},
		{"absolute(flow) > 1", Truth, "1:9: there is no function absolute"},
		{"ronud(flow) > 1", Truth, "there is no function ronud\n    ronud(flow) > 1\n         ^\n    Did you mean round?"},
		{"min('a', 1) > 1", Truth, "min() cannot be used with a text and a number"},
		{"on / 2 > 1", Truth, "1:4: / cannot be used with true or false and a number"},
		{"on\n  && flwo > 1", Truth, "2:6: Pump has no value \"flwo\"\n      && flwo > 1\n         ^"},
		{"tags.all(a, tags.all(b, tags.all(c, a + b == c)))", Truth, "the limit is 100000"},
		{"status == 'RNU'", Truth, "1:11: Status has no value \"RNU\"\n    status == 'RNU'\n              ^\n    Did you mean RUN?"},
		{"'run' != status", Truth, "1:1: Status has no value \"run\"\n    'run' != status\n    ^\n    It has RUN, IDLE."},
		{"status in ['RUN', 'BROKEN']", Truth, "1:19: Status has no value \"BROKEN\""},
		{strings.Repeat("(", 200) + "1", Number, "the expression is nested more than 60 levels deep"},
		{"flow" + strings.Repeat("+flow", 700), Number, "the expression is nested more than 60 levels deep"},
		{"{'a': 1}", Number, "the expression gives a map, needed is a number"},
		{"flwo + stgaes", Number, "1:8: Pump has no value \"stgaes\""},
	} {
		p, problems := Compile(c.text, pump(), c.want)
		if p != nil || !contains(problems.Error(), c.says) {
			t.Errorf("Compile(%q) says\n%s\nwant\n%s", c.text, problems.Error(), c.says)
		}
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }
