package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"mereon/schema"
	"mereon/schema/access"
)

func persistedBody(query, hash string) []byte {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		body["query"] = query
	}
	text, _ := json.Marshal(body)
	return text
}

func TestAutomaticPersistedQueriesAreKeptByTheirHash(t *testing.T) {
	p := newPlant(t, roomy)
	const query = `{ pump(id: "p001") { name } }`
	const want = `{"data":{"pump":{"name":"Pump 1"}}}`
	post := func(body []byte, accept string) reply {
		return p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json", "Accept", accept)
	}
	for accept, status := range map[string]int{mediaJSON: 200, mediaGraphQL: 404} {
		r := post(persistedBody("", hashOf(query)), accept)
		if r.status != status || r.code() != "PERSISTED_QUERY_NOT_FOUND" || r.Errors[0].Message != "PersistedQueryNotFound" {
			t.Errorf("a hash that is not known, as %s: %d %s", accept, r.status, r.text)
		}
	}
	if r := post(persistedBody(query, hashOf("other")), mediaJSON); r.code() != "INVALID" {
		t.Errorf("a hash of another text: %s", r.text)
	}
	if r := post(persistedBody("{ nope }", hashOf("{ nope }")), mediaJSON); r.code() != "INVALID" {
		t.Errorf("a text with a mistake: %s", r.text)
	}
	if r := post(persistedBody("", hashOf("{ nope }")), mediaJSON); r.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("a text with a mistake was kept: %s", r.text)
	}
	for _, body := range [][]byte{persistedBody(query, hashOf(query)), persistedBody("", hashOf(query)), persistedBody("", strings.ToUpper(hashOf(query)))} {
		if r := post(body, mediaJSON); r.text != want {
			t.Errorf("%s: %s", body, r.text)
		}
	}
	p.handler.Swap(p.snapshot(t, parseModel(t, plantModel)))
	extensions := url.QueryEscape(fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hashOf(query)))
	if r := p.ask(t, "GET", "/graphql?extensions="+extensions, nil); r.text != want {
		t.Errorf("by GET, after an exchange of the model: %s", r.text)
	}
	for _, extension := range []string{`{"persistedQuery":7}`, `{"persistedQuery":{"version":2,"sha256Hash":"ab"}}`, `{"persistedQuery":{"version":1}}`} {
		if r := p.ask(t, "GET", "/graphql?extensions="+url.QueryEscape(extension), nil); r.code() != "INVALID" {
			t.Errorf("%s: %s", extension, r.text)
		}
	}
}

func TestPersistedQueriesAreBounded(t *testing.T) {
	p := newPlant(t, roomy)
	first := `{ __typename } # 0`
	for i := range keptPersisted + 1 {
		query := fmt.Sprint("{ __typename } # ", i)
		p.ask(t, "POST", "/graphql", persistedBody(query, hashOf(query)), "Content-Type", "application/json")
	}
	if r := p.ask(t, "POST", "/graphql", persistedBody("", hashOf(first)), "Content-Type", "application/json"); r.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("the oldest of %d: %s", keptPersisted+1, r.text)
	}
	large := "{ __typename } #" + strings.Repeat(" ", keptDocumentSize)
	p.ask(t, "POST", "/graphql", persistedBody(large, hashOf(large)), "Content-Type", "application/json")
	if r := p.ask(t, "POST", "/graphql", persistedBody("", hashOf(large)), "Content-Type", "application/json"); r.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("a text of %d bytes was kept: %.200s", len(large), r.text)
	}
}

func TestTheAnswerToAGetIsNotSentAgainWhileItIsTheSame(t *testing.T) {
	p := newPlant(t, roomy)
	target := "/graphql?query=" + url.QueryEscape(`{ pump(id: "p001") { name } }`)
	first := p.ask(t, "GET", target, nil)
	tag := first.header.Get("ETag")
	if tag == "" || first.header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(first.header.Get("Vary"), "Authorization") {
		t.Fatalf("headers %v", first.header)
	}
	if got := p.head(t, target, tag); got != 304 {
		t.Errorf("the same answer: %d, want 304", got)
	}
	p.query(t, `mutation { updatePump(id: "p001", set: {name: "Other"}) { id } }`)
	if got := p.head(t, target, tag); got != 200 {
		t.Errorf("another answer: %d, want 200", got)
	}
	if got := p.query(t, "{ __typename }").header.Get("ETag"); got != "" {
		t.Errorf("an answer to POST has the tag %s", got)
	}
}

