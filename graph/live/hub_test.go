package live

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/rules"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const plantModel = `
type Hall @asset {
  code: String
  temperature: Float @live(connector: "plant", ref: "halls/{code}/t", staleAfter: "10s") @unit(code: "Cel")
}
type Motor @component { speed: Float @live(connector: "plant", ref: "pumps/{entity.serial}/speed") }
type Pump @asset {
  serial: String
  rated: Float
  location: Hall @relation(name: "locatedIn", inverse: "pumps")
  motor: Motor
  flow: Float @live(connector: "plant", ref: "pumps/{serial}/flow", staleAfter: "5s") @unit(code: "m3/h")
  bearing: Float @live(connector: "plant", ref: "pumps/{serial}/bearing") @unit(code: "Cel")
  load: Float @computed(expr: "flow / rated")
  workOrders: [WorkOrder!] @join(where: "equipment = serial")
}
type WorkOrder @record(connector: "erp", collection: "orders", key: "number") {
  number: ID!
  status: String
  equipment: String
}
`

const bearingRules = `ruleSet: bearing
on: Pump
params: {limit: 90.0}
inputs: {t: bearing}
states:
  - {state: alarm, when: "t > limit", hold: 5s}
  - {state: ok}
alarm: {on: [alarm], severity: critical, message: "bearing of {name} at {t}"}
`

const loadRules = `ruleSet: load
on: Pump
inputs: {hall: location.temperature, open: {count: workOrders, where: "status == 'OPEN'"}}
states:
  - {state: hot, when: "load > 1 && hall > 30"}
  - {state: planned, when: "open > 0"}
  - {state: ok}
