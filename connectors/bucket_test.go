package connectors_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

func TestAggregates(t *testing.T) {
	m := connectortest.NewMemory()
	whole := func(s int, v int64, q connectors.Quality) connectors.Measurement {
		return connectors.Measurement{Value: schema.IntOf(v), Time: noon.Add(time.Duration(s) * time.Second), Quality: q}
	}
	m.Measure("n", whole(0, 4, ""), whole(1, 1, ""), whole(2, 7, ""), whole(3, 99, connectors.Bad), whole(10, 5, connectors.Bad))
	m.Measure("s", connectors.Measurement{Value: schema.StringOf("RUN"), Time: noon}, connectors.Measurement{Value: schema.StringOf("STOP"), Time: noon.Add(time.Second)})
	r := open(t, m, "")
	for by, want := range map[connectors.Aggregate]string{connectors.Avg: "4 UNCERTAIN", connectors.Sum: "12 UNCERTAIN", connectors.Min: "1 UNCERTAIN",
		connectors.Max: "7 UNCERTAIN", connectors.First: "4 UNCERTAIN", connectors.Last: "7 UNCERTAIN", connectors.Count: "3 UNCERTAIN"} {
		got := r.History(t.Context(), "plant", []string{"n"}, connectors.Want{From: noon, To: noon.Add(time.Minute), Every: 10 * time.Second, Aggregate: by}).Results[0]
		if len(got.Measurements) != 1 {
			t.Errorf("%s: %+v, want one bucket, and none for one with BAD values only", by, got)
			continue
		}
		if text := fmt.Sprint(got.Measurements[0].Value.Float(), " ", got.Measurements[0].Quality); text != want {
			t.Errorf("%s = %s, want %s", by, text, want)
		}
	}
	w := connectors.Want{From: noon, To: noon.Add(time.Minute), Every: 10 * time.Second, Aggregate: connectors.Last}
	if got := r.History(t.Context(), "plant", []string{"s"}, w).Results[0]; len(got.Measurements) != 1 || got.Measurements[0].Value.Text() != "STOP" {
		t.Errorf("last text %+v", got)
	}
	w.Aggregate = connectors.Avg
	if got := r.History(t.Context(), "plant", []string{"s"}, w).Results[0]; got.Status != connectors.Unsupported || !strings.Contains(got.Why, "needs numbers") {
		t.Errorf("average of texts %+v", got)
	}
}

func TestDaysBeginAtMidnightOfTheZone(t *testing.T) {
	m := connectortest.NewMemory()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// The clocks go forward on 2026-03-29: that day has 23 hours.
	begin := time.Date(2026, 3, 28, 0, 0, 0, 0, berlin)
	for n := range 24 + 23 + 24 {
		m.Measure("h", connectors.Measurement{Value: schema.IntOf(1), Time: begin.Add(time.Duration(n) * time.Hour)})
	}
	w := connectors.Want{From: begin, To: begin.AddDate(0, 0, 3), Every: 24 * time.Hour, Aggregate: connectors.Count, Location: "Europe/Berlin"}
	late := connectortest.Serve(t, m, "cache: 0s", begin.AddDate(0, 0, 4))
	defer func() {
		if err := late.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	var text string
	for _, d := range late.History(t.Context(), "subject", []string{"h"}, w).Results[0].Measurements {
		text += fmt.Sprintf("%s=%d ", d.Time.In(berlin).Format("02T15"), d.Value.Int())
	}
	if text != "28T00=24 29T00=23 30T00=24 " {
		t.Errorf("days %s", text)
	}
	w.Location = "Mars/Base"
	if got := late.History(t.Context(), "subject", []string{"h"}, w).Results[0]; got.Status != connectors.Unsupported {
		t.Errorf("unknown zone: %+v", got)
	}
}

func TestAskedValuesAreWrittenInTheTypeOfTheColumn(t *testing.T) {
	m := connectortest.NewMemory()
	m.Put("w", connectortest.Table{Columns: []connectors.Column{{Name: "id", Type: schema.ValueType{Scalar: schema.Long}, Key: true}, {Name: "code", Type: schema.ValueType{Scalar: schema.String}}},
		Rows: [][]schema.Value{{schema.IntOf(7), schema.StringOf("12")}, {schema.IntOf(8), schema.StringOf("007")}}})
	r := open(t, m, "")
	w := connectors.Want{Collection: "w", Columns: []string{"id"}, KeyColumns: []string{"id"}}
	a := r.Records(t.Context(), "plant", []connectors.Key{{Values: []schema.Value{schema.StringOf("7")}}, {Values: []schema.Value{schema.StringOf("07")}}}, w)
	if a.Results[0].Count != 1 || a.Results[1].Status != connectors.Empty {
		t.Errorf("keys as texts: %+v", a.Results)
	}
	w = connectors.Want{Collection: "w", Columns: []string{"id"}, Where: &schema.Condition{Op: schema.Or, Args: []*schema.Condition{
		{Op: schema.In, Path: "id", Value: schema.ListOf([]schema.Value{schema.StringOf("8")})}, {Op: schema.Eq, Path: "code", Value: schema.IntOf(12)}}}}
	if got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; got.Count != 2 {
		t.Errorf("filter of other types: %+v", got)
	}
}
