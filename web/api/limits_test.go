package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"mereon/graph/query"
)

const marker = "xyzzy" // stands in every input, and must be in no refusal

// tight and shallow refuse early.
var (
	tight   = Limits{Body: 3000, Tokens: 200, Directives: 3, Variables: 2, Fragments: 9, Lists: 5, Time: time.Nanosecond}
	shallow = query.Limits{Depth: 5, Aliases: 3, Roots: 4}
)

func TestEveryLimitIsRefusedWithItsNumberAndWhereToSetIt(t *testing.T) {
	p := newPlant(t, tight)
	p.limits = shallow
	p.handler.Swap(p.snapshot(t, parseModel(t, plantModel)))
	deep := "{ pumps { nodes { feeds { nodes { feeds { nodes { name } } } } } } }"
	for name, c := range map[string]struct {
		document, limit, setting string
		status                   int
	}{
		"body":             {"{ " + strings.Repeat(marker+" ", 1000) + "}", "3000", "limits.body", 413},
		"tokens":           {"{ " + strings.Repeat("id ", 300) + "}", "200", "limits.tokens", 400},
		"directives":       {"{ __typename @skip(if: false) @include(if: true) a: __typename @skip(if: true) b: __typename @skip(if: true) }", "3", "limits.directives", 400},
		"variables":        {"query($a: Int, $b: [Int!] = [1, 2], $c: Int) { pumps(first: $a, last: $b) { totalCount } }", "2", "limits.variables", 400},
		"many fragments":   {"{ pumps { nodes { " + strings.Repeat("... { id } ", 8) + "...F } } } fragment F on Pump { id }", "9", "limits.fragments", 400},
		"lists":            {`{ pumps(where: {id: {in: ["1", "2", "3", "4", "5", "6"]}}) { totalCount } }`, "5", "limits.lists", 400},
		"lists of objects": {`{ pumps(where: {or: [{id: {in: ["a", "b"]}}, {id: {in: [$x, 1]}}]}) { totalCount } }`, "5", "limits.lists", 400},
		"depth":            {deep, "5", "limits.depth", 400},
		"fragments":        {"{ pumps { nodes { ...A } } } fragment A on Pump { feeds { nodes { ...B } } } fragment B on Pump { feeds { nodes { name } } }", "5", "limits.depth", 400},
		"aliases":          {"{ pumps { a: totalCount b: totalCount c: totalCount d: totalCount } }", "3", "limits.aliases", 400},
		"roots":            {"{ ...R ...R server { role } model { hash } } fragment R on Query { pumps { totalCount } valves { totalCount } equipments { totalCount } }", "4", "limits.roots", 400},
		"time":             {"{ pumps(first: 100) { nodes { name } } }", "1ns", "limits.time", 504},
	} {
		document := strings.ReplaceAll(c.document, " totalCount", " "+"totalCount")
		r := p.ask(t, "POST", "/graphql", requestOf("# "+marker+"\n"+document, nil), "Content-Type", "application/json", "Accept", mediaGraphQL)
		code := "LIMIT"
		if name == "time" {
			code = "TIMEOUT"
			c.status = r.status // whether anything was executed is not told here
		}
		if len(r.Errors) == 0 || r.Errors[0].Extensions["code"] != code || r.status != c.status {
			t.Errorf("%s: %d %.300s, want %d and %s", name, r.status, r.text, c.status, code)
			continue
		}
		if m := r.Errors[0].Message; !strings.Contains(m, c.limit) || !strings.Contains(m, c.setting+" in mereon.yaml") {
			t.Errorf("%s: %q names no limit of %s to set as %s", name, m, c.limit, c.setting)
		}
		if strings.Contains(r.text, marker) {
			t.Errorf("%s: the refusal echoes its input: %.300s", name, r.text)
		}
	}
}

func TestGetIsLimitedAsPostIs(t *testing.T) {
	p := newPlant(t, tight)
	r := p.ask(t, "GET", "/graphql?query="+url.QueryEscape("{ "+strings.Repeat(marker+" ", 1000)+"}"), nil)
	if r.code() != "LIMIT" || strings.Contains(r.text, marker) {
		t.Errorf("%d %.200s", r.status, r.text)
	}
}

// graphiqlIntrospection is the deepest query that tools send: GraphiQL's, with descriptions, directives and one-of inputs.
const graphiqlIntrospection = `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
  types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestTheIntrospectionOfToolsPassesTheLimitsAndIsWhole(t *testing.T) {
	p := newPlant(t, roomy)
	for range 2 { // the second comes from the cache
		r := p.query(t, graphiqlIntrospection)
		if len(r.Errors) > 0 {
			t.Fatalf("%.500s", r.text)
		}
		types := map[string]bool{}
		for _, item := range r.Data["__schema"].(map[string]any)["types"].([]any) {
			types[item.(map[string]any)["name"].(string)] = true
		}
		for name := range p.handler.Current().Schema().Types {
			if !types[name] {
				t.Errorf("introspection lacks %s", name)
			}
		}
		for _, name := range []string{"Pump", "Equipment", "ServerStatus", "ProjectPlan"} {
			if !types[name] {
				t.Errorf("the schema lacks %s", name)
			}
		}
	}
}

func TestIntrospectionThatNestsIsRefused(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }`)
	if len(r.Errors) == 0 || r.Data != nil {
		t.Errorf("%.300s", r.text)
	}
}

