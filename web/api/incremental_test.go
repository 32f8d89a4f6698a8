package api

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph/query"
	"mereon/schema"
)

const (
	accept2022  = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9"
	acceptPlace = "multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json,application/json;q=0.9"
)

// slowSource answers only when told to.
type slowSource struct {
	connectors.Source
	gate chan struct{}
}

func (s *slowSource) Latest(ctx context.Context, connector string, refs []string) connectors.Answer[connectors.Reading] {
	select {
	case <-s.gate:
	case <-ctx.Done():
	}
	return s.Source.Latest(ctx, connector, refs)
}

// slowPlant is a plant whose pumps have a live flow that comes once the gate is open.
func slowPlant(t *testing.T) (*plant, chan struct{}) {
	t.Helper()
	p := newPlant(t, roomy)
	series := connectortest.NewMemory()
	series.Measure("S-1", connectors.Measurement{Value: schema.FloatOf(7), Time: time.Now()})
	series.Measure("S-2", connectors.Measurement{Value: schema.FloatOf(8), Time: time.Now()})
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: plant, cache: 0s}"), &node); err != nil {
		t.Fatal(err)
	}
	runtime, err := connectors.Open(t.Context(), connectors.NewRegistry(connectortest.Kind("plant", series)), map[string]*yaml.Node{"plant": node.Content[0]}, connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runtime.Close(context.Background()) })
	model := parseModel(t, strings.Replace(plantModel, "ratedFlow: Float", "ratedFlow: Float\n  flow: Float @live(connector: \"plant\", ref: \"{serialNumber}\")", 1))
	source := &slowSource{runtime, make(chan struct{})}
	engine, err := query.New(query.Options{Model: model, Store: p.store, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := NewSnapshot(engine, &Resolvers{Project: &plantProject{p, model}})
	if err != nil {
		t.Fatal(err)
	}
	p.handler.Swap(snapshot)
	return p, source.gate
}

const deferring = `{ pumps(first: 2, where: {id: {in: ["p001", "p002"]}}) { nodes { id ...live @defer(label: "live") } } } fragment live on Pump { name flow { value } }`

// post asks by POST and returns the open response.
func (p *plant) post(t *testing.T, document, accept string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.URL+"/graphql", bytes.NewReader(requestOf(document, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	response, err := p.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// payloads reads the parts of a multipart answer; read is called after each, before the next is waited for.
func payloads(t *testing.T, response *http.Response, wantType string, read func(k int)) []string {
	t.Helper()
	_, params, err := mime.ParseMediaType(wantType)
	if got := response.Header.Get("Content-Type"); err != nil || got != wantType {
		t.Fatalf("%d %s", response.StatusCode, got)
	}
	var whole, part bytes.Buffer
	body := bufio.NewReader(io.TeeReader(response.Body, &whole))
	var got []string
	for !strings.HasSuffix(part.String(), "\r\n-----\r\n") {
		c, err := body.ReadByte()
		if err != nil {
			t.Fatalf("%v after %q", err, part.String())
		}
		part.WriteByte(c)
		if text := part.String(); c == '-' && strings.HasSuffix(text, "}\r\n---") {
			_, text, _ = strings.Cut(text, "\r\n\r\n")
			got = append(got, strings.TrimSuffix(text, "\r\n---"))
			part.Reset()
			part.WriteString("\r\n---") // which the next part begins with, or the end
			read(len(got) - 1)
		}
	}
	reader := multipart.NewReader(&whole, params["boundary"]) // the same, as a library reads it
	for k := range got {
		part, err := reader.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(part); err != nil || string(text) != got[k] {
			t.Errorf("part %d is %s %v, want %s", k, text, err, got[k])
		}
	}
	if _, err := reader.NextPart(); err != io.EOF {
		t.Errorf("something follows: %v", err)
	}
	return got
}

var (
	first2022  = `{"data":{"pumps":{"nodes":[{"id":"p001"},{"id":"p002"}]}},"hasNext":true}`
	second2022 = `{"hasNext":false,"incremental":[{"data":{"name":"Pump 1","flow":{"value":7}},"label":"live","path":["pumps","nodes",0]},{"data":{"name":"Pump 2","flow":{"value":8}},"label":"live","path":["pumps","nodes",1]}]}`
	firstPlace = `{"data":{"pumps":{"nodes":[{"id":"p001"},{"id":"p002"}]}},"hasNext":true,"pending":[{"id":"0","label":"live","path":["pumps","nodes",0]},{"id":"1","label":"live","path":["pumps","nodes",1]}]}`
	nextPlace  = `{"completed":[{"id":"0"},{"id":"1"}],"hasNext":false,"incremental":[{"data":{"name":"Pump 1","flow":{"value":7}},"id":"0"},{"data":{"name":"Pump 2","flow":{"value":8}},"id":"1"}]}`
	whole      = `{"data":{"pumps":{"nodes":[{"id":"p001","name":"Pump 1","flow":{"value":7}},{"id":"p002","name":"Pump 2","flow":{"value":8}}]}}}`
)

func TestTheFirstPartIsReadBeforeASlowConnectorAnswers(t *testing.T) {
	for accept, want := range map[string]struct {
		media string
		parts []string
	}{
		accept2022:  {`multipart/mixed; boundary="-"; deferSpec=20220824`, []string{first2022, second2022}},
		acceptPlace: {`multipart/mixed; boundary="-"; incrementalSpec=v0.2`, []string{firstPlace, nextPlace}},
	} {
		p, gate := slowPlant(t)
		got := payloads(t, p.post(t, deferring, accept), want.media, func(k int) {
			if k == 0 {
				close(gate)
			}
		})
		if diff := cmp.Diff(want.parts, got); diff != "" {
			t.Errorf("%s\n%s", accept, diff)
		}
	}
}

func TestDeferredFragmentsOverSocketsAndEvents(t *testing.T) {
	for accept, want := range map[string][]string{"multipart/mixed; deferSpec=20220824": {first2022, second2022}, "multipart/mixed; incrementalSpec=v0.2": {firstPlace, nextPlace}, "": {whole}} {
		p, gate := slowPlant(t)
		if accept == "" {
			close(gate)
		}
		d := p.dial(t, socketProtocol)
		d.send(`{"type":"connection_init","payload":{"accept":"` + accept + `"}}`)
		d.expect(`{"type":"connection_ack"}`)
		d.send(subscribe("q", deferring))
		for k, payload := range want {
			d.expect(`{"id":"q","type":"next","payload":` + payload + `}`)
			if k == 0 && len(want) > 1 {
				close(gate)
			}
		}
		d.expect(`{"id":"q","type":"complete"}`)
	}
	p, gate := slowPlant(t)
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.URL+"/graphql", bytes.NewReader(requestOf(deferring, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream; incrementalSpec=v0.2")
	l := p.stream(t, r)
	l.expect(append([]string{":", ""}, nextData(firstPlace)...)...)
	close(gate)
	l.expect(append(nextData(nextPlace), "event: complete", "data: ", "")...)
}

func TestWithoutAskingForPartsEverythingComesAtOnce(t *testing.T) {
	p, gate := slowPlant(t)
	close(gate)
	for _, accept := range []string{"application/json", "application/graphql-response+json", "multipart/mixed, application/json", "multipart/mixed;deferSpec=19991231,application/json", "*/*"} {
		r := p.ask(t, "POST", "/graphql", requestOf(deferring, nil), "Content-Type", "application/json", "Accept", accept)
		if r.text != whole {
			t.Errorf("%s: %s", accept, r.text)
		}
	}
	// Nothing is deferred, nothing is left to deliver, or it is a mutation: one answer, also for those who take parts.
	for _, document := range []string{
		`{ pump(id: "p001") { name } }`, `{ pump(id: "none") { ... @defer { name } } }`, `{ pump(id: "p001") { ... @defer(if: false) { name } } }`,
		`mutation { updatePump(id: "p001", set: {}) { ... @defer { name } } }`, `{ server { ... @defer { version } } }`, `{ nope }`,
	} {
		response := p.post(t, document, accept2022)
		if got := response.Header.Get("Content-Type"); got != "application/graphql-response+json; charset=utf-8" {
			t.Errorf("%s: %s", document, got)
		}
	}
	response := p.post(t, `{ pump(id: "p001") { name } }`, "multipart/mixed;deferSpec=20220824")
	if got := response.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("for a client that takes only parts: %s", got)
	}
}

func TestTheControlPlaneAnswersWithTheFirstPart(t *testing.T) {
	p, gate := slowPlant(t)
	got := payloads(t, p.post(t, `{ a: pump(id: "p001") { id ... @defer { flow { value } } } server { ...s @defer } } fragment s on ServerStatus { version }`, accept2022),
		`multipart/mixed; boundary="-"; deferSpec=20220824`, func(k int) {
			if k == 0 {
				close(gate)
			}
		})
	want := []string{
		`{"data":{"a":{"id":"p001"},"server":{"version":"test"}},"hasNext":true}`,
		`{"hasNext":false,"incremental":[{"data":{"flow":{"value":7}},"path":["a"]}]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsInADeferredFragment(t *testing.T) {
	const document = `{ pump(id: "p001") { id ... @defer(label: "x") { name feeds(after: "nonsense") { totalCount } } ... @defer(label: "y") { ratedFlow } } }`
	p, gate := slowPlant(t)
	close(gate)
	for accept, want := range map[string]string{
		accept2022:  `"data":null,"errors":[{`,
		acceptPlace: `"completed":[{"errors":[{`,
	} {
		got := strings.Join(payloads(t, p.post(t, document, accept), p.post(t, document, accept).Header.Get("Content-Type"), func(int) {}), "\n")
		if !strings.Contains(got, want) || !strings.Contains(got, `"path":["pump","feeds"]`) || !strings.Contains(got, `{"ratedFlow":1.5}`) || strings.Count(got, "INVALID") != 1 {
			t.Errorf("%s\n%s", accept, got)
		}
	}
}
