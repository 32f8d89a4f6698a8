package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mereon/schema/access"
)

// FuzzRequest sends documents and variables as they come: every answer is JSON, none has a status of 500 or more, and no refusal is large.
func FuzzRequest(f *testing.F) {
	p := newPlant(f, roomy)
	for _, document := range []string{
		list100, graphiqlIntrospection, "{", "{ nope }", "subscription { entityChanges { id } }",
		`query($id: ID!, $n: Int = 3, $with: Boolean!) { entity(id: $id) @include(if: $with) { id ... on Pump { ...F } } pumps(first: $n) { nodes { ...F } } } fragment F on Pump { feeds(first: 2) { edges { cursor node { id } } } }`,
		`mutation { planProject(files: [{name: "a", text: "b"}]) { problems { message } } createPump(input: {name: "x", serialNumber: "y"}) { id } }`,
		`{ pumps(where: {or: [{ratedFlow: {gt: 3}}, {not: {name: {contains: "1"}}}]}, orderBy: [{ratedFlow: DESC}], after: "x") { totalCount } }`,
		`{ ... @defer { server { role } } a: __typename @skip(if: false) path(from: "p001", to: "p010") { length } }`,
	} {
		f.Add(document, `{"id":"p001","n":2,"with":true}`)
	}
	f.Add("{ __typename }", `{"a":[1e999,{}]}`)
	f.Add("{ __typename }", `}`)
	f.Fuzz(func(t *testing.T, document, variables string) {
		text, err := json.Marshal(document)
		if err != nil {
			t.Skip()
		}
		body := `{"query":` + string(text) + `,"variables":` + variables + `,"extensions":{"plan":true}}`
		r := httptest.NewRequestWithContext(access.NewContext(t.Context(), access.Local), http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", mediaGraphQL)
		w := httptest.NewRecorder()
		p.handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d is no JSON: %.300q", w.Code, w.Body)
		}
		if w.Code >= 400 && w.Body.Len() > 64<<10 {
			t.Fatalf("%d with %d bytes", w.Code, w.Body.Len())
		}
	})
}
