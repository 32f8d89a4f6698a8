package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mereon/schema/access"
)

func TestARequestIsAnsweredInTheMediaTypeItAccepts(t *testing.T) {
	p := newPlant(t, roomy)
	for _, c := range []struct {
		accept, want string
		status       int
	}{
		{"", "application/json", 200},
		{"*/*", "application/json", 200},
		{"application/graphql-response+json", "application/graphql-response+json", 200},
		{"application/json;q=0.5, application/graphql-response+json", "application/graphql-response+json", 200},
		{"application/graphql-response+json;q=0.2, application/json;q=0.9", "application/json", 200},
		{"text/html, */*;q=0.1", "application/json", 200},
		{"application/json;q=0", "application/json", 406},
		{"text/html", "application/json", 406},
	} {
		r := p.ask(t, "POST", "/graphql", requestOf("{ __typename }", nil), "Content-Type", "application/json", "Accept", c.accept)
		if got := r.header.Get("Content-Type"); r.status != c.status || got != c.want+"; charset=utf-8" {
			t.Errorf("Accept %q: %d %s, want %d %s", c.accept, r.status, got, c.status, c.want)
		}
	}
}

func TestWhatIsNoRequestIsRefusedAsJSON(t *testing.T) {
	p := newPlant(t, roomy)
	ok := "/graphql?query=" + url.QueryEscape("{ __typename }")
	for _, c := range []struct {
		name, method, target, contentType, body string
		status                                  int
	}{
		{"a form", "POST", "/graphql", "application/x-www-form-urlencoded", "query=%7B__typename%7D", 415},
		{"plain text", "POST", "/graphql", "text/plain", `{"query":"{ __typename }"}`, 415},
		{"no content type", "POST", "/graphql", "", `{"query":"{ __typename }"}`, 415},
		{"another charset", "POST", "/graphql", "application/json; charset=utf-16", `{"query":"{ __typename }"}`, 415},
		{"no JSON", "POST", "/graphql", "application/json", `{"query":`, 400},
		{"a list", "POST", "/graphql", "application/json", `[{"query":"{ __typename }"}]`, 400},
		{"two objects", "POST", "/graphql", "application/json", `{"query":"{ __typename }"} {}`, 400},
		{"no query", "POST", "/graphql", "application/json", `{}`, 400},
		{"a number as query", "POST", "/graphql", "application/json", `{"query":1}`, 400},
		{"a list of variables", "POST", "/graphql", "application/json", `{"query":"{ __typename }","variables":[1]}`, 400},
		{"another method", "PUT", "/graphql", "application/json", `{"query":"{ __typename }"}`, 405},
		{"a mutation by GET", "GET", "/graphql?query=" + url.QueryEscape("mutation { __typename }"), "", "", 405},
		{"a subscription without a stream", "GET", "/graphql?query=" + url.QueryEscape("subscription { entityChanges { id } }"), "", "", 400},
		{"GET without query", "GET", "/graphql", "", "", 400},
		{"variables that are no JSON", "GET", ok + "&variables=x", "", "", 400},
		{"JSON after the variables", "GET", ok + "&variables=" + url.QueryEscape("{} {}"), "", "", 400},
		{"GET", "GET", ok, "", "", 200},
	} {
		r := p.ask(t, c.method, c.target, []byte(c.body), "Content-Type", c.contentType)
		if r.status != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, r.status, c.status, r.text)
		}
		if c.status != 200 && r.code() != "INVALID" {
			t.Errorf("%s: %s, want one error with the code INVALID", c.name, r.text)
		}
		if c.status == 405 && r.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow header", c.name)
		}
	}
}

func TestDocumentErrorsHaveTheStatusOfTheMediaTypeAndNoData(t *testing.T) {
	p := newPlant(t, roomy)
	for name, document := range map[string]string{
		"syntax": "{", "an unknown field": "{ nope }", "an unknown argument": `{ pumps(colour: 1) { totalCount } }`,
		"two operations": "query A { __typename } query B { __typename }", "a missing variable": "query($id: ID!) { entity(id: $id) { id } }",
		"no operation": "fragment F on Pump { id }",
	} {
		old := p.query(t, document)
		fresh := p.ask(t, "POST", "/graphql", requestOf(document, nil), "Content-Type", "application/json", "Accept", mediaGraphQL)
		if old.status != 200 || fresh.status != 400 {
			t.Errorf("%s: %d and %d, want 200 and 400", name, old.status, fresh.status)
		}
		if strings.Contains(fresh.text, `"data"`) || fresh.code() != "INVALID" {
			t.Errorf("%s: %s", name, fresh.text)
		}
	}
	unnamed := p.ask(t, "POST", "/graphql", []byte(`{"query":"query A { __typename }","operationName":"B"}`), "Content-Type", "application/json")
	if unnamed.code() != "INVALID" {
		t.Errorf("an unknown operation: %s", unnamed.text)
	}
}

func TestAnOperationIsRefusedToWhomItIsNotFor(t *testing.T) {
	p := newPlant(t, roomy)
	p.who = access.Principal{}
	if r := p.query(t, "{ __typename }"); r.code() != "UNAUTHENTICATED" || r.status != http.StatusUnauthorized {
		t.Errorf("nobody: %d %s", r.status, r.text)
	}
	p.who = access.Principal{Name: "screen", Role: access.Viewer}
	if r := p.query(t, "{ server { role } pumps(first: 1) { totalCount } }"); len(r.Errors) > 0 || !strings.Contains(r.text, "viewer") {
		t.Errorf("a viewer's query: %s", r.text)
	}
	for _, mutation := range []string{
		`mutation { createPump(input: {id: "new", name: "new", serialNumber: "N-1"}) { id } }`,
		`mutation { applyProject(files: []) { applied } }`,
		`mutation { planProject(files: []) { applied } }`,
	} {
		if r := p.query(t, mutation); r.code() != "FORBIDDEN" {
			t.Errorf("a viewer's %s: %s", mutation, r.text)
		}
	}
	if p.applied > 0 {
		t.Error("a viewer applied a project")
	}
}

func TestHeadersKeepAnswersFromBeingTakenForPages(t *testing.T) {
	p := newPlant(t, roomy)
	for _, document := range []string{"{ __typename }", "{"} {
		if got := p.query(t, document).header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", document, got)
		}
	}
}
