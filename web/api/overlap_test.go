package api

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const petSchema = `
type Query { pet: Pet  dog: Dog  cat: Cat  any: Any  pets: [Pet!]!  dogs: [Dog] }
interface Pet { name: String  age: Int!  friend: Pet  near(to: Int, how: How): Pet  tags: [String] }
input How { deep: Int  wide: [Int] }
type Dog implements Pet { name: String  age: Int!  friend: Dog  near(to: Int, how: How): Dog  tags: [String]  barks: Int  owner: String  home: Home }
type Cat implements Pet { name: String  age: Int!  friend: Cat  near(to: Int, how: How): Cat  tags: [String]  meows: String  owner: Int  home: Home }
type Home { name: String  pets: [Pet] }
union Any = Dog | Cat
`

func petTypes(t testing.TB) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: petSchema})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(s *ast.Schema, text string, rule core.RuleFunc) (gqlerror.List, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, err
	}
	return validator.ValidateWithRules(s, doc, rules.NewRules(core.Rule{Name: "OverlappingFieldsCanBeMerged", RuleFunc: rule})), nil
}

func TestFieldsOfOneResponseNameMustBeMergeable(t *testing.T) {
	s := petTypes(t)
	for _, c := range []struct{ name, document, want string }{
		{"equal fields", `{ dog { name name } }`, ""},
		{"an alias of itself", `{ dog { x: name x: name } }`, ""},
		{"different fields", `{ dog { x: name x: barks } }`, "conflicting types String and Int"},
		{"different fields of one type", `{ dog { x: name x: owner } }`, "name and owner are different fields"},
		{"other arguments", `{ dog { near(to: 1) { name } near(to: 2) { name } } }`, "differing arguments"},
		{"arguments and none", `{ dog { near { name } near(to: 2) { name } } }`, "differing arguments"},
		{"the same arguments in another order", `{ dog { near(to: 1, how: {deep: 1, wide: [1]}) { name } near(how: {wide: [1], deep: 1}, to: 1) { name } } }`, ""},
		{"lists in another order", `{ dog { near(how: {wide: [1, 2]}) { name } near(how: {wide: [2, 1]}) { name } } }`, "differing arguments"},
		{"variables", `query($a: Int, $b: Int) { dog { near(to: $a) { name } near(to: $b) { name } } }`, "differing arguments"},
		{"different fields of two objects", `{ pet { ... on Dog { x: barks } ... on Cat { x: age } } }`, "conflicting types Int and Int!"},
		{"two objects, one shape", `{ pet { ... on Dog { x: name } ... on Cat { x: meows } } }`, ""},
		{"two objects, two shapes", `{ pet { ... on Dog { owner } ... on Cat { owner } } }`, "conflicting types String and Int"},
		{"an interface and an object", `{ pet { x: name ... on Cat { x: meows } } }`, "name and meows are different fields"},
		{"a third after an interface", `{ pet { ... on Dog { x: owner } ... on Cat { x: meows } x: name } }`, "are different fields"},
		{"a leaf and a composite", `{ pet { ... on Dog { x: home { name } } ... on Cat { x: meows } } }`, "conflicting types Home and String"},
		{"a list and no list", `{ pet { ... on Dog { x: tags } ... on Cat { x: meows } } }`, "conflicting types [String] and String"},
		{"below a list", `{ pets { friend { x: name } } pets { friend { x: age } } }`, "conflicting types String and Int!"},
		{"below two objects only the shape counts", `{ pet { ... on Dog { friend { x: name } } ... on Cat { friend { x: meows } } } }`, ""},
		{"below two objects the shape counts", `{ pet { ... on Dog { friend { x: barks } } ... on Cat { friend { x: meows } } } }`, "conflicting types Int and String"},
		{"in a fragment", `{ dog { x: name ...F } } fragment F on Dog { x: owner }`, "different fields"},
		{"in nested fragments", `{ dog { ...F ...G } } fragment F on Dog { friend { x: name } } fragment G on Dog { friend { ...H } } fragment H on Dog { x: owner }`, "different fields"},
		{"unions", `{ any { ... on Dog { x: name } ... on Cat { x: meows } __typename } any { __typename } }`, ""},
		{"fragments that spread themselves", `{ dog { ...F } } fragment F on Dog { friend { ...F } }`, ""},
		{"unknown fields", `{ dog { x: nope x: name } }`, ""},
	} {
		list, err := check(s, c.document, overlapRule)
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && len(list) > 0:
			t.Errorf("%s: %v, want no conflict", c.name, list)
		case c.want != "" && (len(list) != 1 || !strings.Contains(list[0].Message, c.want)):
			t.Errorf("%s: %v, want one conflict with %q", c.name, list, c.want)
		}
	}
}

// randomDocument writes selections that the schema knows, full of equal response names.
type randomDocument struct {
	*rand.Rand
	b      strings.Builder
	spread int // fragments from this number on may be spread: none spreads itself
}

