package connectors_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// ledger has a few bookings; groups says whether the source makes groups itself.
func ledger(groups bool) *connectortest.Memory {
	column := func(name string, s schema.Scalar) connectors.Column {
		return connectors.Column{Name: name, Type: schema.ValueType{Scalar: s}, Key: true}
	}
	m := connectortest.NewMemory()
	m.Filters, m.Orders, m.Limits, m.Groups = groups, groups, groups, groups
	t := connectortest.Table{Columns: []connectors.Column{column("pump", schema.String), column("status", schema.String), column("cost", schema.Float), column("at", schema.DateTime)}}
	for i, row := range []struct {
		pump, status string
		cost         float64
	}{{"a", "OPEN", 2}, {"a", "DONE", 3}, {"a", "OPEN", 5}, {"b", "OPEN", 7}, {"c", "DONE", 11}} {
		t.Rows = append(t.Rows, []schema.Value{schema.StringOf(row.pump), schema.StringOf(row.status), schema.FloatOf(row.cost), schema.TimeOf(noon.AddDate(0, i, 0))})
	}
	m.Put("bookings", t)
	return m
}

func keyed(texts ...string) (keys []connectors.Key) {
	for _, text := range texts {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(text)}})
	}
	return keys
}

// groupText writes the groups of one key.
func groupText(r connectors.Rows, width int) string {
	var rows []string
	for i := range r.Count {
		var cells []string
		for _, v := range r.Cells[i*width : (i+1)*width] {
			switch {
			case v.IsNull():
				cells = append(cells, "null")
			case v.Kind() == schema.StringValue:
				cells = append(cells, v.Text())
			case v.Kind() == schema.DateTimeValue:
				cells = append(cells, v.Time().Format(time.DateOnly))
			default:
				cells = append(cells, fmt.Sprint(v.Float()))
			}
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, "; ")
}

func TestGroupsAreMadePerKeyInOneRequest(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		m := ledger(pushed)
		r := open(t, m, "")
		w := connectors.Want{Collection: "bookings", KeyColumns: []string{"pump"}, Group: []connectors.GroupBy{{Column: "status"}},
			Measures: []connectors.Measure{{Func: connectors.Count}, {Func: connectors.Sum, Column: "cost"}}}
		a := r.Records(t.Context(), "plant", keyed("a", "b", "nobody"), w)
		for i, want := range []string{"DONE 1 3; OPEN 2 7", "OPEN 1 7", ""} {
			if got := groupText(a.Results[i], 3); got != want {
				t.Errorf("pushed %t: groups of key %d = %s, want %s (%s)", pushed, i, got, want, a.Results[i].Why)
			}
		}
		w.Group = nil
		a = r.Records(t.Context(), "plant", append(keyed("a", "nobody"), connectors.Key{Values: []schema.Value{schema.Null}}), w)
		for i, want := range []string{"3 10", "0 null", "0 null"} {
			if got := groupText(a.Results[i], 2); got != want || a.Results[i].Status != connectors.OK {
				t.Errorf("pushed %t: measures of key %d = %s %s, want %s", pushed, i, got, a.Results[i].Status, want)
			}
		}
		if calls, _ := m.Calls(); calls != 2 {
			t.Errorf("pushed %t: %d calls for two questions", pushed, calls)
		}
	}
}

func TestGroupsAreOrderedAndLimited(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		r := open(t, ledger(pushed), "")
		w := connectors.Want{Collection: "bookings", Group: []connectors.GroupBy{{Column: "pump"}}, Count: true, Limit: 2,
			Measures: []connectors.Measure{{Func: connectors.Sum, Column: "cost", As: "total"}}, Order: []connectors.Order{{Column: "total", Desc: true}}}
		got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]
		if groupText(got, 2) != "c 11; a 10" || !got.More || got.Total != 3 {
			t.Errorf("pushed %t: the two dearest pumps = %s, more %t, of %d", pushed, groupText(got, 2), got.More, got.Total)
		}
	}
}

