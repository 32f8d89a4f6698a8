package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

func TestRecordsOfADatabaseAreAConnector(t *testing.T) {
	table, statements := parts()
	d := fresh(t, statements...)
	connectortest.Run(t, func(t *testing.T) connectortest.Subject {
		return connectortest.Subject{Connector: d.connector("connections: 8"), Tables: map[string]connectortest.Table{"parts": table}, Now: time.Now()}
	})
}

// parts is a table with a column of each type, null here and there, and the statements that make it.
func parts() (connectortest.Table, []string) {
	text := func(s string) schema.Value { return schema.StringOf(s) }
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	columns := []struct {
		name, typ string
		scalar    schema.Scalar
		key       bool
		sql       func(n int) string
		value     func(n int) schema.Value
	}{
		{"id", "text PRIMARY KEY", schema.String, true, func(n int) string { return fmt.Sprintf("'part %d'", n) }, func(n int) schema.Value { return text(fmt.Sprint("part ", n)) }},
		{"name", "varchar(40)", schema.String, true, func(n int) string { return fmt.Sprintf("'%s'", names[n%len(names)]) }, func(n int) schema.Value { return text(names[n%len(names)]) }},
		{"code", "char(4)", schema.String, true, func(n int) string { return fmt.Sprintf("'c%d'", n%3) }, func(n int) schema.Value { return text(fmt.Sprint("c", n%3)) }},
		{"count", "integer", schema.Int, true, func(n int) string { return fmt.Sprint(n % 4) }, func(n int) schema.Value { return schema.IntOf(int64(n % 4)) }},
		{"total", "bigint", schema.Long, true, func(n int) string { return fmt.Sprint(int64(n%5) << 40) }, func(n int) schema.Value { return schema.IntOf(int64(n%5) << 40) }},
		{"weight", "double precision", schema.Float, true, func(n int) string { return odd(n%6, float64(n%6)/8) }, func(n int) schema.Value { return oddValue(n%6, float64(n%6)/8) }},
		{"small", "real", schema.Float, true, func(n int) string { return fmt.Sprint(float64(n%7) / 10) }, func(n int) schema.Value { return schema.FloatOf(float64(n%7) / 10) }},
		{"price", "numeric(40,20)", schema.Decimal, true, func(n int) string { return fmt.Sprintf("1234567890123456789.%d", n%5) }, func(n int) schema.Value { return decimal(fmt.Sprintf("1234567890123456789.%d", n%5)) }},
		{"due", "date", schema.Date, true, func(n int) string { return fmt.Sprintf("'2026-01-%02d'", 1+n%9) }, func(n int) schema.Value { return schema.DateOf(fmt.Sprintf("2026-01-%02d", 1+n%9)) }},
		{"seen", "timestamptz", schema.DateTime, true, func(n int) string { return "'" + at.Add(time.Duration(n%9)*time.Hour).Format(time.RFC3339Nano) + "'" }, func(n int) schema.Value { return schema.TimeOf(at.Add(time.Duration(n%9) * time.Hour)) }},
		{"wall", "timestamp", schema.DateTime, true, func(n int) string {
			return "'" + at.Add(time.Duration(n%4)*time.Hour).Format("2006-01-02 15:04:05.999999") + "'"
		}, func(n int) schema.Value { return schema.TimeOf(at.Add(time.Duration(n%4) * time.Hour)) }},
		{"takes", "interval", schema.Duration, true, func(n int) string { return fmt.Sprintf("'1 day %d minutes -2.5 seconds'", n%6) }, func(n int) schema.Value {
			return schema.DurationOf(24*time.Hour + time.Duration(n%6)*time.Minute - 2500*time.Millisecond)
		}},
		{"open", "boolean", schema.Boolean, true, func(n int) string { return fmt.Sprint(n%2 == 0) }, func(n int) schema.Value { return schema.BoolOf(n%2 == 0) }},
		{"uid", "uuid", schema.String, true, func(n int) string { return "'" + uid(n%8) + "'" }, func(n int) schema.Value { return text(uid(n % 8)) }},
		{"mood", "mood", schema.String, true, func(n int) string { return "'" + moods[n%3] + "'" }, func(n int) schema.Value { return text(moods[n%3]) }},
		{"net", "inet", schema.String, true, func(n int) string { return fmt.Sprintf("'10.0.0.%d'", n%5) }, func(n int) schema.Value { return text(fmt.Sprintf("10.0.0.%d/32", n%5)) }},
		{"size", "positive", schema.Int, true, func(n int) string { return fmt.Sprint(n%3 + 1) }, func(n int) schema.Value { return schema.IntOf(int64(n%3 + 1)) }},
	}
	table := connectortest.Table{}
	var made, rows []string
	for _, c := range columns {
		table.Columns = append(table.Columns, connectors.Column{Name: c.name, Type: schema.ValueType{Scalar: c.scalar}, Key: c.key})
		made = append(made, quote(c.name)+" "+c.typ)
	}
	for n := range 80 {
		var cells []string
		var row []schema.Value
		for i, c := range columns {
			if i > 0 && (n+i)%7 == 3 {
				cells, row = append(cells, "NULL"), append(row, schema.Null)
				continue
			}
			cells, row = append(cells, c.sql(n)), append(row, c.value(n))
		}
		rows, table.Rows = append(rows, "("+strings.Join(cells, ", ")+")"), append(table.Rows, row)
	}
	return table, []string{"CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy')", "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
		"CREATE TABLE parts (" + strings.Join(made, ", ") + ")", "CREATE INDEX ON parts (name)", "INSERT INTO parts VALUES " + strings.Join(rows, ", ")}
}

