package postgres

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/postgres/postgrestest"
	"mereon/schema"
)

// workOrders loads the work orders of a mine: all texts as they are, and a view with types.
func workOrders(t *testing.T) *testDatabase {
	file := filepath.Join(postgrestest.Data(t, "workorders-mwo"), "work_orders.csv")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	header, err := csv.NewReader(f).Read()
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, name := range header {
		columns = append(columns, quote(name)+" text")
	}
	d := fresh(t, "CREATE TABLE raw ("+strings.Join(columns, ", ")+")")
	if n := d.Copy("raw", file); n != 500 {
		t.Fatalf("%d rows copied, want 500", n)
	}
	d.Exec(`CREATE VIEW work_orders AS SELECT "PONumber"::int AS number, "AssetID" AS asset, "WorkCentre" AS work_centre, "Work_Order_Functional_Location" AS location,
		CASE WHEN "Work_Order_Basic_Start_Date" ~ '^\d+/\d+/\d{4}$' THEN to_date("Work_Order_Basic_Start_Date", 'DD/MM/YYYY') END AS start,
		CASE WHEN "ACtStartDate" ~ '^[1-9]\d*/\d+/\d{4}$' THEN to_date("ACtStartDate", 'DD/MM/YYYY') END AS actual_start,
		"ShortText" AS text, CASE WHEN "Actual" ~ '^[0-9.]+$' THEN "Actual"::numeric END AS actual FROM raw`)
	return d
}

func TestWorkOrdersOfAMineHaveTheirIndependentCounts(t *testing.T) {
	r := workOrders(t).runtime("cache: 0s, tables: [work_orders]")
	count := connectors.Measure{Func: connectors.Count}
	if got := rowsText(rows(t, r, connectors.Want{Collection: "work_orders", Measures: []connectors.Measure{count, {Func: connectors.Sum, Column: "actual"}}}), 2); got != `500|"86906"` {
		t.Errorf("rows and sum of actual %s, want 500 and 86906", got)
	}
	groups := func(column string) connectors.Rows {
		return rows(t, r, connectors.Want{Collection: "work_orders", Group: []connectors.GroupBy{{Column: column}}, Measures: []connectors.Measure{count}, Order: []connectors.Order{{Column: "COUNT", Desc: true}}})
	}
	if got := groups("asset"); got.Count != 9 || !strings.HasPrefix(rowsText(got, 2), "\"AID5\"|126\n\"AID1\"|125\n\"AID7\"|99\n") {
		t.Errorf("orders per asset\n%s", rowsText(got, 2))
	}
	for column, want := range map[string]int{"number": 500, "location": 60, "work_centre": 4} {
		if got := groups(column); got.Count != want {
			t.Errorf("%d of %s, want %d", got.Count, column, want)
		}
	}
	assets := []string{"AID5", "AID1", "AID7"}
	var keys []connectors.Key
	for _, a := range assets {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(a)}})
	}
	a := r.Records(t.Context(), "erp", keys, connectors.Want{Collection: "work_orders", Columns: []string{"number", "start"}, KeyColumns: []string{"asset"}, PerKey: 3, Count: true, Order: []connectors.Order{{Column: "start", Desc: true}, {Column: "number"}}})
	for i, want := range []int{126, 125, 99} {
		if got := a.Results[i]; got.Total != want || got.Count != 3 || !got.More {
			t.Errorf("%s: %d of %d, want 3 of %d", assets[i], got.Count, got.Total, want)
		}
	}
	if a.Calls != 1 {
		t.Errorf("%d statements for three assets", a.Calls)
	}
}

// turbofan loads the engines that ran to failure.
func turbofan(t *testing.T) *testDatabase {
	file := filepath.Join(postgrestest.Data(t, "telemetry-turbofan"), "PM_train.csv")
	columns := "id int, cycle int, setting1 float8, setting2 float8, setting3 float8"
	for s := range 21 {
		columns += fmt.Sprintf(", s%d float8", s+1)
	}
	d := fresh(t, "CREATE TABLE engines ("+columns+", PRIMARY KEY (id, cycle))")
	if n := d.Copy("engines", file); n != 20631 {
		t.Fatalf("%d rows copied, want 20631", n)
	}
	d.Exec("ANALYZE engines")
	return d
}

func TestEnginesThatRanToFailureHaveTheirIndependentCounts(t *testing.T) {
	r := turbofan(t).runtime("cache: 0s, deadline: 30s, tables: [engines], series: [{table: engines, ref: \"engines/{id}/{column}\", time: {cycle: 1h}, values: [" + sensors() + "]}]")
	var refs, second []string
	for id := range 100 {
		for s := range 21 {
			refs = append(refs, fmt.Sprintf("engines/%d/s%d", id+1, s+1))
		}
		second = append(second, fmt.Sprintf("engines/%d/s2", id+1))
	}
	latest := r.Latest(t.Context(), "erp", refs)
	if latest.Calls != 1 || latest.Keys != 2100 {
		t.Errorf("%d statements for %d series, want 1 for 2100", latest.Calls, latest.Keys)
	}
	cycles, least, most := 0, math.MaxInt, 0
	for i := 1; i < len(latest.Results); i += 21 {
		got := latest.Results[i]
		if got.Status != connectors.OK {
			t.Fatalf("%s: %s %s", refs[i], got.Status, got.Why)
		}
		n := int(got.Time.Unix() / 3600)
		cycles, least, most = cycles+n, min(least, n), max(most, n)
	}
	if cycles != 20631 || least != 128 || most != 362 {
		t.Errorf("cycles %d, from %d to %d; want 20631, 128 to 362 (mean 206.31)", cycles, least, most)
	}
	w := connectors.Want{From: time.Unix(0, 0), To: time.Unix(3600*1000, 0), Every: 30 * 24 * time.Hour, Aggregate: connectors.Sum}
	sum, points := 0.0, 0
	history := r.History(t.Context(), "erp", second, w)
	for _, got := range history.Results {
		for _, m := range got.Measurements {
			sum += m.Value.Float()
		}
		points += len(got.Measurements)
	}
	if math.Abs(sum-13259150.34) > 0.005 || history.Calls != 1 || points != 100 {
		t.Errorf("sum of s2 = %.2f in %d buckets by %d statements, want 13259150.34 in 100 by 1", sum, points, history.Calls)
	}
	w.Every, w.Aggregate = 0, connectors.Raw
	sum, points = 0, 0
	for _, got := range r.History(t.Context(), "erp", second, w).Results {
		for _, m := range got.Measurements {
			sum += m.Value.Float()
		}
		points += len(got.Measurements)
	}
	if math.Abs(sum-13259150.34) > 0.005 || points != 20631 {
		t.Errorf("sum of s2 = %.2f of %d values, want 13259150.34 of 20631", sum, points)
	}
	group := connectors.Want{Collection: "engines", Group: []connectors.GroupBy{{Column: "id"}}, Measures: []connectors.Measure{{Func: connectors.Max, Column: "cycle"}, {Func: connectors.Sum, Column: "s2"}}}
	if got := rows(t, r, group); got.Count != 100 {
		t.Errorf("%d engines, want 100", got.Count)
	}
}

func sensors() string {
	var names []string
	for s := range 21 {
		names = append(names, fmt.Sprintf("s%d", s+1))
	}
	return strings.Join(names, ", ")
}
