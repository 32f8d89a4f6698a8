package query

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema"
	"mereon/schema/access"
)

var update = flag.Bool("update", false, "rewrite the expected files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// plantDeadline is that of the connectors of a plant.
const plantDeadline = 2 * time.Second

// plant is a small plant: three connectors in memory behind the real runtime, a store in memory, and an engine.
type plant struct {
	model       *schema.Model
	store       *memory.Store
	series      *connectortest.Memory
	drives      *connectortest.Memory
	erp         *connectortest.Memory
	runtime     *connectors.Runtime
	faultyPlant *connectortest.Faulty
	faultyERP   *connectortest.Faulty
	states      *fakeStates
	engine      *Engine
	schema      *ast.Schema
}

func parseModel(t testing.TB, file string) *schema.Model {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	model, problems := schema.Parse([]schema.File{{Name: file, Text: string(text)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return model
}

func newPlant(t testing.TB) *plant {
	t.Helper()
	p := &plant{model: parseModel(t, "testdata/plant/model.graphql"), store: memory.New(), states: newFakeStates()}
	t.Cleanup(func() { p.store.Close() })
	p.fill(t)
	p.connect(t)
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, States: p.states, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	p.schema, err = gqlparser.LoadSchema(&ast.Source{Name: "data plane", Input: engine.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *plant) fill(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile("testdata/plant/entities.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var entities []map[string]any
	if err := yaml.Unmarshal(text, &entities); err != nil {
		t.Fatal(err)
	}
	view, err := p.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	draft := graph.NewDraft(p.model, view)
	for _, e := range entities {
		in := graph.EntityInput{Type: schema.TypeName(e["assetType"].(string)), ID: graph.EntityID(e["id"].(string)), Name: e["name"].(string), Fields: e}
		for _, builtIn := range []string{"assetType", "id", "name"} {
			delete(e, builtIn)
		}
		draft.Create(in)
	}
	changes, problems, err := draft.ChangeSet(t.Context())
	if err != nil || problems.Err() != nil {
		t.Fatal(err, problems)
	}
	changes.Layout, changes.By, changes.At = graph.LayoutOf(p.model), "test", noon.Add(-time.Hour)
	if _, err := p.store.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

func (p *plant) connect(t testing.TB) {
	t.Helper()
	p.series, p.drives, p.erp = connectortest.NewMemory(), connectortest.NewMemory(), connectortest.NewMemory()
	p.faultyPlant, p.faultyERP = connectortest.NewFaulty(p.series), connectortest.NewFaulty(p.erp)
	p.fillSeries()
	p.fillRecords()
	configs := map[string]*yaml.Node{}
	for _, name := range []string{"plant", "drives", "erp"} {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte("{kind: "+name+", cache: 0s, deadline: "+plantDeadline.String()+"}"), &node); err != nil {
			t.Fatal(err)
		}
		configs[name] = node.Content[0]
	}
	kinds := connectors.NewRegistry(connectortest.Kind("plant", p.faultyPlant), connectortest.Kind("drives", p.drives), connectortest.Kind("erp", p.faultyERP))
	runtime, err := connectors.Open(t.Context(), kinds, configs, connectors.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	p.runtime = runtime
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := runtime.Close(ctx); err != nil {
			t.Error("Close:", err)
		}
	})
}

func ago(d time.Duration, v schema.Value, unit string) connectors.Measurement {
	return connectors.Measurement{Value: v, Time: noon.Add(-d), Unit: unit}
}

func (p *plant) fillSeries() {
	for i := 40; i >= 2; i -= 2 {
		p.series.Measure("pumps/P-1/flow", ago(time.Duration(i)*time.Second, schema.FloatOf(float64(i)), "m3/h"))
	}
	p.series.Measure("pumps/P-2/flow", ago(5*time.Second, schema.FloatOf(200), "l/min"))
	p.series.Measure("pumps/P-3/flow", ago(time.Minute, schema.FloatOf(7), "m3/h"))
	p.series.Measure("lab/x7", ago(time.Second, schema.FloatOf(1.5), "m3/h"))
	p.series.Measure("pumps/P-1/temperature", ago(time.Second, schema.FloatOf(60), "Cel"))
	p.series.Measure("pumps/P-2/temperature", ago(time.Second, schema.FloatOf(140), "[degF]"))
	p.series.Measure("pumps/P-1/mode", ago(time.Second, schema.StringOf("AUTO"), ""))
	p.series.Measure("pumps/P-2/mode", ago(time.Second, schema.StringOf("BROKEN"), ""))
	p.series.Measure("valves/V-1/opening", ago(time.Second, schema.FloatOf(50), "%"))
	p.drives.Measure("P-1/acme/speed", ago(time.Second, schema.FloatOf(1475), "1/min"))
}

func (p *plant) fillRecords() {
	text := func(s string) schema.Value { return schema.StringOf(s) }
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	p.erp.Put("work_orders", connectortest.Table{
		Columns: []connectors.Column{
			{Name: "number", Type: scalar(schema.ID), Key: true}, {Name: "status", Type: scalar(schema.String)},
			{Name: "priority", Type: scalar(schema.Int)}, {Name: "due", Type: scalar(schema.Date)}, {Name: "equipment", Type: scalar(schema.String), Key: true},
		},
		Rows: [][]schema.Value{
			{text("WO-1"), text("OPEN"), schema.IntOf(1), schema.DateOf("2026-03-02"), text("P-1")},
			{text("WO-2"), text("DONE"), schema.IntOf(2), schema.DateOf("2026-02-01"), text("P-1")},
			{text("WO-3"), text("OPEN"), schema.IntOf(3), schema.Null, text("P-1")},
			{text("WO-4"), text("OPEN"), schema.IntOf(1), schema.DateOf("2026-04-01"), text("P-2")},
			{text("WO-5"), schema.Null, schema.IntOf(5), schema.DateOf("2026-04-02"), text("V-1")},
			{text("WO-6"), text("DONE"), schema.IntOf(2), schema.Null, schema.Null},
		},
	})
	p.fillNotes("bring the long ladder")
}

func (p *plant) fillNotes(first string) {
	text := func(s string) schema.Value { return schema.StringOf(s) }
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	p.erp.Put("notes", connectortest.Table{
		Columns: []connectors.Column{{Name: "id", Type: scalar(schema.ID), Key: true}, {Name: "order", Type: scalar(schema.ID), Key: true}, {Name: "text", Type: scalar(schema.String)}, {Name: "topic", Type: scalar(schema.String)}},
		Rows: [][]schema.Value{
			{text("N-1"), text("WO-1"), text(first), text("water")},
			{text("N-2"), text("WO-1"), text("ask for the key"), schema.Null},
			{text("N-3"), text("WO-4"), text("seal is ordered"), text("inlet")},
		},
	})
}

// load parses and validates one operation.
func (p *plant) load(t testing.TB, text string) (*ast.OperationDefinition, ast.FragmentDefinitionList) {
	t.Helper()
	doc, list := gqlparser.LoadQuery(p.schema, text)
	if list != nil {
		t.Fatalf("%v\n%s", list, text)
	}
	return doc.Operations[0], doc.Fragments
}

func (p *plant) plan(t testing.TB, text string) *Plan {
	t.Helper()
	op, fragments := p.load(t, text)
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return plan
}

// ask plans and runs one operation as an operator.
func (p *plant) ask(t testing.TB, text string, variables map[string]any) Result {
	t.Helper()
	op, fragments := p.load(t, text)
	coerced, err := validator.VariableValues(p.schema, op, variables)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		return failed(err)
	}
	return plan.Execute(operator(t.Context()), Request{Variables: coerced, Explain: true})
}

func operator(ctx context.Context) context.Context { return access.NewContext(ctx, access.Local) }