var petFields = map[string][][2]string{
	"Query": {{"pet", "Pet"}, {"dog", "Dog"}, {"cat", "Cat"}, {"any", "Any"}, {"pets", "Pet"}, {"dogs", "Dog"}},
	"Pet":   {{"name", ""}, {"age", ""}, {"friend", "Pet"}, {"near(to: 1)", "Pet"}, {"near(to: 2)", "Pet"}, {"tags", ""}},
	"Dog":   {{"name", ""}, {"age", ""}, {"friend", "Dog"}, {"near(to: 1)", "Dog"}, {"barks", ""}, {"owner", ""}, {"home", "Home"}},
	"Cat":   {{"name", ""}, {"age", ""}, {"friend", "Cat"}, {"near(to: 1)", "Cat"}, {"meows", ""}, {"owner", ""}, {"home", "Home"}},
	"Home":  {{"name", ""}, {"pets", "Pet"}},
	"Any":   {{"__typename", ""}},
}

func (d *randomDocument) selections(of string, depth int) {
	d.b.WriteString("{ __typename ")
	for range 1 + d.IntN(3) {
		switch n := d.IntN(10); {
		case n < 3 && depth > 0 && of != "Query" && of != "Home":
			on := []string{"Dog", "Cat", "Pet"}[d.IntN(3)]
			if of == "Dog" || of == "Cat" {
				on = of
			}
			if k := d.spread + d.IntN(2); k < 2 {
				fmt.Fprintf(&d.b, "...%s%d ", on, k)
				continue
			}
			d.b.WriteString("... on " + on + " ")
			d.selections(on, depth-1)
		default:
			f := petFields[of][d.IntN(len(petFields[of]))]
			if f[1] != "" && depth <= 0 {
				continue
			}
			if d.IntN(4) == 0 {
				d.b.WriteString([]string{"x", "y"}[d.IntN(2)] + ": ")
			}
			d.b.WriteString(f[0] + " ")
			if f[1] != "" {
				d.selections(f[1], depth-1)
			}
		}
	}
	d.b.WriteString("} ")
}

func TestTheVerdictOnRandomDocumentsIsThatOfThePairwiseRule(t *testing.T) {
	s := petTypes(t)
	conflicts := 0
	const documents = 4000
	for seed := range uint64(documents) {
		d := &randomDocument{Rand: rand.New(rand.NewPCG(seed, 7))}
		d.selections("Query", 3)
		for k := range 2 {
			for _, name := range []string{"Dog", "Cat", "Pet"} {
				if d.spread = k + 1; strings.Contains(d.b.String(), fmt.Sprintf("...%s%d ", name, k)) {
					fmt.Fprintf(&d.b, "fragment %s%d on %s ", name, k, name)
					d.selections(name, 2)
				}
			}
		}
		text := d.b.String()
		want, err := check(s, text, rules.OverlappingFieldsCanBeMergedRule.RuleFunc)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := check(s, text, overlapRule)
		if (len(got) > 0) != (len(want) > 0) {
			t.Fatalf("seed %d: %v, want %v for\n%s", seed, got, want, text)
		}
		if len(want) > 0 {
			conflicts++
		}
	}
	if conflicts < documents/20 || conflicts > documents*19/20 {
		t.Errorf("%d of %d documents conflict: that proves little", conflicts, documents)
	}
	t.Logf("%d of %d documents conflict", conflicts, documents)
}

// visited counts the selections the rule looks at.
func visited(t *testing.T, s *ast.Schema, text string) int {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	validator.ValidateWithRules(s, doc, rules.NewRules()) // gives fields their definitions
	m := merger{schema: s, fragments: doc.Fragments, report: func(...core.ErrorOption) {}, budget: overlapBudget}
	sets := []ast.SelectionSet{doc.Operations[0].SelectionSet}
	m.merge(sets, m.sameShape)
	m.merge(sets, m.sameField)
	return overlapBudget - m.budget
}

func TestTheWorkGrowsLinearly(t *testing.T) {
	s := petTypes(t)
	for name, document := range map[string]func(n int) string{
		"equal fields":   func(n int) string { return "{ dog {" + strings.Repeat(" name", n) + " } }" },
		"equal subtrees": func(n int) string { return "{" + strings.Repeat(" dog { friend { name } }", n) + " }" },
		"two objects": func(n int) string {
			return "{ pet {" + strings.Repeat(" ... on Dog { name } ... on Cat { name }", n) + " } }"
		},
	} {
		small, large := visited(t, s, document(100)), visited(t, s, document(1000))
		if large > 11*small {
			t.Errorf("%s: %d selections for 100, %d for 1000", name, small, large)
		}
	}
}

func TestFragmentsThatMultiplyAreRefusedByTheBudget(t *testing.T) {
	s := petTypes(t)
	var b strings.Builder
	b.WriteString("{ dog { ...F0 } } ")
	for i := range 40 {
		fmt.Fprintf(&b, "fragment F%d on Dog { a: friend { ...F%d } b: friend { ...F%d } } ", i, i+1, i+1)
	}
	b.WriteString("fragment F40 on Dog { name }")
	list, err := check(s, b.String(), overlapRule)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Extensions["code"] == nil {
		t.Errorf("%v, want one coded refusal", list)
	}
}
