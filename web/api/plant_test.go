package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/graph/query"
	"mereon/schema"
	"mereon/schema/access"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

const plantModel = `
"Anything that is maintained."
interface Equipment @asset {
  serialNumber: String! @unique
  category: String
}
type Pump implements Equipment @asset {
  ratedFlow: Float
  installed: Date
  feeds: [Pump!] @relation(name: "feeds", inverse: "fedBy")
}
type Valve implements Equipment @asset { size: Int }
`

// plant is a service with nothing but a graph in memory: the API, behind whoever may ask.
type plant struct {
	*httptest.Server
	handler *Handler
	store   *memory.Store
	source  *connectors.Runtime
	who     access.Principal // of requests
	applied int              // how often applyProject ran
	options project.Options  // of the last
	limits  query.Limits     // of the engines of snapshots
}

var roomy = Limits{Body: 1 << 20, Tokens: 2000, Time: 10 * time.Second}

func newPlant(t testing.TB, limits Limits) *plant {
	t.Helper()
	p := &plant{store: memory.New(), who: access.Local}
	var err error
	if p.source, err = connectors.Open(t.Context(), connectors.NewRegistry(), nil, connectors.Options{}); err != nil {
		t.Fatal(err)
	}
	model := parseModel(t, plantModel)
	p.fill(t, model)
	p.handler = NewHandler(p.snapshot(t, model), Options{Limits: limits})
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.handler.ServeHTTP(w, r.WithContext(access.NewContext(r.Context(), p.who)))
	}))
	t.Cleanup(p.stop)
	return p
}

func (p *plant) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.handler.Close(ctx); err != nil {
		panic("streams are still open: " + err.Error())
	}
	p.Server.Close()
	_ = p.source.Close(ctx)
	_ = p.store.Close()
}

func parseModel(t testing.TB, text string) *schema.Model {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "plant.graphql", Text: text}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return model
}

// snapshot is what answers for a model.
func (p *plant) snapshot(t testing.TB, model *schema.Model) *Snapshot {
	t.Helper()
	engine, err := query.New(query.Options{Model: model, Store: p.store, Source: p.source, Limits: p.limits})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSnapshot(engine, &Resolvers{Project: &plantProject{p, model}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill adds 120 pumps, each feeding the next.
func (p *plant) fill(t testing.TB, model *schema.Model) {
	t.Helper()
	set := graph.ChangeSet{Layout: graph.LayoutOf(model), By: "test", At: time.Now()}
	for i := range 120 {
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(fmt.Sprintf("p%03d", i)), Type: "Pump", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(fmt.Sprint("Pump ", i))}, {Path: "serialNumber", Value: schema.StringOf(fmt.Sprint("S-", i))},
			{Path: "ratedFlow", Value: schema.FloatOf(float64(i) + 0.5)}, {Path: "installed", Value: schema.DateOf("2024-02-29")},
		}})
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

// plantProject is a project that can be applied: applying counts.
type plantProject struct {
	plant *plant
	model *schema.Model
}

func (p *plantProject) Status() Status                          { return Status{Version: "test", Project: "plant"} }
func (p *plantProject) Store() graph.Store                      { return p.plant.store }
func (p *plantProject) Model() *schema.Model                    { return p.model }
func (p *plantProject) Connectors() []connectors.Health         { return p.plant.source.Health() }
func (p *plantProject) RuleSets() []RuleSet                     { return nil }
func (p *plantProject) Scenes(context.Context) ([]Scene, error) { return nil, nil }
func (p *plantProject) Examples() []schema.File                 { return nil }
func (p *plantProject) Plan(ctx context.Context, _ fs.FS, options project.Options, apply bool) (*project.Plan, error) {
	if apply {
		p.plant.applied++
		p.plant.options = options
	}
	view, err := p.plant.store.View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	return &project.Plan{Revision: view.Revision()}, nil
}

// reply is an answer over HTTP.
type reply struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	status int
	header http.Header
	text   string
}

// code is the code of the only error, "" for none.
func (r *reply) code() string {
	if len(r.Errors) != 1 {
		return fmt.Sprint(len(r.Errors), " errors")
	}
	return fmt.Sprint(r.Errors[0].Extensions["code"])
}

// ask sends a request with headers, given as name and value in turn.
func (p *plant) ask(t testing.TB, method, target string, body []byte, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.URL+target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := p.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	result := reply{status: response.StatusCode, header: response.Header, text: string(text)}
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatalf("%d is no JSON: %.200s", result.status, text)
	}
	return result
}

func (p *plant) query(t testing.TB, document string) reply {
	t.Helper()
	return p.ask(t, "POST", "/graphql", requestOf(document, nil), "Content-Type", "application/json")
}

func requestOf(document string, variables map[string]any) []byte {
	text, _ := json.Marshal(map[string]any{"query": document, "variables": variables})
	return text
}
