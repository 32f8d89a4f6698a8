package postgres

import (
	"fmt"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// BenchmarkOrdersOf100Entities asks for the open orders of 100 entities, 10 each, of 100,000: one statement by index.
func BenchmarkOrdersOf100Entities(b *testing.B) {
	d := fresh(b, "CREATE TABLE orders (number int PRIMARY KEY, equipment text, status text, priority int, due date, title text)",
		"INSERT INTO orders SELECT n, 'P-' || n % 5000, CASE n % 2 WHEN 0 THEN 'OPEN' ELSE 'DONE' END, n % 4, date '2026-01-01' + n % 300, 'order ' || n FROM generate_series(1, 100000) n",
		"CREATE INDEX ON orders (equipment)", "ANALYZE orders")
	c := d.connector("connections: 4")
	w := connectors.Want{Kind: connectors.Records, Collection: "orders", Columns: []string{"equipment", "number", "title", "priority", "due"}, KeyColumns: []string{"equipment"}, PerKey: 10,
		Where: &schema.Condition{Op: schema.Eq, Path: "status", Value: schema.StringOf("OPEN")}, Order: []connectors.Order{{Column: "due"}, {Column: "number"}}}
	var keys []connectors.Key
	for n := range 100 {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(fmt.Sprint("P-", n*2))}})
	}
	fetches(b, c, w, keys, 1000)
}

// BenchmarkNewestOf2100Series asks for the newest values of 100 engines with 21 sensors each, of 20,000 rows.
func BenchmarkNewestOf2100Series(b *testing.B) {
	columns, values := "", ""
	for s := range 21 {
		columns += fmt.Sprintf(", s%d float8", s+1)
		values += fmt.Sprintf(", n * %d", s+1)
	}
	d := fresh(b, "CREATE TABLE engines (id int, at timestamptz"+columns+", PRIMARY KEY (id, at))",
		"INSERT INTO engines SELECT n % 100, timestamptz '2026-01-01Z' + n * interval '1 second'"+values+" FROM generate_series(1, 20000) n", "ANALYZE engines")
	c := d.connector("connections: 4, series: [{table: engines, ref: \"{id}/{column}\", time: at}]")
	var keys []connectors.Key
	for n := range 2100 {
		keys = append(keys, connectors.Key{Ref: fmt.Sprintf("%d/s%d", n/21, n%21+1)})
	}
	fetches(b, c, connectors.Want{Kind: connectors.Latest}, keys, 2100)
}

func fetches(b *testing.B, c connectors.Connector, w connectors.Want, keys []connectors.Key, want int) {
	b.Helper()
	a, err := c.Plan(b.Context(), w)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := connectortest.NewRecorder(len(keys))
		if err := c.Fetch(b.Context(), a, connectors.Batch{Keys: keys, Now: time.Now()}, r); err != nil {
			b.Fatal(err)
		}
		n := 0
		for k := range keys {
			n += len(r.Rows[k]) + len(r.Measurements[k])
		}
		if n != want {
			b.Fatalf("%d results, want %d", n, want)
		}
	}
}
