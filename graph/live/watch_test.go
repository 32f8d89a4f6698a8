package live

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

func TestWatchTellsValuesOfEveryKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules, loadRules)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", Path: "name"}, Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-7", Path: "load"},
			Input{Entity: "pump-7", Path: "location.temperature"}, Input{Entity: "pump-7", RuleSet: "load"}, Input{Entity: "pump-7", Path: "motor.speed"},
			Input{Entity: "pump-9", Path: "flow"}, Input{Entity: "pump-7", Path: "flwo"}, Input{Entity: "pump-7", RuleSet: "lod"}, Input{Entity: "pump-8", Path: "location.code"})
		defer stop()
		p.settle()
		if u := s.at(1); u.Status != connectors.Pending || len(s.last) != 10 {
			t.Errorf("before any measurement: %+v and %d inputs told, want PENDING and 10", u, len(s.last))
		}
		p.push("halls/h1/t", 35)
		p.push("pumps/P-7/speed", 1480)
		p.push("pumps/P-7/flow", 15)
		type row struct {
			Value  any
			State  string
			Status connectors.Status
		}
		var got []row
		for i := range s.inputs {
			u := s.at(i)
			var v any
			if !u.Value.IsNull() {
				v = u.Value.Text()
				if u.Value.Kind() == schema.FloatValue {
					v = u.Value.Float()
				}
			}
			got = append(got, row{v, u.State, u.Status})
		}
		want := []row{{"Pump P-7", "", "OK"}, {15.0, "", "OK"}, {1.25, "", "OK"}, {35.0, "", "OK"}, {nil, "hot", "OK"}, {1480.0, "", "OK"},
			{nil, "", "NOT_FOUND"}, {nil, "", "NOT_FOUND"}, {nil, "", "NOT_FOUND"}, {nil, "", "EMPTY"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("updates differ (-want +got):\n%s", diff)
		}
		if u := s.at(7); u.Why != `Pump has no value "flwo"; did you mean "flow"?` {
			t.Errorf("why = %q", u.Why)
		}
		if u := s.at(4); u.Scalar == nil || *u.Scalar != 0.75 {
			t.Errorf("scalar = %v, want 0.75", u.Scalar)
		}
	})
}

func TestOldValuesTurnStaleByThemselvesAndRulesUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, loadRules)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-7", RuleSet: "load"}, Input{Entity: "pump-7", Path: "load"})
		defer stop()
		p.push("halls/h1/t", 20)
		p.push("pumps/P-7/flow", 15)
		if u := s.at(1); u.State != "ok" || u.Status != connectors.OK {
			t.Fatalf("fresh: %+v", u)
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if u := s.at(0); u.Status != connectors.OK {
			t.Errorf("after 4 s: %+v, want OK", u)
		}
		time.Sleep(1200 * time.Millisecond)
		synctest.Wait()
		if u := s.at(0); u.Status != connectors.Stale || u.Value.Float() != 15 {
			t.Errorf("after 5.3 s: %+v, want STALE with the last value", u)
		}
		if u := s.at(2); u.Status != connectors.Stale || u.Value.Float() != 1.25 {
			t.Errorf("computed from it: %+v, want STALE too", u)
		}
		if u := s.at(1); u.State != "ok" {
			t.Errorf("the hall is cool, so the state does not need the flow: %+v", u)
		}
		p.push("halls/h1/t", 40)
		if u := s.at(1); u.State != "" || u.Status != connectors.Stale || u.Why == "" {
			t.Errorf("the rule that needs the stale value: %+v, want unknown and STALE", u)
		}
		p.push("pumps/P-7/flow", 15)
		if u := s.at(1); u.State != "hot" {
			t.Errorf("fresh again: %+v, want hot", u)
		}
	})
}

func TestAFailingSourceIsToldAndItsReturnToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-7", Path: "load"})
		defer stop()
		p.push("pumps/P-7/flow", 6)
		p.source.set("plant", "pumps/P-7/flow", connectors.Reading{Status: connectors.Unavailable, Why: "the plant cannot be reached"})
		p.settle()
		for i := range 2 {
			if u := s.at(i); u.Status != connectors.Unavailable || !u.Value.IsNull() {
				t.Errorf("input %d: %+v, want UNAVAILABLE without a value", i, u)
			}
		}
		p.source.set("plant", "pumps/P-7/flow", connectors.Reading{Measurement: connectors.Measurement{Value: schema.StringOf("many"), Time: time.Now()}, Status: connectors.OK})
		p.settle()
		if u := s.at(0); u.Status != connectors.BadData {
			t.Errorf("a text for a number: %+v, want BAD_DATA", u)
		}
		p.source.set("plant", "pumps/P-7/flow", connectors.Reading{Measurement: connectors.Measurement{Value: schema.FloatOf(2), Unit: "l/s", Time: time.Now()}, Status: connectors.OK})
		p.settle()
		if u := s.at(0); u.Status != connectors.OK || u.Value.Float() < 7.19 || u.Value.Float() > 7.21 || u.Unit != "m3/h" {
			t.Errorf("2 l/s: %+v, want 7.2 m3/h", u)
		}
	})
}

func TestGraphChangesMoveWhatIsWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-7", Path: "location.code"}, Input{Entity: "pump-9", Path: "name"})
		defer stop()
		p.push("pumps/P-7/flow", 1)
		p.push("pumps/P-17/flow", 17)
		p.push("lab/x7", 99)
		p.update("pump-7", "serial", schema.StringOf("P-17"))
		p.settle()
		if u := s.at(0); u.Value.Float() != 17 {
			t.Errorf("after the serial number changed: %+v, want 17", u)
		}
		p.update("pump-7", graph.ColumnBindings, schema.JSONOf(`{"flow": {"connector": "plant", "ref": "lab/x7"}}`))
		p.settle()
		if u := s.at(0); u.Value.Float() != 99 {
			t.Errorf("after the binding: %+v, want 99", u)
		}
		p.apply(graph.ChangeSet{
			Entities:      []graph.EntityChange{pump("pump-9", "P-9", 1), {Op: graph.Create, ID: "hall-2", Type: "Hall", Values: values("code", schema.StringOf("h2"))}},
			Relationships: []graph.RelationshipChange{{Op: graph.Replace, From: "pump-7", Relation: "locatedIn", To: "hall-2"}}})
		p.settle()
		if u := s.at(1); u.Value.Text() != "h2" {
			t.Errorf("after the move: %+v, want h2", u)
		}
		if u := s.at(2); u.Value.Text() != "Pump P-9" {
			t.Errorf("after it was created: %+v", u)
		}
		p.apply(graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: "pump-9"}}})
		p.update("pump-7", "serial", schema.Null)
		p.update("pump-7", graph.ColumnBindings, schema.Null)
		p.settle()
		if u := s.at(2); u.Status != connectors.NotFound {
			t.Errorf("after it was deleted: %+v", u)
		}
		if u := s.at(0); u.Status != connectors.NotBound || u.Why != "serial has no value" {
			t.Errorf("without a serial number: %+v, want NOT_BOUND", u)
		}
	})
}

func TestManyWatchersCostTheSourceOneAndTheLastGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, loadRules)
		defer p.close()
		var stops []func()
		for range 10 {
			_, stop := p.watch(Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-7", RuleSet: "load"})
			stops = append(stops, stop)
		}
		p.settle()
		if n := p.source.watched(); n != 2 { // flow and the hall's temperature
			t.Errorf("ten watchers watch %d references, want 2", n)
		}
		for _, stop := range stops {
			stop()
			stop()
		}
		p.settle()
		if n, c := p.source.watched(), p.hub.Counters(); n != 0 || c.Cells != 0 {
			t.Errorf("after the last left: %d references, %d cells, want none", n, c.Cells)
		}
	})
}

func TestChangesOfOneTickComeInOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", Path: "flow"}, Input{Entity: "pump-8", Path: "flow"}, Input{Entity: "pump-7", Path: "load"})
		defer stop()
		p.push("pumps/P-7/flow", 0)
		before := s.calls
		for i := range 50 {
			p.source.push("plant", "pumps/P-7/flow", schema.FloatOf(float64(i)))
			p.source.push("plant", "pumps/P-8/flow", schema.FloatOf(float64(i)))
		}
		p.settle()
		if n := s.calls - before; n > 2 {
			t.Errorf("100 changes at one moment made %d calls, want at most 2", n)
		}
		if u := s.at(2); u.Value.Float() < 4.08 {
			t.Errorf("the newest value was not told: %+v", u)
		}
	})
}
