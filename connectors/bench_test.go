package connectors_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// BenchmarkLatestWarm: 300 series, all fresh in the cache.
func BenchmarkLatestWarm(b *testing.B) {
	r := open(b, pumps(300), ", cache: 1h")
	all := refs(300)
	r.Latest(b.Context(), "plant", all)
	b.ReportAllocs()
	for b.Loop() {
		if a := r.Latest(b.Context(), "plant", all); a.Calls != 0 {
			b.Fatal("not from the cache")
		}
	}
}

// BenchmarkLatestCold: 300 series, one request each time.
func BenchmarkLatestCold(b *testing.B) {
	r := open(b, pumps(300), ", cache: 0s")
	all := refs(300)
	b.ReportAllocs()
	for b.Loop() {
		if a := r.Latest(b.Context(), "plant", all); a.Calls != 1 {
			b.Fatal("not one call")
		}
	}
}

// BenchmarkRecordsWarm: the orders of 100 pumps, fresh in the cache.
func BenchmarkRecordsWarm(b *testing.B) {
	r := open(b, pumps(100), ", cache: 1h")
	var keys []connectors.Key
	for n := range 100 {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(fmt.Sprint("P-", n))}})
	}
	w := connectors.Want{Collection: "orders", Columns: []string{"number", "priority"}, KeyColumns: []string{"equipment"}}
	r.Records(b.Context(), "plant", keys, w)
	b.ReportAllocs()
	for b.Loop() {
		if a := r.Records(b.Context(), "plant", keys, w); a.Calls != 0 {
			b.Fatal("not from the cache")
		}
	}
}

// BenchmarkPush: from a pushed value to the call of one who watches.
func BenchmarkPush(b *testing.B) {
	m := connectortest.NewMemory()
	r := open(b, m, "")
	got := make(chan struct{}, 1)
	stop := r.Watch("plant", []string{"pump-0"}, func(string, connectors.Reading) { got <- struct{}{} })
	defer stop()
	<-got
	value := at(0, 0)
	b.ReportAllocs()
	for b.Loop() {
		value.Time = value.Time.Add(time.Microsecond)
		m.Measure("pump-0", value)
		<-got
	}
}

func TestAWarmQuestionAllocatesLittle(t *testing.T) {
	r := open(t, pumps(300), ", cache: 1h")
	all := refs(300)
	r.Latest(context.Background(), "plant", all)
	if n := testing.AllocsPerRun(100, func() { r.Latest(context.Background(), "plant", all) }); n > 4 {
		t.Errorf("%g allocations for 300 fresh series, want at most 4", n)
	}
}