func TestTheSchemaIsAskedForAFewTimesPerDocument(t *testing.T) {
	p := newPlant(t, roomy)
	const document = `{ a: __schema { description } b: __type(name: "Pump") { name } ...F } fragment F on Query { c: __schema { description } d: __schema { description } }`
	if r := p.query(t, document); len(r.Errors) > 0 {
		t.Errorf("four times: %s", r.text)
	}
	if r := p.query(t, strings.Replace(document, "...F", "e: __schema { description } ...F", 1)); r.code() != "LIMIT" {
		t.Errorf("five times: %s", r.text)
	}
}

// hostile are documents of a mebibyte that ask much of a careless parser or validator.
func hostile() map[string]string {
	const size = 1 << 20
	fill := func(head, unit, tail string) string {
		return head + strings.Repeat(unit, (size-len(head)-len(tail)-100)/len(unit)) + tail
	}
	var doubling strings.Builder
	doubling.WriteString("{ ...F0 } ")
	for i := range 100 {
		fmt.Fprintf(&doubling, "fragment F%d on Query { ...F%d ...F%d } ", i, i+1, i+1)
	}
	doubling.WriteString("fragment F100 on Query { __typename }")
	return map[string]string{
		"equal fields":        fill("{ pumps { nodes {", " id", "} } }"),
		"aliases":             fill("{", " a: __typename", "}"),
		"braces":              fill("", "{a", ""),
		"brackets":            fill("{ pumps(ids: ", "[", ""),
		"commas":              fill("{", ",", "__typename }"),
		"a comment":           fill("{ __typename } #", "x", ""),
		"comments":            fill("{", "#\n", "__typename }"),
		"a name":              fill("{ ", "a", " }"),
		"a fragment's name":   fill("{ ...", "a", " }"),
		"a type's name":       fill("{ ... on ", "a", " { id } }"),
		"a variable's name":   fill("query($", "a", ": Int) { __typename }"),
		"a number":            fill("{ pumps(first: ", "9", ") { totalCount } }"),
		"a string":            fill(`{ pump(id: "`, "x", `") { id } }`),
		"escapes":             fill(`{ pump(id: "`, `\u0041`, `") { id } }`),
		"a block string":      fill(`{ pump(id: """`, "\n  x", `""") { id } }`),
		"quotes":              fill(`{ pump(id: `, `""`, `) { id } }`),
		"fragments":           fill("{ __typename } ", "fragment F on Query { id } ", ""),
		"operations":          fill("", "query A { id } ", ""),
		"variables":           fill("query(", "$a: Int ", ") { __typename }"),
		"directives":          fill("{ __typename ", "@skip(if: true) ", "}"),
		"arguments":           fill("{ pumps(", "first: 1 ", ") { totalCount } }"),
		"a list":              fill("{ pumps(ids: [", "1 ", "]) { totalCount } }"),
		"lists in a list":     fill("{ pumps(ids: [", "[] ", "]) { totalCount } }"),
		"objects in a list":   fill("{ pumps(ids: [", "{} ", "]) { totalCount } }"),
		"brackets that close": fill("{ pumps(ids: ", "] ", ") { totalCount } }"),
		"spreads":             fill("{ ", "...F ", "} fragment F on Query { id }"),
		"inline fragments":    fill("{ ", "...{id} ", "}"),
		"directives of one":   "{ __typename " + strings.Repeat("@skip(if: true) ", 100) + "}",
		"defaults":            "query(" + strings.Repeat("$a: [Int!] = [1] ", 90) + ") { __typename }",
		"enums in lists":      "{ pumps(orderBy: [" + strings.Repeat("{name: ASC} ", 190) + "]) { totalCount } }",
		"no letters":          fill("", "\x00", ""),
		"fragments that grow": doubling.String(),
		"unknown fields":      "{ pumps { nodes {" + strings.Repeat(" "+strings.Repeat("p", maxName), 1990) + "} } }",
		"unknown types":       "{ pumps { nodes {" + strings.Repeat(" ... on "+strings.Repeat("P", maxName)+" { id }", 300) + "} } }",
		"unknown arguments":   "{ pumps(" + strings.Repeat(" "+strings.Repeat("w", maxName)+": 1", 600) + ") { totalCount } }",
		"unknown inputs":      "{ pumps(where: {" + strings.Repeat(" "+strings.Repeat("w", maxName)+": 1", 600) + "}) { totalCount } }",
	}
}

func TestHostileDocumentsAreAnsweredWithSmallRefusals(t *testing.T) {
	p := newPlant(t, roomy)
	for name, document := range hostile() {
		text, err := json.Marshal(map[string]string{"query": document})
		if err != nil {
			t.Fatal(err)
		}
		r := p.ask(t, "POST", "/graphql", text, "Content-Type", "application/json", "Accept", mediaGraphQL)
		if r.status >= 500 || len(r.text) > 64<<10 {
			t.Errorf("%s: %d with %d bytes: %.200s", name, r.status, len(r.text), r.text)
		}
	}
}

// BenchmarkHostile measures what each hostile document costs; none should take 20 ms.
func BenchmarkHostile(b *testing.B) {
	p := newPlant(b, roomy)
	s := p.handler.Current()
	for name, document := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.document(document, &p.handler.limits)
			}
		})
	}
}
