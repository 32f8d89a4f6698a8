package postgres

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// unfolded makes the engine make buckets of what a connector sends.
type unfolded struct{ connectors.Connector }

func (u unfolded) Plan(ctx context.Context, w connectors.Want) (connectors.Accept, error) {
	w.Every, w.Aggregate = 0, connectors.Raw
	return u.Connector.Plan(ctx, w)
}

func TestBucketsOfTheDatabaseAreThoseOfTheEngine(t *testing.T) {
	d := fresh(t, "CREATE TABLE m (asset text, at timestamptz, f float8, r real, i bigint, n numeric, b boolean, s text, q text, PRIMARY KEY (asset, at))",
		"CREATE TABLE wall (asset text, at timestamp, f float8)")
	random := rand.New(rand.NewPCG(3, 4))
	begin := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC) // clocks change in Europe on the 29th
	for n := range 1500 {
		at := begin.Add(time.Duration(random.Int64N(int64(6 * 24 * time.Hour)))).Truncate(time.Microsecond)
		f := []string{fmt.Sprint(random.Float64() * 10), "NaN", "Infinity"}[max(0, random.IntN(40)-37)]
		d.Exec("INSERT INTO m VALUES ($1, $2, $3::text::float8, $4::text::real, $5, $6::text::numeric, $7, $8, $9) ON CONFLICT DO NOTHING", fmt.Sprint("a", n%3), at, f, fmt.Sprint(float64(random.IntN(100))/10),
			random.Int64N(1000), fmt.Sprint(random.IntN(1000)), random.IntN(2) == 0, fmt.Sprint("x", random.IntN(30)), []string{"GOOD", "192", "uncertain", "64", "BAD", "0"}[random.IntN(6)])
		d.Exec("INSERT INTO wall VALUES ($1, $2, $3)", fmt.Sprint("a", n%3), at, random.Float64())
	}
	c := d.connector("connections: 4, location: Europe/Berlin, tables: [none], series: [{table: m, ref: \"{asset}/{column}\", time: at, quality: q, values: [f, r, i, n, b, s]}, {table: wall, ref: \"wall/{asset}/value\", time: at, value: f}]")
	sql := connectortest.Serve(t, c, "cache: 0s, deadline: 30s", begin.AddDate(0, 0, 10))
	engine := connectortest.Serve(t, unfolded{c}, "cache: 0s, deadline: 30s", begin.AddDate(0, 0, 10))
	refs := []string{"a0/f", "a1/f", "a0/r", "a1/i", "a2/n", "a0/b", "a0/s", "wall/a1/value", "nobody/f"}
	aggregates := []connectors.Aggregate{connectors.Avg, connectors.Min, connectors.Max, connectors.Sum, connectors.Count, connectors.First, connectors.Last}
	for range 60 {
		w := connectors.Want{From: begin.Add(time.Duration(random.Int64N(int64(48 * time.Hour)))), To: begin.Add(time.Duration(random.Int64N(int64(96*time.Hour)) + int64(48*time.Hour))),
			Every: []time.Duration{time.Minute, 7 * time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour}[random.IntN(7)], Aggregate: aggregates[random.IntN(len(aggregates))],
			Location: []string{"", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"}[random.IntN(4)]}
		have, want := sql.History(t.Context(), "subject", refs, w), engine.History(t.Context(), "subject", refs, w)
		if have.Calls != 1 {
			t.Errorf("%d statements", have.Calls)
		}
		for i := range refs {
			if a, b := rangeText(have.Results[i]), rangeText(want.Results[i]); a != b {
				t.Fatalf("%s by %s every %s in %q\n%s\nwant\n%s", refs[i], w.Aggregate, w.Every, w.Location, a, b)
			}
		}
		var keys []connectors.Key
		for range 20 {
			keys = append(keys, connectors.Key{Ref: refs[random.IntN(len(refs))], Aggregate: aggregates[random.IntN(len(aggregates))]})
		}
		have, want = sql.Histories(t.Context(), "subject", keys, w), engine.Histories(t.Context(), "subject", keys, w)
		if have.Calls != 1 || want.Calls != 1 {
			t.Errorf("%d and %d statements for several aggregates", have.Calls, want.Calls)
		}
		for i, k := range keys {
			if a, b := rangeText(have.Results[i]), rangeText(want.Results[i]); a != b {
				t.Fatalf("together: %s by %s every %s in %q\n%s\nwant\n%s", k.Ref, k.Aggregate, w.Every, w.Location, a, b)
			}
		}
	}
	for _, r := range []*connectors.Runtime{sql, engine} {
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// rangeText shows a range; floats are rounded, since the order of adding differs.
func rangeText(r connectors.Range) string {
	lines := []string{string(r.Status)}
	if r.Status != connectors.OK {
		return lines[0]
	}
	for _, m := range r.Measurements {
		text := string(m.Value.AppendJSON(nil))
		if m.Value.Kind() == schema.FloatValue {
			text = fmt.Sprintf("%.9g", math.Round(m.Value.Float()*1e9)/1e9)
		}
		lines = append(lines, m.Time.Format(time.RFC3339Nano)+" "+text+" "+string(m.Quality)+" "+m.Unit)
	}
	return strings.Join(lines, "\n")
}

func TestTheNewestValueComesFromTheIndexAlsoOfPartitions(t *testing.T) {
	d := fresh(t, "CREATE TABLE m (asset text, at timestamptz NOT NULL, value float8) PARTITION BY RANGE (at)", "CREATE INDEX ON m (asset, at)",
		"CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')", "CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
		"INSERT INTO m SELECT 'P-' || n % 20, timestamptz '2026-01-10Z' + n * interval '1 minute', n FROM generate_series(1, 40000) n", "ANALYZE m")
	c := d.connector("series: [{table: m, ref: \"{asset}\", time: at, value: value}]").(*Connector)
	o, err := c.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(o.catalog.tables) != 1 {
		t.Errorf("partitions are tables of their own: %v", o.names)
	}
	br := o.branches([]connectors.Key{{Ref: "P-3"}, {Ref: "P-4"}}, connectortest.NewRecorder(2))
	s := &sql{}
	s.put("EXPLAIN ")
	br[0].latest(s)
	var plan strings.Builder
	result := d.Conn.PgConn().ExecParams(t.Context(), s.text.String(), s.values(), nil, nil, nil).Read()
	for _, row := range result.Rows {
		plan.Write(row[0])
		plan.WriteByte('\n')
	}
	if result.Err != nil || !strings.Contains(plan.String(), "Index Scan Backward") || strings.Contains(plan.String(), "Seq Scan") || strings.Contains(plan.String(), "Sort Key: s.at") {
		t.Errorf("%v: the plan is not one by index:\n%s", result.Err, plan.String())
	}
	r := connectortest.Serve(t, c, "", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	got := r.Latest(t.Context(), "subject", []string{"P-3", "P-4", "P-99", "a/b"})
	if got.Results[0].Value.Float() != 39983 || got.Results[1].Value.Float() != 39984 || got.Results[2].Status != connectors.NoDataYet || got.Results[3].Status != connectors.NotFound || got.Calls != 1 {
		t.Errorf("%+v", got)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTimesOfEveryKindAreUnderstood(t *testing.T) {
	r := fresh(t, "CREATE TABLE ms (id int, at bigint, v int)", "INSERT INTO ms VALUES (1, 1772366400123, 1)", "CREATE TABLE s (id int, at float8, v int)", "INSERT INTO s VALUES (1, 1772366400.5, 2), (1, 'NaN', 9)",
		"CREATE TABLE d (id int, at date, v int)", "INSERT INTO d VALUES (1, '2026-03-01', 3), (1, 'infinity', 9), (1, NULL, 9)", "CREATE TABLE w (id int, at timestamp, v int)", "INSERT INTO w VALUES (1, '2026-07-01 12:00', 4)").
		runtime(`location: Europe/Berlin, series: [{table: ms, ref: "ms/{id}", time: {at: epoch-ms}, value: v}, {table: s, ref: "s/{id}", time: {at: epoch-s}, value: v}, {table: d, ref: "d/{id}", time: at, value: v}, {table: w, ref: "w/{id}", time: at, value: v}]`)
	refs := []string{"ms/1", "s/1", "d/1", "w/1"}
	got := r.Latest(t.Context(), "erp", refs)
	for i, want := range []string{"2026-03-01T12:00:00.123Z", "2026-03-01T12:00:00.5Z", "2026-02-28T23:00:00Z", "2026-07-01T10:00:00Z"} {
		m := got.Results[i]
		if at := m.Time.Format(time.RFC3339Nano); at != want || m.Value.Int() != int64(i+1) {
			t.Errorf("%s = %v at %s (%s %s), want %d at %s", refs[i], m.Value, at, m.Status, m.Why, i+1, want)
		}
		a := r.History(t.Context(), "erp", refs[i:i+1], connectors.Want{From: m.Time, To: m.Time.Add(time.Microsecond)})
		b := r.History(t.Context(), "erp", refs[i:i+1], connectors.Want{From: m.Time.Add(-time.Hour), To: m.Time})
		if len(a.Results[0].Measurements) != 1 || len(b.Results[0].Measurements) != 0 {
			t.Errorf("%s: the range [t, t+1µs) has %+v, the hour before %+v", refs[i], a.Results[0], b.Results[0])
		}
	}
}
