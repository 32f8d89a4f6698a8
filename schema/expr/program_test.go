package expr

import (
	"context"
	"strings"
	"testing"
	"time"

	"mereon/schema"
	"mereon/schema/fault"
)

func TestComputedPropertiesOfAModelAreCheckedInPlace(t *testing.T) {
	text := "type Pump @asset {\n  load: Float @computed(expr: \"flwo / rated\")\n}\n"
	at := fault.Position{File: "pump.graphql", Line: 2, Column: 31}
	m := model(&schema.Property{Name: "load", Kind: schema.Computed, Type: Number, Expr: "flwo / rated", ExprPosition: at},
		&schema.Property{Name: "flow", Type: Number}, &schema.Property{Name: "rated", Type: Number})
	m.Files = []schema.File{{Name: "pump.graphql", Text: text}}
	_, problems := CompileModel(m)
	want := "pump.graphql:2:31: Pump has no value \"flwo\"\n      load: Float @computed(expr: \"flwo / rated\")\n" +
		strings.Repeat(" ", 4+30) + "^\n    Did you mean flow?"
	if problems.Error() != want {
		t.Errorf("CompileModel says\n%s\nwant\n%s", problems.Error(), want)
	}
}

func TestComputedPropertiesComeAfterWhatTheyRead(t *testing.T) {
	m := model(&schema.Property{Name: "double", Kind: schema.Computed, Type: Number, Expr: "load * 2"},
		&schema.Property{Name: "load", Kind: schema.Computed, Type: Number, Expr: "flow / 2"}, &schema.Property{Name: "flow", Type: Number})
	c, problems := CompileModel(m)
	if problems != nil {
		t.Fatal(problems)
	}
	if of := c.Of("Pump"); len(of) != 2 || of[0].Path != "load" || of[1].Path != "double" {
		t.Errorf("Of(Pump) = %v, want load before double", of)
	}
	if _, ok := c.Find("Pump", "double"); !ok {
		t.Error("Find(Pump, double) found nothing")
	}
}

func TestComputedPropertiesThatReadEachOtherAreRefused(t *testing.T) {
	m := model(&schema.Property{Name: "a", Kind: schema.Computed, Type: Number, Expr: "b + 1"},
		&schema.Property{Name: "b", Kind: schema.Computed, Type: Number, Expr: "a + 1"})
	_, problems := CompileModel(m)
	if !strings.Contains(problems.Error(), "computed properties read each other: a -> b -> a") {
		t.Errorf("CompileModel says %s", problems.Error())
	}
}

func TestPlainNamesInAComponentMeanTheComponent(t *testing.T) {
	m := model(&schema.Property{Name: "rated", Type: Number}, &schema.Property{Name: "motor", Kind: schema.Group, Type: schema.ValueType{Component: "Motor"}})
	m.Components = map[schema.TypeName]*schema.Component{"Motor": {Name: "Motor", Properties: []*schema.Property{
		{Name: "speed", Type: Number},
		{Name: "share", Kind: schema.Computed, Type: Number, Expr: "speed / entity.rated"}}}}
	c, problems := CompileModel(m)
	if problems != nil {
		t.Fatal(problems)
	}
	p, _ := c.Find("Pump", "motor.share")
	if got := p.Program.Reads(); len(got) != 2 || got[0] != "motor.speed" || got[1] != "rated" {
		t.Errorf("Reads() = %v, want [motor.speed rated]", got)
	}
}

func model(properties ...*schema.Property) *schema.Model {
	return &schema.Model{TypeNames: []schema.TypeName{"Pump"}, Types: map[schema.TypeName]*schema.AssetType{"Pump": {Name: "Pump", Properties: properties}}}
}

