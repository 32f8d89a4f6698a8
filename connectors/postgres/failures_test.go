package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mereon/connectors"
	"mereon/connectors/postgres/postgrestest"
	"mereon/schema"
)

// eventually waits until something holds; 30 s are more than any machine needs.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatal("not within 30 s: " + what)
}

func countOf(table string) connectors.Want {
	return connectors.Want{Collection: table, Measures: []connectors.Measure{{Func: connectors.Count}}}
}

func TestAKilledServerIsUnavailableAndComesBackByItself(t *testing.T) {
	s := postgrestest.Start(t, "")
	d := freshOn(t, s, "CREATE TABLE m (id text, at timestamptz, v int)", "INSERT INTO m VALUES ('a', '2026-03-01Z', 7)", "CREATE TABLE o (id int)", "INSERT INTO o VALUES (1)")
	r := d.runtime("cache: 0s, deadline: 3s, notify: m, series: [{table: m, ref: \"{id}\", time: at, value: v}], tables: [o]")
	var mu sync.Mutex
	var last connectors.Reading
	stop := r.Watch("erp", []string{"a"}, func(_ string, got connectors.Reading) {
		mu.Lock()
		defer mu.Unlock()
		last = got
	})
	defer stop()
	seen := func(status connectors.Status, value int64) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return last.Status == status && last.Value.Int() == value
		}
	}
	eventually(t, "the first value", seen(connectors.OK, 7))
	d.Exec("INSERT INTO m VALUES ('a', '2026-03-02Z', 8)")
	d.Exec("NOTIFY m, 'a'")
	eventually(t, "a pushed value", seen(connectors.OK, 8))
	s.Kill()
	eventually(t, "UNAVAILABLE", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return last.Status == connectors.Unavailable && last.Time.Equal(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) && last.Value.IsNull()
	})
	a := r.Records(t.Context(), "erp", []connectors.Key{{}}, countOf("o"))
	if got := a.Results[0]; got.Status != connectors.Unavailable || !strings.Contains(got.Why, "cannot be reached: ") && !strings.Contains(got.Why, "not asked") {
		t.Errorf("while it is dead: %s %s", got.Status, got.Why)
	}
	s.Restart()
	eventually(t, "the value again", seen(connectors.OK, 8))
	eventually(t, "rows again", func() bool {
		return r.Records(t.Context(), "erp", []connectors.Key{{}}, countOf("o")).Results[0].Status == connectors.OK
	})
	again := postgrestest.Dial(t, d.URL)
	defer postgrestest.HangUp(again)
	if _, err := again.Exec(t.Context(), "INSERT INTO m VALUES ('a', '2026-03-03Z', 9); NOTIFY m, '[\"a\"]'"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a pushed value after the restart", seen(connectors.OK, 9))
}

func TestARestartedServerIsNotNoticed(t *testing.T) {
	s := postgrestest.Start(t, "")
	d := freshOn(t, s, "CREATE TABLE o (id int)", "INSERT INTO o VALUES (1)")
	r := d.runtime("cache: 0s, deadline: 10s")
	for range 2 {
		for range 4 {
			if got := r.Records(t.Context(), "erp", []connectors.Key{{}}, countOf("o")).Results[0]; got.Status != connectors.OK {
				t.Fatalf("%s %s", got.Status, got.Why)
			}
		}
		s.Kill()
		s.Restart()
	}
}

func TestNoConnectionLeftIsThrottled(t *testing.T) {
	s := postgrestest.Start(t, "max_connections = 8\nsuperuser_reserved_connections = 3\n")
	d := freshOn(t, s, "CREATE TABLE o (id int)", "CREATE ROLE reader LOGIN PASSWORD 'reading'", "GRANT SELECT ON o TO reader")
	reader := d.as("reader", "reading")
	var held []*pgx.Conn
	for range 8 {
		conn, err := pgx.Connect(t.Context(), reader.URL.String())
		if err != nil {
			break
		}
		held = append(held, conn)
	}
	defer func() {
		for _, conn := range held {
			postgrestest.HangUp(conn)
		}
	}()
	c := reader.connector("connections: 2")
	_, err := c.Describe(t.Context())
	f, ok := err.(*connectors.Failure)
	if !ok || f.Status != connectors.Throttled || f.RetryAfter == 0 || !strings.Contains(f.Message, "max_connections") {
		t.Errorf("Describe = %v", err)
	}
	postgrestest.HangUp(held[0])
	held = held[1:]
	eventually(t, "a connection again", func() bool { _, err := c.Describe(t.Context()); return err == nil })
}