scalar: {ramp: {input: flow, from: 0, to: 20}}
`

// plant is a hub over a store in memory and a source that the test moves.
type plant struct {
	t      testing.TB
	store  *memory.Store
	source *fakeSource
	hub    *Hub
	model  *schema.Model
}

func parse(t testing.TB, sdl string) *schema.Model {
	t.Helper()
	m, problems := schema.Parse([]schema.File{{Name: "plant.graphql", Text: sdl}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

func book(t testing.TB, m *schema.Model, texts ...string) *rules.Book {
	t.Helper()
	var files []schema.File
	for i, text := range texts {
		files = append(files, schema.File{Name: fmt.Sprintf("%d.yaml", i), Text: text})
	}
	b, problems := rules.Compile(files, m)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

func newPlant(t testing.TB, ruleTexts ...string) *plant {
	t.Helper()
	p := &plant{t: t, store: memory.New(), source: newFakeSource(), model: parse(t, plantModel)}
	p.apply(graph.ChangeSet{Layout: graph.LayoutOf(p.model), Entities: []graph.EntityChange{
		{Op: graph.Create, ID: "hall-1", Type: "Hall", Values: values("code", schema.StringOf("h1"))},
		pump("pump-7", "P-7", 12), pump("pump-8", "P-8", 10),
	}, Relationships: []graph.RelationshipChange{{From: "pump-7", Relation: "locatedIn", To: "hall-1"}}})
	hub, err := Open(context.Background(), Options{Store: p.store, Source: p.source, Model: p.model, Book: book(t, p.model, ruleTexts...)})
	if err != nil {
		t.Fatal(err)
	}
	p.hub = hub
	return p
}

func pump(id graph.EntityID, serial string, rated float64) graph.EntityChange {
	return graph.EntityChange{Op: graph.Create, ID: id, Type: "Pump", Values: append(values("serial", schema.StringOf(serial)),
		graph.PathValue{Path: "name", Value: schema.StringOf("Pump " + serial)}, graph.PathValue{Path: "rated", Value: schema.FloatOf(rated)})}
}

func values(path schema.Path, v schema.Value) []graph.PathValue {
	return []graph.PathValue{{Path: path, Value: v}}
}

func (p *plant) apply(c graph.ChangeSet) {
	p.t.Helper()
	if _, err := p.store.Apply(context.Background(), c); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plant) update(id graph.EntityID, path schema.Path, v schema.Value) {
	p.t.Helper()
	p.apply(graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: id, Values: values(path, v)}}})
}

func (p *plant) close() {
	p.hub.Close()
	p.store.Close()
}

// push sends one measurement and lets everything settle.
func (p *plant) push(ref string, v float64) {
	p.source.push("plant", ref, schema.FloatOf(v))
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
}

func (p *plant) settle() {
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
}

// seen collects the newest update of every input of one watch.
type seen struct {
	mu     sync.Mutex
	last   map[int]Update
	calls  int
	inputs []Input
}

func (p *plant) watch(inputs ...Input) (*seen, func()) {
	s := &seen{last: map[int]Update{}, inputs: inputs}
	stop := p.hub.Watch(inputs, func(changed []Update) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls++
		for _, u := range changed {
			s.last[u.Input] = u
		}
	})
	return s, stop
}

func (s *seen) at(i int) Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[i]
}

// fakeSource is a connectors.Source whose readings the test sets.
type fakeSource struct {
	mu      sync.Mutex
	last    map[seriesKey]connectors.Reading
	watches map[*fakeWatch]struct{}
	rows    map[string][]schema.Value // by serial: status of each order
	records int                       // calls of Records
	began   int
}

type fakeWatch struct {
	connector string
	refs      map[string]bool
	on        func(string, connectors.Reading)
}

func newFakeSource() *fakeSource {
	return &fakeSource{last: map[seriesKey]connectors.Reading{}, watches: map[*fakeWatch]struct{}{}, rows: map[string][]schema.Value{}}
}

func (f *fakeSource) push(connector, ref string, v schema.Value) {
	f.set(connector, ref, connectors.Reading{Measurement: connectors.Measurement{Value: v, Time: time.Now(), Quality: connectors.Good}, Status: connectors.OK})
}

func (f *fakeSource) set(connector, ref string, r connectors.Reading) {
	f.mu.Lock()
	f.last[seriesKey{connector, ref}] = r
	var calls []func(string, connectors.Reading)
	for w := range f.watches {
		if w.connector == connector && w.refs[ref] {
			calls = append(calls, w.on)
		}
	}
	f.mu.Unlock()
	for _, on := range calls {
		on(ref, r)
	}
}

func (f *fakeSource) watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for w := range f.watches {
		n += len(w.refs)
	}
	return n
}

func (f *fakeSource) Watch(connector string, refs []string, on func(string, connectors.Reading)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &fakeWatch{connector, map[string]bool{}, on}
	for _, ref := range refs {
		w.refs[ref] = true
		if r, ok := f.last[seriesKey{connector, ref}]; ok {
			on(ref, r)
		}
	}
	f.watches[w] = struct{}{}
	f.began++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watches, w)
	}
}

func (f *fakeSource) Records(_ context.Context, _ string, keys []connectors.Key, w connectors.Want) connectors.Answer[connectors.Rows] {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records++
	a := connectors.Answer[connectors.Rows]{Results: make([]connectors.Rows, len(keys))}
	for i, k := range keys {
		cells := f.rows[k.Values[0].Text()]
		a.Results[i] = connectors.Rows{Cells: cells, Count: len(cells) / len(w.Columns), Status: connectors.OK}
	}
	return a
}

func (f *fakeSource) Latest(_ context.Context, connector string, refs []string) connectors.Answer[connectors.Reading] {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := connectors.Answer[connectors.Reading]{Results: make([]connectors.Reading, len(refs))}
	for i, ref := range refs {
		r, ok := f.last[seriesKey{connector, ref}]
		if !ok {
			r.Status = connectors.NoDataYet
		}
		a.Results[i] = r
	}
	return a
}

func (f *fakeSource) Histories(context.Context, string, []connectors.Key, connectors.Want) (a connectors.Answer[connectors.Range]) {
	return a
}

func (f *fakeSource) History(context.Context, string, []string, connectors.Want) (a connectors.Answer[connectors.Range]) {
	return a
}

func (f *fakeSource) Descriptor(context.Context, string) (d connectors.Descriptor, err error) {
	return d, nil
}
func (f *fakeSource) Escape(_, value string) string { return value }
func (f *fakeSource) Now(string) time.Time          { return time.Now() }
func (f *fakeSource) Health() []connectors.Health   { return nil }

var _ connectors.Source = (*fakeSource)(nil)

func (f *fakeSource) begun() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.began
}

func (f *fakeSource) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.records
}

func (f *fakeSource) setRows(serial string, cells []schema.Value) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows[serial] = cells
}