// head returns the status of a GET by somebody who has the answer with that tag.
func (p *plant) head(t *testing.T, target, tag string) int {
	t.Helper()
	r, err := p.Client().Get(p.URL + target)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	request := r.Request.Clone(t.Context())
	request.Header.Set("If-None-Match", `"other", W/`+tag)
	answer, err := p.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

var trustedFiles = []schema.File{
	{Name: "documents/names.graphql", Text: "query($id: ID!) { pump(id: $id) { name } }\n"},
	{Name: "documents/live.graphql", Text: "subscription { pump(id: \"p001\") { name } }"},
	{Name: "documents/relay.json", Text: `{"0a1b": "{ __typename }"}`},
	{Name: "documents/apollo.json", Text: `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"c2","name":"Count","type":"query","body":"query Count { pumps { totalCount } }"}]}`},
}

func (p *plant) trusting(t testing.TB, only bool, files []schema.File) {
	t.Helper()
	documents, problems := ReadDocuments(files)
	s := p.snapshot(t, parseModel(t, plantModel))
	if err := append(problems, s.Trust(documents, roomy)...).Err(); err != nil {
		t.Fatal(err)
	}
	p.handler.onlyTrusted = only
	p.handler.Swap(s)
}

func TestTrustedDocumentsAreAskedByTheirId(t *testing.T) {
	p := newPlant(t, roomy)
	p.trusting(t, false, trustedFiles)
	for target, want := range map[string]string{
		"documentId=names&variables=" + url.QueryEscape(`{"id":"p002"}`):                                       `{"data":{"pump":{"name":"Pump 2"}}}`,
		"documentId=sha256:" + hashOf(trustedFiles[0].Text) + "&variables=" + url.QueryEscape(`{"id":"p002"}`): `{"data":{"pump":{"name":"Pump 2"}}}`,
		"documentId=0a1b": `{"data":{"__typename":"Query"}}`,
		"documentId=c2":   `{"data":{"pumps":{"totalCount":120}}}`,
		"extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hashOf("{ __typename }")+`"}}`): `{"data":{"__typename":"Query"}}`,
	} {
		if r := p.ask(t, "GET", "/graphql?"+target, nil); r.text != want {
			t.Errorf("%s: %s, want %s", target, r.text, want)
		}
	}
	if r := p.ask(t, "GET", "/graphql?documentId=unknown", nil, "Accept", mediaGraphQL); r.status != 404 || r.code() != "NOT_FOUND" || strings.Contains(r.text, "unknown") {
		t.Errorf("an id that is not known: %d %s", r.status, r.text)
	}
	d := p.openSocket(t)
	d.send(`{"id":"1","type":"subscribe","payload":{"documentId":"live"}}`)
	d.expect(`{"id":"1","type":"next","payload":{"data":{"pump":{"name":"Pump 1"}}}}`)
}

func TestOnlyTrustedDocumentsAreAnsweredToViewersWhereThatIsSaid(t *testing.T) {
	p := newPlant(t, roomy)
	p.trusting(t, true, trustedFiles)
	p.who = access.Principal{Name: "screen", Role: access.Viewer}
	if r := p.query(t, "{ pumps { totalCount } }"); r.code() != "FORBIDDEN" {
		t.Errorf("another document: %s", r.text)
	}
	if r := p.ask(t, "POST", "/graphql", persistedBody("{ valves { totalCount } }", hashOf("{ valves { totalCount } }")), "Content-Type", "application/json"); r.code() != "FORBIDDEN" {
		t.Errorf("another document with its hash: %s", r.text)
	}
	if r := p.query(t, "query Count { pumps { totalCount } }"); r.text != `{"data":{"pumps":{"totalCount":120}}}` {
		t.Errorf("the text of a trusted one: %s", r.text)
	}
	p.who = access.Local
	if r := p.query(t, "{ pumps { totalCount } }"); len(r.Errors) > 0 {
		t.Errorf("another document of an operator: %s", r.text)
	}
}

func TestTrustedDocumentsAreCheckedAndPlannedBeforeTheyAreAsked(t *testing.T) {
	p := newPlant(t, roomy)
	documents, problems := ReadDocuments([]schema.File{
		{Name: "documents/a.graphql", Text: "query {\n  pumps { nodes { nam } }\n}"}, {Name: "documents/b.json", Text: `{"x1": "{ nope }"}`},
		{Name: "documents/c.graphql", Text: "fragment F on Pump { id }"}, {Name: "documents/d.json", Text: "[]"},
		{Name: "documents/a.json", Text: `{"a": "{ __typename }"}`},
	})
	problems = append(problems, p.snapshot(t, parseModel(t, plantModel)).Trust(documents, roomy)...)
	text := problems.Error()
	for _, want := range []string{"documents/a.graphql:2:19: ", "document x1: ", "documents/c.graphql:1:1: ", "documents/d.json: the file is no manifest", "documents/a.json: the document a is also in documents/a.graphql"} {
		if !strings.Contains(text, want) {
			t.Errorf("the problems lack %q:\n%s", want, text)
		}
	}
	p.trusting(t, false, trustedFiles)
	s := p.handler.Current()
	for id, d := range s.trusted {
		if len(d.routes) != len(d.parsed.Operations) {
			t.Errorf("%s: %d of %d operations are planned", id, len(d.routes), len(d.parsed.Operations))
		}
	}
}

func FuzzDocuments(f *testing.F) {
	for _, file := range trustedFiles {
		f.Add(file.Text, strings.HasSuffix(file.Name, ".json"))
	}
	f.Fuzz(func(t *testing.T, text string, manifest bool) {
		name := "documents/a.graphql"
		if manifest {
			name = "documents/a.json"
		}
		d, problems := ReadDocuments([]schema.File{{Name: name, Text: text}})
		if problems.Err() == nil && d.Len() == 0 && !manifest {
			t.Error("a document was lost")
		}
	})
}
