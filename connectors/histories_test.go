package connectors_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/connectors/connectortest"
)

// counting counts the keys it is asked for. With one it makes buckets, of one aggregate at a time.
type counting struct {
	*connectortest.Memory
	one  bool
	keys *int
}

func (c counting) Plan(ctx context.Context, w connectors.Want) (connectors.Accept, error) {
	a, err := c.Memory.Plan(ctx, w)
	a.AggregateDone = c.one && w.Kind == connectors.History
	return a, err
}

func (c counting) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	*c.keys += len(b.Keys)
	if !a.AggregateDone {
		return c.Memory.Fetch(ctx, a, b, out)
	}
	for i := range b.Keys {
		v := map[connectors.Aggregate]float64{connectors.Min: 0, connectors.Max: 9, connectors.Avg: 3}[a.Want.Aggregate]
		out.Measurement(i, at(-60, v))
	}
	return nil
}

func TestSeveralAggregatesOfARangeAreAskedForTogetherWhereThatCanBe(t *testing.T) {
	for _, one := range []bool{false, true} {
		m := connectortest.NewMemory()
		for _, ref := range []string{"a", "b"} {
			m.Measure(ref, at(-60, 0), at(-50, 0), at(-40, 9))
		}
		asked := 0
		r := open(t, counting{m, one, &asked}, ", cache: 1m")
		keys := []connectors.Key{{Ref: "a", Aggregate: connectors.Min}, {Ref: "a", Aggregate: connectors.Max}, {Ref: "b", Aggregate: connectors.Avg}, {Ref: "a", Aggregate: connectors.Min}}
		w := connectors.Want{From: noon.Add(-time.Minute), To: noon, Every: time.Minute}
		a := r.Histories(t.Context(), "plant", keys, w)
		var got []float64
		for _, of := range a.Results {
			if of.Status != connectors.OK || len(of.Measurements) != 1 {
				t.Fatalf("%+v", of)
			}
			got = append(got, of.Measurements[0].Value.Float())
		}
		if diff := cmp.Diff([]float64{0, 9, 3, 0}, got); diff != "" {
			t.Error(diff)
		}
		calls, series := 1, 2 // the values of a and b, once
		if one {
			calls, series = 3, 3
		}
		if a.Calls != calls || asked != series || a.Keys != 3 {
			t.Errorf("one aggregate at a time %t: %d calls for %d keys, %d different ones", one, a.Calls, asked, a.Keys)
		}
		w.Aggregate = connectors.Max
		if again := r.History(t.Context(), "plant", []string{"a"}, w); again.Calls != 0 || again.Cached != 1 || again.Results[0].Measurements[0].Value.Float() != 9 {
			t.Errorf("what is known of one aggregate is asked for again: %+v", again)
		}
		if none := r.Histories(t.Context(), "elsewhere", keys, w); none.Failure == nil || !slices.ContainsFunc(none.Results, func(of connectors.Range) bool { return of.Status == connectors.NotFound }) {
			t.Errorf("%+v", none)
		}
	}
}
