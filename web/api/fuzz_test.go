package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

// FuzzHTTP sends requests of any shape: every refusal is small JSON with a code and none has a status of 500 or more, but for what
// the deadline ends.
func FuzzHTTP(f *testing.F) {
	p := newPlant(f, roomy)
	p.trusting(f, false, trustedFiles)
	f.Add("POST", "", mediaJSON, mediaJSON, `{"query":"{ __typename }"}`)
	f.Add("GET", "query={__typename}", "", mediaGraphQL, "")
	f.Add("GET", "documentId=names&variables={}&operationName=x", "", "*/*;q=0.1, application/json;q=2", "")
	f.Add("GET", "extensions={\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"ab\"}}", "", mediaEvents, "")
	f.Add("POST", "", "application/json; charset=\"utf-8\"", mediaEvents, `{"documentId":"live","extensions":{"persistedQuery":[]}}`)
	f.Add("PUT", "%zz", "text/plain", "text/html", "[]")
	f.Fuzz(func(t *testing.T, method, query, contentType, accept, body string) {
		ctx, cancel := context.WithTimeout(access.NewContext(t.Context(), access.Local), 50*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, "/graphql", strings.NewReader(body))
		if err != nil {
			t.Skip(err)
		}
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		p.handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusGatewayTimeout {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		var refusal struct {
			Errors []struct {
				Extensions struct{ Code string }
			}
		}
		if w.Code < 400 {
			return
		}
		if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || len(refusal.Errors) == 0 || refusal.Errors[0].Extensions.Code == "" || w.Body.Len() > 64<<10 {
			t.Fatalf("%d is no small refusal with a code: %v %.300q", w.Code, err, w.Body)
		}
	})
}
