package postgres

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"mereon/connectors"
	"mereon/schema"
)

// rows asks the runtime for rows of the whole collection.
func rows(t *testing.T, r *connectors.Runtime, w connectors.Want) connectors.Rows {
	t.Helper()
	a := r.Records(t.Context(), "erp", []connectors.Key{{}}, w)
	if got := a.Results[0]; got.Status != connectors.OK && got.Status != connectors.Empty {
		t.Fatalf("%+v %+v: %s %s", w, w.Where, got.Status, got.Why)
	}
	return a.Results[0]
}

func by(columns ...string) (order []connectors.Order) {
	for _, c := range columns {
		order = append(order, connectors.Order{Column: c})
	}
	return order
}

func TestEveryTypeIsReadWithoutLoss(t *testing.T) {
	r := fresh(t, "CREATE TYPE mood AS ENUM ('sad', 'ok')", `CREATE TABLE things (id int PRIMARY KEY, n numeric, big bigint, tags text[], points int[][], moods mood[], days date[], times timestamptz[],
		doc jsonb, raw json, span interval, day date, at timestamptz, bits bit(3), bytes bytea, money money)`,
		`INSERT INTO things VALUES (1, 12345678901234567890.123456789012345678901234567890, 9223372036854775807, '{"a,b","c\"d",NULL,"\\"}', '{{1,2},{3,4}}', '{sad,ok}',
			'{2026-01-02}', '{"2026-01-02 03:04:05.678901+02"}', '{"b": [1, 2.50, null], "a": "x"}', '[1,  {"k": 1e2}]', '1 year 2 months 3 days 04:05:06.789', '0044-03-15 BC', 'infinity', B'101', '\x00ff', 12.5),
		(2, 'NaN', NULL, '{}', NULL, NULL, NULL, NULL, 'null', NULL, '-1 day +02:00', 'infinity', '-infinity', NULL, NULL, NULL)`).runtime("cache: 0s")
	columns := []string{"n", "big", "tags", "points", "moods", "days", "times", "doc", "raw", "span", "day", "at", "bits", "bytes"}
	got := rowsText(rows(t, r, connectors.Want{Collection: "things", Columns: columns, Order: by("id")}), len(columns))
	want := `"12345678901234567890.12345678901234567890123456789"|9223372036854775807|["a,b","c\"d",null,"\\"]|[1,2,3,4]|["sad","ok"]|["2026-01-02"]|["2026-01-02T01:04:05.678901Z"]|` +
		`{"a":"x","b":[1,2.50,null]}|[1,{"k":1e2}]|"P423DT4H5M6.789S"|"0001-01-01"|"2262-04-11T23:47:16.854775Z"|"101"|"\\x00ff"` + "\n" +
		`null|null|[]|null|null|null|null|null|null|"-PT22H"|"9999-12-31"|"1677-09-21T00:12:43.145225Z"|null|null`
	if got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	has := func(op schema.ConditionOp, path string, v schema.Value) *schema.Condition {
		return &schema.Condition{Op: op, Path: schema.Path(path), Value: v}
	}
	for _, c := range []*schema.Condition{has(schema.Has, "tags", schema.StringOf(`c"d`)), has(schema.HasAny, "tags", schema.ListOf([]schema.Value{schema.StringOf("x"), schema.StringOf("a,b")})),
		has(schema.IsEmpty, "tags", schema.BoolOf(false)), has(schema.Has, "points", schema.IntOf(3)), has(schema.Has, "moods", schema.StringOf("ok")), has(schema.IsNull, "n", schema.BoolOf(false)),
		has(schema.Gt, "n", schema.DecimalOf("12345678901234567890.1234567890123456789")), has(schema.Gt, "big", schema.FloatOf(9.2e18)), has(schema.Lt, "day", schema.DateOf("2026-01-01"))} {
		if got := rows(t, r, connectors.Want{Collection: "things", Columns: []string{"id"}, Where: c}); rowsText(got, 1) != "1" {
			t.Errorf("%+v: rows %q, want 1", c, rowsText(got, 1))
		}
	}
}