func TestLongValuesAreRefusedBecauseTheBoundAssumesShortOnes(t *testing.T) {
	p, problems := Compile("size(name) > 1", pump(), Truth)
	if problems != nil {
		t.Fatal(problems)
	}
	r := p.Eval([]schema.Value{schema.StringOf(strings.Repeat("x", MaxText+1))})
	if fault.CodeOf(r.Err) != fault.Invalid || !strings.Contains(r.Err.Error(), "name cannot be used: the text has 1025 bytes, expressions take at most 1024") {
		t.Errorf("Eval of a long text: %v", r.Err)
	}
}

func TestEvaluationEndsWithItsContext(t *testing.T) {
	p, problems := Compile("tags.all(a, size(a) < 9)", pump(), Truth)
	if problems != nil {
		t.Fatal(problems)
	}
	tags := make([]schema.Value, MaxList)
	for i := range tags {
		tags[i] = schema.StringOf("x")
	}
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	if r := p.EvalContext(ctx, []schema.Value{schema.ListOf(tags)}); fault.CodeOf(r.Err) != fault.Timeout {
		t.Errorf("EvalContext past its deadline: %v, want a Timeout", r.Err)
	}
}

func TestEnumResultsAreChecked(t *testing.T) {
	p, problems := Compile("on ? 'RUN' : 'BROKEN'", pump(), schema.ValueType{Scalar: schema.String, Enum: "Status"})
	if problems != nil {
		t.Fatal(problems)
	}
	if r := p.Eval([]schema.Value{schema.BoolOf(false)}); r.Err == nil || r.Err.Error() != `the result "BROKEN" is no value of Status` {
		t.Errorf("Eval = %v, %v", r.Value, r.Err)
	}
}

func TestOneProgramServesManyAtOnce(t *testing.T) {
	p, problems := Compile("flow / ratedFlow", pump(), Number)
	if problems != nil {
		t.Fatal(problems)
	}
	done := make(chan bool)
	for g := range 4 {
		go func() {
			ok := true
			for i := range 500 {
				x := float64(g*1000 + i)
				r := p.Eval([]schema.Value{schema.FloatOf(x), schema.FloatOf(2)})
				ok = ok && r.Value.Float() == x/2
			}
			done <- ok
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("a result of another evaluation came back")
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"flow / ratedFlow", "t > 1 && x", "tags.exists(t, t == 'a')", "settings.a.b[0]", "{'a': [1, 2u]}", "known(flow) ? 1 : 2",
		"name.substring(size(name) - 1)", "Pump{a: 1}", "[1,2].map(x, x % 2)", "'%s'.format([flow])", "-9223372036854775808", "a.b.c.d", "flow.flow"} {
		f.Add(s)
	}
	scope := pump()
	f.Fuzz(func(t *testing.T, text string) {
		p, problems := Compile(text, scope, schema.ValueType{Scalar: schema.JSON})
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("Compile(%q) gave program %v with problems %v", text, p != nil, problems)
		}
		if p == nil {
			for _, problem := range problems {
				if problem.Message == "" || problem.Line < 1 || problem.Column < 1 {
					t.Fatalf("Compile(%q) gave a problem without place or text: %#v", text, problem)
				}
			}
			return
		}
		for _, values := range []map[schema.Path]schema.Value{nil, pumpValues} {
			r := evaluate(p, values)
			if r.Err != nil && strings.Contains(r.Err.Error(), "internal error") {
				t.Fatalf("%q: %v", text, r.Err)
			}
		}
	})
}

func BenchmarkEval(b *testing.B) {
	p, problems := Compile("flow > ratedFlow * 0.9 && status == 'RUN'", pump(), Truth)
	if problems != nil {
		b.Fatal(problems)
	}
	values := []schema.Value{schema.FloatOf(12), schema.FloatOf(12), schema.StringOf("RUN")}
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Eval(values); !r.Value.Bool() {
			b.Fatal(r)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	scope := pump()
	for b.Loop() {
		if _, problems := Compile("flow > ratedFlow * 0.9 && status == 'RUN'", scope, Truth); problems != nil {
			b.Fatal(problems)
		}
	}
}