var names = []string{"Zoo", "apple", "Äpfel", "100%_\\", "a b", ""}

var moods = []string{"sad", "ok", "Happy"}

func uid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-0000000000%02x", 160+n) }

func decimal(s string) schema.Value {
	c, _ := schema.CanonicalDecimal(s)
	return schema.DecimalOf(c)
}

// odd makes some numbers none: they are null here.
func odd(n int, f float64) string {
	switch n {
	case 1:
		return "'NaN'"
	case 2:
		return "'-Infinity'"
	}
	return fmt.Sprint(f)
}

func oddValue(n int, f float64) schema.Value {
	if n == 1 || n == 2 {
		return schema.Null
	}
	return schema.FloatOf(f)
}

func TestSeriesOfADatabaseAreAConnector(t *testing.T) {
	for _, notify := range []string{"", ", notify: measurements"} {
		t.Run("long"+notify, func(t *testing.T) {
			d := fresh(t, "CREATE TABLE measurements (asset text, signal text, at timestamptz, value double precision, quality text, unit text, PRIMARY KEY (asset, signal, at))")
			begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			all := map[string][]connectors.Measurement{}
			for n := range 60 {
				asset, ref := []string{"P-7", "P 8", "a/b"}[n%3], []string{"pumps/P-7/flow", "pumps/P%208/flow", "pumps/a%2Fb/flow"}[n%3]
				m := connectors.Measurement{Value: schema.FloatOf(float64(n) + 0.5), Time: begin.Add(time.Duration(n) * time.Second), Unit: "bar",
					Quality: []connectors.Quality{connectors.Good, connectors.Bad}[n%2]}
				d.Exec("INSERT INTO measurements VALUES ($1, 'flow', $2, $3, $4, 'bar')", asset, m.Time, m.Value.Float(), []string{"192", "BAD"}[n%2])
				all[ref] = append(all[ref], m)
			}
			connectortest.Run(t, func(t *testing.T) connectortest.Subject {
				measure := func(key string, m connectors.Measurement) {
					d.Exec("INSERT INTO measurements VALUES ($1, 'flow', $2, $3, $4, $5)", map[string]string{"pumps/P-7/flow": "P-7", "pumps/P%208/flow": "P 8", "pumps/a%2Fb/flow": "a/b"}[key],
						m.Time, m.Value.Float(), string(m.Quality), m.Unit)
					d.Exec("SELECT pg_notify('measurements', $1)", key)
				}
				c := d.connector(`connections: 8, tables: [none], series: [{table: measurements, ref: "pumps/{asset}/{signal}", time: at, value: value, quality: quality, unit: unit}]` + notify)
				return connectortest.Subject{Connector: c, Series: all, Now: begin.Add(time.Hour), Measure: measure, Template: func(v string) string { return "pumps/" + v + "/flow" }}
			})
		})
	}
	t.Run("wide", func(t *testing.T) {
		d := fresh(t, "CREATE TABLE engines (id integer, cycle integer, s2 real, s3 numeric, running boolean, note text, PRIMARY KEY (id, cycle))")
		all := map[string][]connectors.Measurement{"engines/3/s2": nil}
		for n := range 40 {
			id, cycle := n%2+1, n/2
			d.Exec("INSERT INTO engines VALUES ($1, $2, $3::text::real, $4, $5, 'x')", id, cycle, fmt.Sprint(float64(n)/10), n, n%3 == 0)
			at := time.Unix(int64(cycle)*3600, 0).UTC()
			for signal, v := range map[string]schema.Value{"s2": schema.FloatOf(float64(n) / 10), "s3": schema.FloatOf(float64(n)), "running": schema.BoolOf(n%3 == 0)} {
				ref := fmt.Sprintf("engines/%d/%s", id, signal)
				all[ref] = append(all[ref], connectors.Measurement{Value: v, Time: at, Quality: connectors.Good, Unit: map[string]string{"s2": "[degR]"}[signal]})
			}
		}
		connectortest.Run(t, func(t *testing.T) connectortest.Subject {
			c := d.connector(`connections: 8, tables: [none], series: [{table: engines, ref: "engines/{id}/{column}", time: {cycle: 1h}, units: {s2: "[degR]"}}]`)
			return connectortest.Subject{Connector: c, Series: all, Now: time.Unix(3600*1000, 0), Template: func(v string) string { return "engines/" + v + "/s2" }}
		})
	})
}

func TestTheSampleOpens(t *testing.T) {
	var doc struct {
		Connectors map[string]yaml.Node `yaml:"connectors"`
	}
	if err := yaml.Unmarshal([]byte(sample), &doc); err != nil {
		t.Fatal(err)
	}
	configs := map[string]*yaml.Node{}
	for name, node := range doc.Connectors {
		configs[name] = &node
	}
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(Kind()), configs, connectors.Options{Secret: func(string) (string, error) { return "secret", nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
