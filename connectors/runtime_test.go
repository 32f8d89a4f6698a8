package connectors_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open starts a runtime with one connector, named plant, of the given configuration.
func open(t testing.TB, c connectors.Connector, config string) *connectors.Runtime {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: test"+config+"}"), &node); err != nil {
		t.Fatal(err)
	}
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(connectortest.Kind("test", c)),
		map[string]*yaml.Node{"plant": node.Content[0]}, connectors.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			t.Error("Close:", err)
		}
	})
	return r
}

func at(seconds int, v float64) connectors.Measurement {
	return connectors.Measurement{Value: schema.FloatOf(v), Time: noon.Add(time.Duration(seconds) * time.Second), Unit: "m3/h"}
}

// pumps is a connector with n series pump-0 ... whose newest value is their number, and a table of orders.
func pumps(n int) *connectortest.Memory {
	m := connectortest.NewMemory()
	for i := range n {
		m.Measure(fmt.Sprint("pump-", i), at(-20, 0), at(-10, float64(i)))
	}
	m.Put("orders", orders(n))
	return m
}

func orders(pumps int) connectortest.Table {
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	t := connectortest.Table{Columns: []connectors.Column{{Name: "number", Type: scalar(schema.ID)},
		{Name: "equipment", Type: scalar(schema.String), Key: true}, {Name: "priority", Type: scalar(schema.Int)}}}
	for i := range pumps * 4 {
		t.Rows = append(t.Rows, []schema.Value{schema.StringOf(fmt.Sprint("WO-", i)), schema.StringOf(fmt.Sprint("P-", i%pumps)), schema.IntOf(int64(i / pumps))})
	}
	return t
}

func refs(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("pump-", i)
	}
	return all
}

func TestLatestIsPositionalAndOneCall(t *testing.T) {
	m := pumps(300)
	r := open(t, m, "")
	a := r.Latest(t.Context(), "plant", append(refs(300), "pump-7", "nothing"))
	for i := range 300 {
		if got := a.Results[i]; got.Status != connectors.OK || got.Value.Float() != float64(i) || got.Unit != "m3/h" {
			t.Fatalf("result %d = %+v", i, got)
		}
	}
	if a.Results[300] != a.Results[7] || a.Results[301].Status != connectors.NotFound {
		t.Errorf("repeated %+v, unknown %+v", a.Results[300], a.Results[301])
	}
	if a.Calls != 1 || a.Keys != 301 || a.Cached != 0 || a.Failure != nil {
		t.Errorf("calls %d, keys %d, cached %d, failure %v; want 1, 301, 0, none", a.Calls, a.Keys, a.Cached, a.Failure)
	}
	again := r.Latest(t.Context(), "plant", refs(300))
	if again.Calls != 0 || again.Cached != 300 {
		t.Errorf("second question: calls %d, cached %d; want 0, 300", again.Calls, again.Cached)
	}
}

func TestHistoryMakesBucketsWithGapsVisible(t *testing.T) {
	m := connectortest.NewMemory()
	m.Measure("s", at(0, 1), at(5, 3), at(30, 10), at(59, 20), at(60, 99))
	r := open(t, m, "")
	a := r.History(t.Context(), "plant", []string{"s"}, connectors.Want{From: noon, To: noon.Add(time.Minute), Every: 10 * time.Second, Aggregate: connectors.Avg})
	got := a.Results[0]
	var text string
	for _, m := range got.Measurements {
		text += fmt.Sprintf("%s=%g ", m.Time.Format("05"), m.Value.Float())
	}
	if got.Status != connectors.OK || text != "00=2 30=10 50=20 " {
		t.Errorf("status %s, buckets %s; want OK, 00=2 30=10 50=20", got.Status, text)
	}
}

func TestRecordsAreFilteredOrderedAndLimitedWhateverIsPushedDown(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		m := pumps(10)
		m.Filters, m.Orders, m.Limits = pushed, pushed, pushed
		r := open(t, m, "")
		w := connectors.Want{Collection: "orders", Columns: []string{"number"}, KeyColumns: []string{"equipment"}, PerKey: 2, Count: true,
			Where: &schema.Condition{Op: schema.Gt, Path: "priority", Value: schema.IntOf(0)}, Order: []connectors.Order{{Column: "priority", Desc: true}}}
		a := r.Records(t.Context(), "plant", []connectors.Key{{Values: []schema.Value{schema.StringOf("P-3")}}, {Values: []schema.Value{schema.StringOf("none")}}}, w)
		got := a.Results[0]
		if got.Count != 2 || got.Cells[0].Text() != "WO-33" || got.Cells[1].Text() != "WO-23" || !got.More || got.Total != 3 {
			t.Errorf("pushed %t: rows %+v", pushed, got)
		}
		if a.Results[1].Status != connectors.Empty || a.Calls != 1 || a.Keys != 2 {
			t.Errorf("pushed %t: unknown key %+v, calls %d, keys %d", pushed, a.Results[1], a.Calls, a.Keys)
		}
	}
}

func TestWatchTellsWhatIsKnownAndEveryChange(t *testing.T) {
	m := pumps(2)
	r := open(t, m, "")
	got := make(chan string, 10)
	stop := r.Watch("plant", []string{"pump-1", "nothing"}, func(ref string, r connectors.Reading) {
		got <- fmt.Sprintf("%s %s %v", ref, r.Status, r.Value.Float())
	})
	want := map[string]bool{"pump-1 OK 1": true, "nothing NOT_FOUND NaN": true}
	for range 2 {
		if text := <-got; !want[text] {
			t.Errorf("first call %q", text)
		}
	}
	m.Measure("pump-1", at(-1, 8))
	if text := <-got; text != "pump-1 OK 8" {
		t.Errorf("after a change %q, want pump-1 OK 8", text)
	}
	stop()
	m.Measure("pump-1", at(0, 9))
	if len(got) > 0 {
		t.Errorf("called after stop: %s", <-got)
	}
}
