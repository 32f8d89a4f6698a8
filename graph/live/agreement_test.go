package live

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query"
	"mereon/schema"
)

// TestTheHubAndQueriesTellTheSame moves a plant at random and asks both for every value: what a scene shows is what a query says.
func TestTheHubAndQueriesTellTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t)
		defer p.close()
		engine, err := query.New(query.Options{Model: p.model, Store: p.store, Source: p.source})
		if err != nil {
			t.Fatal(err)
		}
		ids := []graph.EntityID{"pump-7", "pump-8", "nobody"}
		paths := []schema.Path{"id", "name", "serial", "rated", "flow", "bearing", "load", "motor.speed"}
		var inputs []Input
		for _, id := range ids {
			for _, path := range paths {
				inputs = append(inputs, Input{Entity: id, Path: path})
			}
		}
		s, stop := p.watch(inputs...)
		defer stop()
		dice := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			p.move(dice)
			time.Sleep(time.Duration(dice.IntN(3000)) * time.Millisecond)
			p.settle()
			view, err := p.store.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			values, err := engine.Values(t.Context(), view, ids, paths)
			view.Close()
			if err != nil {
				t.Fatal(err)
			}
			for i, id := range ids {
				for k, path := range paths {
					told, asked := s.at(i*len(paths)+k), values[i][k]
					if !agree(told, asked) {
						t.Fatalf("%s %s: the hub says %+v, a query %+v", id, path, told, asked)
					}
				}
			}
		}
	})
}

// move changes one thing: a measurement, a failure, a stored value or a binding.
func (p *plant) move(dice *rand.Rand) {
	pumps := []graph.EntityID{"pump-7", "pump-8"}
	refs := []string{"pumps/P-7/flow", "pumps/P-8/flow", "pumps/P-7/bearing", "pumps/P-7/speed", "pumps/P-1/flow"}
	ref := refs[dice.IntN(len(refs))]
	switch dice.IntN(7) {
	case 0:
		p.source.set("plant", ref, connectors.Reading{Status: connectors.TimedOut, Why: "no answer"})
	case 1:
		p.source.set("plant", ref, connectors.Reading{Status: connectors.OK, Measurement: connectors.Measurement{
			Value: schema.FloatOf(3), Unit: []string{"l/s", "kg", "m3/h"}[dice.IntN(3)], Time: time.Now(), Quality: connectors.Uncertain}})
	case 2:
		p.update(pumps[dice.IntN(2)], "serial", []schema.Value{schema.StringOf("P-1"), schema.StringOf("P-7"), schema.Null}[dice.IntN(3)])
	case 3:
		p.update(pumps[dice.IntN(2)], "rated", []schema.Value{schema.FloatOf(0), schema.FloatOf(8), schema.Null}[dice.IntN(3)])
	case 4:
		p.update("pump-7", graph.ColumnBindings, []schema.Value{schema.Null, schema.JSONOf(`{"flow":{"connector":"plant","ref":"pumps/P-8/flow"}}`)}[dice.IntN(2)])
	default:
		p.source.push("plant", ref, schema.FloatOf(float64(dice.IntN(20))))
	}
}

// agree compares what both say. The hub has words of its own for what is not there: PENDING before anything was measured, EMPTY for
// a stored value that is none.
func agree(told Update, asked query.Value) bool {
	switch {
	case asked.Status == connectors.NoDataYet:
		return told.Status == connectors.Pending || told.Status == connectors.NoDataYet
	case asked.Status == connectors.OK && asked.Value.IsNull():
		return told.Status == connectors.Empty
	}
	return told.Status == asked.Status && told.Unit == asked.Unit && schema.Equal(told.Value, asked.Value) && told.Time.Equal(asked.Time)
}