func TestASlowStatementEndsInTheDatabaseAtTheDeadline(t *testing.T) {
	d := fresh(t, "CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(600)::text AS waited", "CREATE TABLE o (id int)")
	r := d.runtime("deadline: 2s, cache: 0s, connections: 2, retries: 0")
	running := func() (n int) {
		row := d.Conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mereon' AND datname = current_database() AND state = 'active'")
		if err := row.Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	w := connectors.Want{Collection: "slow", Columns: []string{"id", "waited"}}
	eventually(t, "TIMEOUT", func() bool {
		return r.Records(t.Context(), "erp", []connectors.Key{{}}, w).Results[0].Status == connectors.TimedOut
	})
	eventually(t, "no statement runs", func() bool { return running() == 0 })
	eventually(t, "an answer beside it", func() bool {
		return r.Records(t.Context(), "erp", []connectors.Key{{}}, countOf("o")).Results[0].Status == connectors.OK
	})
	// Without a deadline of the statement's own: a caller that gives up is a cancel request on the wire.
	c := d.connector("connections: 1")
	a, err := c.Plan(t.Context(), connectors.Want{Kind: connectors.Records, Collection: "slow", Columns: []string{"waited"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Fetch(ctx, a, connectors.Batch{Keys: []connectors.Key{{}}}, nil) }()
	eventually(t, "the statement runs", func() bool { return running() == 1 })
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("Fetch = %v", err)
	}
	eventually(t, "the statement is cancelled", func() bool { return running() == 0 })
	if a, err = c.Plan(t.Context(), connectors.Want{Kind: connectors.Records, Collection: "o", Columns: []string{"id"}}); err == nil {
		err = c.Fetch(t.Context(), a, connectors.Batch{Keys: []connectors.Key{{}}}, nil)
	}
	if err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestAChangedDatabaseIsDescribedAgain(t *testing.T) {
	d := fresh(t, "CREATE TABLE orders (id int PRIMARY KEY, status text, note text)", "INSERT INTO orders VALUES (1, 'OPEN', 'x')")
	r := d.runtime("cache: 0s")
	ask := func(columns ...string) connectors.Rows {
		return r.Records(t.Context(), "erp", []connectors.Key{{}}, connectors.Want{Collection: "orders", Columns: columns}).Results[0]
	}
	before, err := r.Descriptor(t.Context(), "erp")
	if err != nil || ask("id", "note").Status != connectors.OK {
		t.Fatalf("%v, %+v", err, ask("id", "note"))
	}
	d.Exec("ALTER TABLE orders DROP COLUMN note, ADD COLUMN due date, ALTER COLUMN id TYPE text")
	if got := ask("id", "note"); got.Status != connectors.NotFound || !strings.Contains(got.Why, "have changed") {
		t.Errorf("a dropped column: %s %s", got.Status, got.Why)
	}
	if got := ask("id", "note"); got.Status != connectors.Unsupported || !strings.Contains(got.Why, "no column note; it has id, status, due") {
		t.Errorf("then: %s %s", got.Status, got.Why)
	}
	if got := ask("id", "due", "status"); rowsText(got, 3) != `"1"|null|"OPEN"` {
		t.Errorf("a new column and type: %s %s %s", rowsText(got, 3), got.Status, got.Why)
	}
	after, err := r.Descriptor(t.Context(), "erp")
	if err != nil || after.Revision == before.Revision {
		t.Errorf("revision %s, then %s, %v", before.Revision, after.Revision, err)
	}
	d.Exec("ALTER TABLE orders ALTER COLUMN status TYPE char(8)")
	eventually(t, "the same answer from a changed type", func() bool { return rowsText(ask("status"), 1) == `"OPEN"` })
	d.Exec("ALTER TABLE orders RENAME TO order_list")
	if got := ask("status"); got.Status != connectors.NotFound {
		t.Errorf("a dropped table: %s %s", got.Status, got.Why)
	}
	if got := ask("status"); got.Status != connectors.Unsupported || !strings.Contains(got.Why, "it has order_list") {
		t.Errorf("then: %s %s", got.Status, got.Why)
	}
}

func TestErrorsOfTheDatabaseHaveTheirStatus(t *testing.T) {
	d := fresh(t, "CREATE ROLE reader_"+fmt.Sprint(os.Getpid())+" LOGIN PASSWORD 'secret-of-the-reader'", "CREATE TABLE o (id int, v int)", "CREATE TABLE hidden (id int)", "CREATE VIEW zero AS SELECT 1 / id AS n FROM o", "INSERT INTO o VALUES (0, 1)")
	user := "reader_" + fmt.Sprint(os.Getpid())
	t.Cleanup(func() { d.Exec("DROP OWNED BY " + user); d.Exec("DROP ROLE " + user) })
	d.Exec("GRANT SELECT (id) ON o TO " + user)
	ask := func(d *testDatabase, w connectors.Want) connectors.Rows {
		return d.runtime("cache: 0s, deadline: 10s, retries: 0").Records(t.Context(), "erp", []connectors.Key{{}}, w).Results[0]
	}
	reader := d.as(user, "secret-of-the-reader")
	for _, c := range []struct {
		name   string
		got    connectors.Rows
		status connectors.Status
		why    string
	}{
		{"wrong password", ask(d.as(user, "secret-but-wrong"), countOf("o")), connectors.Denied, "refuses the login of " + user},
		{"no such user", ask(d.as("nobody", "secret"), countOf("o")), connectors.Denied, "refuses the login of nobody"},
		{"no such database", ask(elsewhere(d, "127.0.0.1:"+d.URL.Port(), "/nothing"), countOf("o")), connectors.NotFound, `no database "nothing"`},
		{"nobody listens", ask(elsewhere(d, "127.0.0.1:1", "/x"), countOf("o")), connectors.Unavailable, "127.0.0.1:1/x cannot be reached: connect: connection refused"},
		{"no such host", ask(elsewhere(d, "nowhere.invalid:5432", "/x"), countOf("o")), connectors.Unavailable, "cannot be reached"},
		{"no right to the table", ask(reader, countOf("hidden")), connectors.Unsupported, "no collection \"hidden\"; it has o"},
		{"a computation that fails", ask(d, connectors.Want{Collection: "zero", Columns: []string{"n"}}), connectors.BadData, "22012"},
	} {
		if c.got.Status != c.status || !strings.Contains(c.got.Why, c.why) || strings.Contains(c.got.Why, "secret") {
			t.Errorf("%s: %s %s, want %s %s", c.name, c.got.Status, c.got.Why, c.status, c.why)
		}
	}
	c := reader.connector("tables: [o, hidden]")
	if err := c.(connectors.Checker).Check(t.Context()); err == nil || !strings.Contains(err.Error(), `GRANT SELECT ("v") ON "public"."o" TO "`+user+`"`) || !strings.Contains(err.Error(), user+" may not read public.hidden") {
		t.Errorf("Check = %v", err)
	}
	c = d.connector("tables: [o], collections: {work: {table: ordrs}, w: {table: o, columns: {x: y}, key: z}}, series: [{table: o, ref: \"{id}\", time: id, value: v}, {table: o, ref: \"x/{nr}\", time: {id: 1s}, value: v}]")
	err := c.(connectors.Checker).Check(t.Context())
	for _, part := range []string{"no table or view ordrs", "has no column x; it has id, v", "key z is no column", "id is a number; say what it counts", "has no column nr"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("Check = %v, want %s", err, part)
		}
	}
	if err := d.connector("tables: [o]").(connectors.Checker).Check(t.Context()); err != nil {
		t.Errorf("Check = %v", err)
	}
	d.Exec("REVOKE ALL ON o FROM " + user)
	d.Exec("GRANT SELECT ON o TO " + user)
	late := reader.connector("tables: [o]")
	a, err := late.Plan(t.Context(), connectors.Want{Kind: connectors.Records, Collection: "o", Columns: []string{"v"}})
	if err != nil {
		t.Fatal(err)
	}
	d.Exec("REVOKE ALL ON o FROM " + user)
	err = late.Fetch(t.Context(), a, connectors.Batch{Keys: []connectors.Key{{}}}, nil)
	if f, ok := err.(*connectors.Failure); !ok || f.Status != connectors.Denied || !strings.Contains(f.Message, "permission denied for table o; GRANT SELECT on it TO") {
		t.Errorf("a right that was taken away: %v", err)
	}
}

// elsewhere is the same user at another address.
func elsewhere(d *testDatabase, host, path string) *testDatabase {
	other := *d.Database
	u := *d.URL
	u.Host, u.Path = host, path
	other.URL = &u
	return &testDatabase{&other, d.t}
}

func TestValuesThatCannotBeReadAreBadData(t *testing.T) {
	r := fresh(t, "CREATE TABLE o (id int, n numeric, span interval)", "INSERT INTO o VALUES (1, ('1' || repeat('0', 150))::numeric, NULL), (2, 1, '300 years'), (3, 2, '1 hour')").runtime("cache: 0s")
	keys := []connectors.Key{{Values: []schema.Value{schema.IntOf(1)}}, {Values: []schema.Value{schema.IntOf(2)}}, {Values: []schema.Value{schema.IntOf(3)}}}
	a := r.Records(t.Context(), "erp", keys, connectors.Want{Collection: "o", Columns: []string{"n", "span"}, KeyColumns: []string{"id"}})
	if a.Results[0].Status != connectors.BadData || a.Results[1].Status != connectors.BadData || rowsText(a.Results[2], 2) != `"2"|"PT1H"` {
		t.Errorf("%+v", a.Results)
	}
}
