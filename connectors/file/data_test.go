package file

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/fixtures/inputs"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve opens a runtime with one connector, named f, in a folder.
func serve(t testing.TB, dir, config string, now func() time.Time) (*connectors.Runtime, error) {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: file, deadline: 20s, cache: 0s, "+config+"}"), &node); err != nil {
		t.Fatal(err)
	}
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(Kind()), map[string]*yaml.Node{"f": node.Content[0]}, connectors.Options{Dir: dir, Now: now})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r, nil
}

func mustServe(t testing.TB, dir, config string) *connectors.Runtime {
	t.Helper()
	r, err := serve(t, dir, config, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keysOf(t testing.TB, r *connectors.Runtime) []string {
	t.Helper()
	d, err := r.Descriptor(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	return d.Series.Keys
}

const longFormat = "header: false, columns: [{time: epoch-ms}, type, asset, attribute, value, valueType]"

func TestCookieFactoryRecordingHasTheCountsOfItsSource(t *testing.T) {
	dir := filepath.Join(inputs.Path(t, "twinmaker-cookiefactory-v1"), "sample_data", "telemetry")
	r := mustServe(t, dir, "path: telemetry.csv, "+longFormat+", replay: {now: end}")
	keys := keysOf(t, r)
	w := connectors.Want{From: time.UnixMilli(1636070400000), To: time.UnixMilli(1636072220089)}
	a := r.History(t.Context(), "f", keys, w)
	rows, assets := 0, map[string]bool{}
	low, high, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0
	for i, key := range keys {
		rows += len(a.Results[i].Measurements)
		assets[strings.Split(key, "/")[1]] = true
		if !strings.HasSuffix(key, "/Temperature") {
			continue
		}
		for _, m := range a.Results[i].Measurements {
			v := m.Value.Float()
			low, high, sum, n = min(low, v), max(high, v), sum+v, n+1
		}
	}
	if rows != 19970 || len(assets) != 54 {
		t.Errorf("%d rows of %d assets, want 19970 of 54", rows, len(assets))
	}
	if text := fmt.Sprintf("%.3f %.3f %.3f %d", low, high, sum/float64(n), n); text != "97.567 101.861 99.752 9216" {
		t.Errorf("temperatures min, max, mean, count = %s, want 97.567 101.861 99.752 9216", text)
	}
	alarms := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasSuffix(k, "/alarm_status") })
	count := map[string]int{}
	for _, reading := range r.Latest(t.Context(), "f", alarms).Results {
		count[reading.Value.Text()]++
	}
	if count["NORMAL"] != 23 || count["ACTIVE"] != 4 || len(count) != 2 {
		t.Errorf("last alarm states %v, want 23 NORMAL and 4 ACTIVE", count)
	}
	if now := r.Now("f"); now.UnixMilli() != 1636072220089 {
		t.Errorf("clock at %d, want 1 ms after the last row, 1636072220088", now.UnixMilli())
	}
}

func TestTurbofanIsAWideTable(t *testing.T) {
	dir := inputs.Path(t, "telemetry-turbofan")
	r := mustServe(t, dir, "path: PM_train.csv, columns: {cycle: {time: 1h}}, values: [s2, s21], ref: \"engines/{id}/{column}\", units: {s2: K}")
	keys := keysOf(t, r)
	if len(keys) != 200 {
		t.Errorf("%d series, want 100 engines with 2 each", len(keys))
	}
	w := connectors.Want{From: time.Unix(0, 0), To: time.Unix(400*3600, 0)}
	sum, rows, shortest, longest := 0.0, 0, math.MaxInt, 0
	a := r.History(t.Context(), "f", keys, w)
	for i, key := range keys {
		if !strings.HasSuffix(key, "/s2") {
			continue
		}
		n := len(a.Results[i].Measurements)
		rows, shortest, longest = rows+n, min(shortest, n), max(longest, n)
		for _, m := range a.Results[i].Measurements {
			sum += m.Value.Float()
		}
	}
	if text := fmt.Sprintf("%d %d %d %.2f", rows, shortest, longest, sum); text != "20631 128 362 13259150.34" {
		t.Errorf("rows, shortest, longest, sum of s2 = %s, want 20631 128 362 13259150.34", text)
	}
}

func TestMachineTemperatureByDay(t *testing.T) {
	dir := inputs.Path(t, "telemetry-nab")
	r := mustServe(t, dir, "path: machine_temperature_system_failure.csv, columns: {timestamp: time}, ref: machine")
	for _, c := range []struct {
		by   connectors.Aggregate
		want float64
	}{{connectors.Avg, 82.441528}, {connectors.Max, 92.277980}, {connectors.Count, 288}} {
		w := connectors.Want{From: time.Date(2013, 12, 3, 0, 0, 0, 0, time.UTC), To: time.Date(2013, 12, 4, 0, 0, 0, 0, time.UTC), Every: 24 * time.Hour, Aggregate: c.by}
		got := r.History(t.Context(), "f", []string{"machine"}, w).Results[0]
		if len(got.Measurements) != 1 || math.Abs(got.Measurements[0].Value.Float()-c.want) > 1e-6 {
			t.Errorf("%s of 2013-12-03 = %+v, want %g", c.by, got, c.want)
		}
	}
	all := r.History(t.Context(), "f", []string{"machine"}, connectors.Want{From: time.Unix(0, 0), To: time.Now()}).Results[0]
	if len(all.Measurements) != 22695 || all.Status != connectors.OK {
		t.Errorf("%d measurements, %s %s, want all 22695 although times repeat and jump back", len(all.Measurements), all.Status, all.Why)
	}
}

const workOrders = "path: work_orders.csv, collection: orders, key: PONumber, types: {Actual: Float, AssetFuncLoc: String}, " +
	"columns: {AssetID: asset, ACtStartDate: {started: dd/MM/yyyy}, Work_Order_Functional_Location: location}, null: [\"\", Removed, 0/1/00]"

func TestWorkOrdersHaveTheCountsOfTheirSource(t *testing.T) {
	r := mustServe(t, inputs.Path(t, "workorders-mwo"), workOrders)
	d, err := r.Descriptor(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	if c := d.Collections[0]; c.RowCount != 500 || len(c.Columns) != 25 {
		t.Errorf("%d rows, %d columns, want 500, 25", c.RowCount, len(c.Columns))
	}
	w := connectors.Want{Collection: "orders", Columns: []string{"PONumber", "Actual", "location", "started"}, Count: true}
	rows := r.Records(t.Context(), "f", []connectors.Key{{}}, w).Results[0]
	numbers, locations, sum := map[string]bool{}, map[string]bool{}, 0.0
	for i := range rows.Count {
		cells := rows.Cells[i*4:]
		numbers[cells[0].Text()] = true
		locations[cells[2].Text()] = true
		if !cells[1].IsNull() {
			sum += cells[1].Float()
		}
		if k := cells[3].Kind(); k != schema.DateValue && k != schema.NullValue {
			t.Fatalf("row %d: started is %v", i, cells[3])
		}
	}
	if len(numbers) != 500 || len(locations) != 60 || sum != 86906 || rows.Total != 500 {
		t.Errorf("%d orders, %d locations, sum %g, total %d; want 500, 60, 86906, 500", len(numbers), len(locations), sum, rows.Total)
	}
	w = connectors.Want{Collection: "orders", Columns: []string{"PONumber"}, KeyColumns: []string{"asset"}}
	var keys []connectors.Key
	for _, asset := range []string{"AID5", "AID1", "AID7", "AID99"} {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(asset)}})
	}
	a := r.Records(t.Context(), "f", keys, w)
	if got := fmt.Sprintln(a.Results[0].Count, a.Results[1].Count, a.Results[2].Count, a.Results[3].Status); got != "126 125 99 EMPTY\n" || a.Calls != 1 {
		t.Errorf("orders of AID5, AID1, AID7, AID99 = %s in %d calls, want 126 125 99 EMPTY in 1", got, a.Calls)
	}
}