func TestHostileNamesAndValuesStayNamesAndValues(t *testing.T) {
	table, column := `or"d;ers'; DROP TABLE victims; --`, `col"umn $1 '); DELETE FROM victims; --`
	d := fresh(t, "CREATE TABLE victims (id int)", "INSERT INTO victims VALUES (1)",
		fmt.Sprintf("CREATE TABLE %s (%s text PRIMARY KEY, \"a.b\" text)", quote(table), quote(column)))
	values := []string{`'; DROP TABLE victims; --`, `$1`, `\`, `"`, `{a,b}`, `NULL`, `%`, `a%_\`, "line\nbreak\ttab", `é\u0000`, "\u2028'"}
	for _, v := range values {
		d.Exec(fmt.Sprintf("INSERT INTO %s VALUES ($1, 'x')", quote(table)), v)
	}
	r := d.runtime("cache: 0s, notify: \"x\\\"; DROP TABLE victims; --\", series: [{table: victims, ref: \"{id}\", time: {id: 1s}, value: id}]")
	w := connectors.Want{Collection: table, Columns: []string{column, "a.b"}, KeyColumns: []string{column}, PerKey: 5}
	var keys []connectors.Key
	for _, v := range append(values, "\x00", "nobody") {
		keys = append(keys, connectors.Key{Values: []schema.Value{schema.StringOf(v)}})
	}
	a := r.Records(t.Context(), "erp", keys, w)
	for i, v := range values {
		if got := a.Results[i]; got.Count != 1 || got.Cells[0].Text() != v {
			t.Errorf("key %q: %+v", v, got)
		}
	}
	if a.Results[len(values)].Status != connectors.Empty || a.Results[len(values)+1].Status != connectors.Empty || a.Calls != 1 {
		t.Errorf("%+v", a)
	}
	for _, op := range []schema.ConditionOp{schema.Eq, schema.StartsWith, schema.Contains} {
		for _, v := range values {
			w := connectors.Want{Collection: table, Columns: []string{column}, Where: &schema.Condition{Op: op, Path: schema.Path(column), Value: schema.StringOf(v)}}
			if text := rowsText(rows(t, r, w), 1); !strings.Contains(text, string(schema.StringOf(v).AppendJSON(nil))) {
				t.Errorf("%v %q finds %s", op, v, text)
			}
		}
	}
	stop := r.Watch("erp", []string{"1", "'; DROP TABLE victims; --"}, func(string, connectors.Reading) {})
	defer stop()
	for _, ref := range []string{"'; DROP TABLE victims; --", "%27%3B", "1"} {
		r.Latest(t.Context(), "erp", []string{ref})
	}
	if n := len(rows(t, r, connectors.Want{Collection: "victims", Columns: []string{"id"}}).Cells); n != 1 {
		t.Errorf("victims has %d rows", n)
	}
}

func TestNothingIsWritten(t *testing.T) {
	d := fresh(t, "CREATE TABLE log (at int)", "CREATE FUNCTION note() RETURNS int LANGUAGE sql AS 'INSERT INTO public.log VALUES (1) RETURNING at'", "CREATE VIEW sly AS SELECT public.note() AS id")
	r := d.runtime("retries: 0")
	a := r.Records(t.Context(), "erp", []connectors.Key{{}}, connectors.Want{Collection: "sly", Columns: []string{"id"}})
	if got := a.Results[0]; !strings.Contains(got.Why, "read-only transaction") {
		t.Errorf("a view that writes: %s %s", got.Status, got.Why)
	}
	if n := rows(t, r, connectors.Want{Collection: "log", Columns: []string{"at"}}).Count; n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

// shop is customers, their orders, and notes about orders, with foreign keys.
func shop(t *testing.T) *testDatabase {
	return fresh(t, "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, country char(2))", "CREATE TABLE plants (code text, site text, title text, PRIMARY KEY (site, code))",
		"CREATE TABLE orders (number text PRIMARY KEY, customer int REFERENCES customers, site text, plant text, due date NOT NULL, hours numeric(8,2), FOREIGN KEY (site, plant) REFERENCES plants (site, code))",
		"CREATE TABLE notes (id serial PRIMARY KEY, number text, body text)", "CREATE INDEX ON orders (customer)",
		"INSERT INTO customers VALUES (1, 'Anna', 'DE'), (2, 'Bert', 'FR'), (3, 'Cleo', NULL)", "INSERT INTO plants VALUES ('1', 'N', 'North 1'), ('2', 'N', 'North 2'), ('1', 'S', 'South 1')",
		"INSERT INTO orders SELECT 'A' || n, n % 4, CASE n % 3 WHEN 0 THEN 'N' ELSE 'S' END, CASE n % 2 WHEN 0 THEN '1' ELSE '2' END, date '2026-01-01' + n, n * 0.25 FROM generate_series(1, 12) n WHERE n % 4 > 0 AND (n % 3 = 0 OR n % 2 = 0)",
		"INSERT INTO notes (number, body) SELECT number, 'note ' || i || ' of ' || number FROM orders, generate_series(1, 2) i WHERE number <> 'A10'")
}

func TestJoinsAreOneStatement(t *testing.T) {
	r := shop(t).runtime("cache: 0s")
	w := connectors.Want{Collection: "orders", Columns: []string{"number", "customer.name", "plant.title", "note.body"}, Order: []connectors.Order{{Column: "customer.name", Desc: true}, {Column: "number"}},
		Joins: []connectors.Join{{Name: "customer", Collection: "customers", On: [][2]string{{"customer", "id"}}}, {Name: "plant", Collection: "plants", On: [][2]string{{"plant", "code"}, {"site", "site"}}},
			{Name: "note", Collection: "notes", On: [][2]string{{"number", "number"}}}}}
	a := r.Records(t.Context(), "erp", []connectors.Key{{}}, w)
	want := "\"A3\"|\"Cleo\"|\"North 2\"|\"note 1 of A3\"\n\"A10\"|\"Bert\"|\"South 1\"|null\n\"A2\"|\"Bert\"|\"South 1\"|\"note 1 of A2\"\n\"A6\"|\"Bert\"|\"North 1\"|\"note 1 of A6\"\n\"A9\"|\"Anna\"|\"North 2\"|\"note 1 of A9\""
	if got := rowsText(a.Results[0], 4); got != want || a.Calls != 1 {
		t.Errorf("%d calls, %s %s: rows\n%s\nwant\n%s", a.Calls, a.Results[0].Status, a.Results[0].Why, got, want)
	}
	w.Where = &schema.Condition{Op: schema.And, Args: []*schema.Condition{{Op: schema.Eq, Path: "customer.country", Value: schema.StringOf("FR")}, {Op: schema.Contains, Path: "plant.title", Value: schema.StringOf("South")}}}
	w.KeyColumns, w.PerKey = []string{"customer"}, 1
	a = r.Records(t.Context(), "erp", []connectors.Key{{Values: []schema.Value{schema.IntOf(1)}}, {Values: []schema.Value{schema.IntOf(2)}}}, w)
	if a.Results[0].Status != connectors.Empty || rowsText(a.Results[1], 4) != "\"A10\"|\"Bert\"|\"South 1\"|null" || !a.Results[1].More || a.Calls != 1 {
		t.Errorf("orders per customer %+v", a)
	}
	w = connectors.Want{Collection: "orders", Group: []connectors.GroupBy{{Column: "customer.name"}}, Measures: []connectors.Measure{{Func: connectors.Sum, Column: "hours"}}, Joins: w.Joins[:1]}
	if got := rowsText(rows(t, r, w), 2); got != "\"Anna\"|\"2.25\"\n\"Bert\"|\"4.5\"\n\"Cleo\"|\"0.75\"" {
		t.Errorf("hours per customer\n%s", got)
	}
}

func TestKeysOfSeveralColumnsAreAskedForTogether(t *testing.T) {
	r := shop(t).runtime("cache: 0s")
	w := connectors.Want{Collection: "plants", Columns: []string{"title"}, KeyColumns: []string{"code", "site"}, PerKey: 1}
	key := func(code, site string) connectors.Key {
		return connectors.Key{Values: []schema.Value{schema.StringOf(code), schema.StringOf(site)}}
	}
	a := r.Records(t.Context(), "erp", []connectors.Key{key("1", "S"), key("2", "S"), key("2", "N"), key("1", "S")}, w)
	if rowsText(a.Results[0], 1) != `"South 1"` || a.Results[1].Status != connectors.Empty || rowsText(a.Results[2], 1) != `"North 2"` || rowsText(a.Results[3], 1) != `"South 1"` || a.Calls != 1 {
		t.Errorf("%+v", a)
	}
}

func TestNamesAndCodesOfTheConfigurationAreOurs(t *testing.T) {
	d := fresh(t, "CREATE SCHEMA sap", "CREATE TABLE sap.aufk (aufnr text PRIMARY KEY, stat text, prio int, mins real)", "INSERT INTO sap.aufk VALUES ('1', 'REL', 1, 0.1), ('2', 'CNF', 2, 2), ('3', 'XXX', 1, NULL), ('4', NULL, 3, 4)")
	r := d.runtime("schemas: [sap, public], collections: {work_orders: {table: aufk, columns: {aufnr: number, stat: status}, map: {status: {REL: OPEN, CNF: DONE}, prio: {1: HIGH}}, units: {mins: min}}}")
	ask := func(op schema.ConditionOp, path string, v ...string) string {
		value := schema.StringOf(v[0])
		if op == schema.In || op == schema.NotIn {
			var list []schema.Value
			for _, one := range v {
				list = append(list, schema.StringOf(one))
			}
			value = schema.ListOf(list)
		}
		w := connectors.Want{Collection: "work_orders", Columns: []string{"number", "status", "prio"}, Order: by("number"), Where: &schema.Condition{Op: op, Path: schema.Path(path), Value: value}}
		return strings.ReplaceAll(rowsText(rows(t, r, w), 3), "\n", " ")
	}
	for _, c := range []struct{ got, want string }{
		{ask(schema.Eq, "status", "OPEN"), `"1"|"OPEN"|"HIGH"`}, {ask(schema.Ne, "status", "OPEN"), `"2"|"DONE"|"2" "3"|"XXX"|"HIGH"`}, {ask(schema.Eq, "status", "REL"), ""},
		{ask(schema.In, "status", "DONE", "XXX"), `"2"|"DONE"|"2" "3"|"XXX"|"HIGH"`}, {ask(schema.Eq, "prio", "HIGH"), `"1"|"OPEN"|"HIGH" "3"|"XXX"|"HIGH"`}, {ask(schema.NotIn, "prio", "HIGH", "3"), `"2"|"DONE"|"2"`},
		{ask(schema.StartsWith, "status", "O"), `"1"|"OPEN"|"HIGH"`}, {ask(schema.Eq, "prio", "1"), ""},
	} {
		if c.got != c.want {
			t.Errorf("rows %s, want %s", c.got, c.want)
		}
	}
	groups := connectors.Want{Collection: "work_orders", Group: []connectors.GroupBy{{Column: "status"}}, Measures: []connectors.Measure{{Func: connectors.Count}, {Func: connectors.Max, Column: "mins"}}}
	if got := rowsText(rows(t, r, groups), 3); got != "\"DONE\"|1|2\n\"OPEN\"|1|0.1\n\"XXX\"|1|null\nnull|1|4" {
		t.Errorf("groups\n%s", got)
	}
	desc, err := r.Descriptor(t.Context(), "erp")
	if err != nil || len(desc.Collections) != 1 || desc.Collections[0].Columns[3].Unit != "min" {
		t.Errorf("%+v, %v", desc, err)
	}
}

func TestALimitForEachKeyIsPushedBothWithAndWithoutAnIndex(t *testing.T) {
	c := shop(t).connector("connections: 2")
	for column, want := range map[string]string{"customer": "LATERAL", "site": "row_number()"} {
		a, err := c.Plan(t.Context(), connectors.Want{Kind: connectors.Records, Collection: "orders", Columns: []string{"number"}, KeyColumns: []string{column}, PerKey: 3, Order: by("due")})
		if err != nil || !strings.Contains(a.Explain, want) || !a.LimitDone || !a.OrderDone {
			t.Errorf("%s: %s, %v", column, a.Explain, err)
		}
	}
}

func TestConditionsOnOddTypesAreThoseOfTheEngine(t *testing.T) {
	d := fresh(t, "CREATE TABLE odd (id int PRIMARY KEY, f float8, r real, d date, at timestamptz, c char(5), span interval)",
		"INSERT INTO odd VALUES (1, 'NaN', 'NaN', 'infinity', 'infinity', 'a', '1 mon'), (2, '-Infinity', 'Infinity', '-infinity', '-infinity', 'a b', '30 days'), (3, 0.1, 0.1, '2026-01-01', '2026-01-01', '', '720:00:00'), (4, NULL, NULL, NULL, NULL, NULL, NULL), (5, 1e300, 1e30, '9999-12-31', '2026-01-01 00:00:00.000001', 'ä', '-1 day')")
	r := d.runtime("cache: 0s")
	all := rows(t, r, connectors.Want{Collection: "odd", Columns: []string{"id", "f", "r", "d", "at", "c", "span"}, Order: by("id")})
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		column := 1 + random.IntN(6)
		v := all.Cells[random.IntN(all.Count)*7+column]
		if v.Kind() == schema.DateTimeValue && random.IntN(2) == 0 {
			v = schema.TimeOf(v.Time().Add(300))
		}
		op := []schema.ConditionOp{schema.Eq, schema.Ne, schema.Lt, schema.Lte, schema.Gt, schema.Gte, schema.NotIn, schema.IsNull}[random.IntN(8)]
		c := &schema.Condition{Op: op, Path: schema.Path([]string{"", "f", "r", "d", "at", "c", "span"}[column]), Value: v}
		switch op {
		case schema.NotIn:
			c.Value = schema.ListOf([]schema.Value{v, v})
		case schema.IsNull:
			c.Value = schema.BoolOf(random.IntN(2) == 0)
		}
		if random.IntN(2) == 0 {
			c = &schema.Condition{Op: schema.Not, Args: []*schema.Condition{c}}
		}
		var want []string
		for i := range all.Count {
			if c.Eval(func(schema.Path) schema.Value { return all.Cells[i*7+column] }, nil) == schema.True {
				want = append(want, fmt.Sprint(i+1))
			}
		}
		if got := rowsText(rows(t, r, connectors.Want{Collection: "odd", Columns: []string{"id"}, Order: by("id"), Where: c}), 1); got != strings.Join(want, "\n") {
			t.Fatalf("%+v %+v: rows %q, want %q", c, c.Args, got, want)
		}
	}
}
