package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

func TestOnePlanServesAllValuesOfItsConditions(t *testing.T) {
	p := newPlant(t)
	const text = `query($a: Boolean!, $b: Boolean!) { pump(id: "pump-1") { id name @include(if: $a) ... @skip(if: $b) { category } ... @defer(if: $a) { ratedFlow } } }`
	plan := p.plan(t, text)
	for _, a := range []bool{false, true} {
		for _, b := range []bool{false, true} {
			if p.plan(t, text) != plan {
				t.Fatal("the operation was planned again")
			}
			r := p.ask(t, text, map[string]any{"a": a, "b": b})
			got := string(r.Data)
			if strings.Contains(got, "name") != a || strings.Contains(got, "category") == b || !strings.Contains(got, "ratedFlow") || len(r.Errors) > 0 {
				t.Errorf("a %t, b %t: %s", a, b, got)
			}
		}
	}
	if n := p.engine.plans.used.Len(); n != 1 {
		t.Errorf("%d plans are kept", n)
	}
}

func TestEveryRootFieldOfQueryCanBeLive(t *testing.T) {
	p := newPlant(t)
	query, live := p.schema.Query.Fields, p.schema.Subscription.Fields
	for _, f := range query {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		s := live.ForName(f.Name)
		if s == nil {
			t.Errorf("%s cannot be subscribed to", f.Name)
			continue
		}
		every := s.Arguments.ForName("every")
		if every == nil || every.Type.String() != "Duration" || s.Type.String() != f.Type.String() || len(s.Arguments) != len(f.Arguments)+1 {
			t.Errorf("%s is %s as a query and %s live", f.Name, fmt.Sprint(f.Type, len(f.Arguments)), fmt.Sprint(s.Type, len(s.Arguments)))
		}
		if !p.engine.Owns(ast.Subscription, f.Name) {
			t.Errorf("%s has no owner as a subscription", f.Name)
		}
	}
}