func TestGroupsOfTooManyRowsAreRefusedNotWrong(t *testing.T) {
	r := open(t, ledger(false), ", maxRows: 3")
	w := connectors.Want{Collection: "bookings", Measures: []connectors.Measure{{Func: connectors.Count}}}
	got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]
	if got.Status != connectors.Truncated || got.Count != 0 || !strings.Contains(got.Why, "more than the 3 rows") {
		t.Errorf("groups of 5 rows with maxRows 3 = %+v", got)
	}
	if got = open(t, ledger(true), ", maxRows: 3").Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; groupText(got, 1) != "5" {
		t.Errorf("a source that counts itself gives %s (%s)", groupText(got, 1), got.Why)
	}
}

func TestQuestionsForGroupsAreChecked(t *testing.T) {
	r := open(t, ledger(true), "")
	count := []connectors.Measure{{Func: connectors.Count}}
	for want, w := range map[string]connectors.Want{
		"no column colour":                 {Group: []connectors.GroupBy{{Column: "colour"}}, Measures: count},
		"SUM needs numbers":                {Measures: []connectors.Measure{{Func: connectors.Sum, Column: "status"}}},
		"AVG needs a column":               {Measures: []connectors.Measure{{Func: connectors.Avg}}},
		"no measure FIRST":                 {Measures: []connectors.Measure{{Func: connectors.First, Column: "cost"}}},
		"two results are called":           {Measures: append(count, count...)},
		"cannot be ordered by cost":        {Measures: count, Order: []connectors.Order{{Column: "cost"}}},
		"cost is no time":                  {Group: []connectors.GroupBy{{Column: "cost", Bucket: connectors.Bucket{Unit: connectors.Day}}}},
		"unknown time zone Mars":           {Group: []connectors.GroupBy{{Column: "at", Bucket: connectors.Bucket{Unit: connectors.Day, Location: "Mars"}}}},
		"unknown unit FORTNIGHT":           {Group: []connectors.GroupBy{{Column: "at", Bucket: connectors.Bucket{Unit: "FORTNIGHT"}}}},
		"at least 1s":                      {Group: []connectors.GroupBy{{Column: "at", Bucket: connectors.Bucket{Every: time.Millisecond}}}},
		"either a unit or a duration":      {Group: []connectors.GroupBy{{Column: "at", Bucket: connectors.Bucket{Unit: connectors.Day, Every: time.Hour}}}},
		"groups has no columns of rows":    {Columns: []string{"cost"}, Measures: count},
		"has no column pomp":               {KeyColumns: []string{"pomp"}, Measures: count},
		"it has pump, status, cost, at":    {Where: &schema.Condition{Op: schema.IsNull, Path: "x", Value: schema.BoolOf(true)}, Measures: count},
		"groups cannot be ordered by pump": {Group: []connectors.GroupBy{{Column: "pump", As: "p"}}, Order: []connectors.Order{{Column: "pump"}}},
	} {
		w.Collection = "bookings"
		key := connectors.Key{Values: make([]schema.Value, len(w.KeyColumns))}
		if got := r.Records(t.Context(), "plant", []connectors.Key{key}, w).Results[0]; got.Status != connectors.Unsupported || !strings.Contains(got.Why, want) {
			t.Errorf("%+v: %s %q, want %q", w, got.Status, got.Why, want)
		}
	}
}

func TestBucketsBeginInTheirTimeZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) schema.Value {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return schema.TimeOf(parsed)
	}
	for _, test := range []struct {
		bucket     connectors.Bucket
		zone       *time.Location
		value      schema.Value
		start      schema.Value
		startsWhen string
	}{
		{connectors.Bucket{}, time.UTC, at("2026-03-29T12:34:56Z"), at("2026-03-29T12:34:56Z"), "at itself"},
		{connectors.Bucket{Unit: connectors.Hour}, berlin, at("2026-03-29T12:34:56Z"), at("2026-03-29T12:00:00Z"), "at the hour"},
		{connectors.Bucket{Unit: connectors.Day}, berlin, at("2026-03-29T12:34:56Z"), at("2026-03-28T23:00:00Z"), "at the midnight before the clocks change"},
		{connectors.Bucket{Unit: connectors.Day}, berlin, at("2026-03-30T01:00:00Z"), at("2026-03-29T22:00:00Z"), "after a day of 23 hours"},
		{connectors.Bucket{Unit: connectors.Day}, berlin, at("2026-10-25T23:30:00Z"), at("2026-10-25T23:00:00Z"), "after a day of 25 hours"},
		{connectors.Bucket{Unit: connectors.Week}, berlin, at("2026-03-29T12:34:56Z"), at("2026-03-22T23:00:00Z"), "on Monday"},
		{connectors.Bucket{Unit: connectors.Week}, time.UTC, at("2026-03-30T00:00:00Z"), at("2026-03-30T00:00:00Z"), "on this Monday"},
		{connectors.Bucket{Unit: connectors.Month}, berlin, at("2026-03-31T22:30:00Z"), at("2026-03-31T22:00:00Z"), "in April there"},
		{connectors.Bucket{Unit: connectors.Quarter}, time.UTC, at("2026-12-31T23:59:59Z"), at("2026-10-01T00:00:00Z"), "in October"},
		{connectors.Bucket{Unit: connectors.Year}, berlin, at("2025-12-31T23:30:00Z"), at("2025-12-31T23:00:00Z"), "in the new year there"},
		{connectors.Bucket{Every: 15 * time.Minute}, berlin, at("2026-03-29T12:34:56Z"), at("2026-03-29T12:30:00Z"), "at the quarter"},
		{connectors.Bucket{Unit: connectors.Month}, time.UTC, schema.DateOf("2026-02-28"), schema.DateOf("2026-02-01"), "on the first"},
		{connectors.Bucket{Unit: connectors.Week}, berlin, schema.DateOf("2026-03-01"), schema.DateOf("2026-02-23"), "on Monday, whatever the zone"},
		{connectors.Bucket{Unit: connectors.Week}, berlin, schema.Null, schema.Null, "nowhere"},
	} {
		if got := test.bucket.Start(test.value, test.zone); got.Kind() != test.start.Kind() || !schema.Equal(got, test.start) {
			t.Errorf("%+v of %v starts at %v %s, want it %s (%v)", test.bucket, test.value.Time(), got.Time(), got.Text(), test.startsWhen, test.start.Time())
		}
	}
}

func TestLiesAboutGroupsAreCaught(t *testing.T) {
	m := ledger(true)
	f := connectortest.NewFaulty(m)
	r := open(t, f, ", cache: 0s")
	w := connectors.Want{Collection: "bookings", Group: []connectors.GroupBy{{Column: "status"}}, Limit: 1,
		Measures: []connectors.Measure{{Func: connectors.Sum, Column: "cost"}}, Where: &schema.Condition{Op: schema.Eq, Path: "status", Value: schema.StringOf("DONE")}}
	if got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; groupText(got, 2) != "DONE 14" {
		t.Errorf("an honest source gives %s (%s)", groupText(got, 2), got.Why)
	}
	f.Become(connectortest.WrongTypes)
	if got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; got.Status != connectors.BadData {
		t.Errorf("a source with wrong types gives %s %s", groupText(got, 2), got.Status)
	}
	got := open(t, &ignorant{m}, "").Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]
	if got.Status != connectors.BadData || !strings.Contains(got.Why, "does not match the filter") {
		t.Errorf("a source that ignores the filter of groups gives %s %s %s", groupText(got, 2), got.Status, got.Why)
	}
}

// ignorant accepts a filter of groups and ignores it.
type ignorant struct{ *connectortest.Memory }

func (i *ignorant) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	a.Want.Where = nil
	return i.Memory.Fetch(ctx, a, b, out)
}
