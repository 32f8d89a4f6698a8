package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mereon/schema/fault"
)

// Variable names the address of a server whose user may make databases and users; .ci/with-servers sets it.
const Variable = "MEREON_TEST_POSTGRES"

// Server is the address of the server for tests. Without one the test is skipped, and fails where CI is true.
func Server(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv(Variable)
	if text == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(Variable + " is not set; run the tests under .ci/with-servers")
		}
		t.Skip(Variable + " is not set; .ci/with-servers sets it")
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(Variable + " is no URL")
	}
	return u
}

// Database is a database of one test, and a connection to it that may do everything.
type Database struct {
	URL  *url.URL
	Conn *pgx.Conn
	t    testing.TB
}

var databases atomic.Int64

// Fresh makes a database on the server for tests, runs the statements in it, and drops it after the test.
func Fresh(t testing.TB, statements ...string) *Database {
	t.Helper()
	return FreshOn(t, Server(t), statements...)
}

// FreshOn makes a database on a server.
func FreshOn(t testing.TB, at *url.URL, statements ...string) *Database {
	t.Helper()
	name := fmt.Sprintf("mereon_%d_%d", os.Getpid(), databases.Add(1))
	d := &Database{t: t, Conn: Dial(t, at)}
	d.Exec("CREATE DATABASE " + name)
	HangUp(d.Conn)
	own := *at
	own.Path = "/" + name
	d.URL, d.Conn = &own, Dial(t, &own)
	t.Cleanup(func() {
		HangUp(d.Conn)
		admin, err := pgx.Connect(context.Background(), at.String())
		if err != nil {
			return // the test stopped the server
		}
		defer HangUp(admin)
		if _, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	for _, s := range statements {
		d.Exec(s)
	}
	return d
}

// Dial connects.
func Dial(t testing.TB, at *url.URL) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), at.String())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// HangUp closes a connection; why it could not is of no interest to a test.
func HangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// Exec runs a statement.
func (d *Database) Exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.Conn.Exec(context.Background(), statement, args...); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

// Copy loads a CSV file with a header into a table and returns the number of its rows.
func (d *Database) Copy(table, file string) int64 {
	d.t.Helper()
	f, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	tag, err := d.Conn.PgConn().CopyFrom(context.Background(), f, "COPY "+table+" FROM STDIN (FORMAT csv, HEADER true)")
	if err != nil {
		d.t.Fatal(err)
	}
	return tag.RowsAffected()
}

// As is the database for another user.
func (d *Database) As(user, password string) *Database {
	other := *d
	u := *d.URL
	u.User = url.UserPassword(user, password)
	other.URL = &u
	return &other
}

// Config is the address as a configuration of the kind postgres has it, with the password by the reference env:TEST_PASSWORD.
func (d *Database) Config() string {
	own := *d.URL
	own.User = url.User(d.URL.User.Username())
	return "url: \"" + own.String() + "\", password: env:TEST_PASSWORD"
}

// Secret resolves the reference of Config.
func (d *Database) Secret(reference string) (string, error) {
	if reference != "env:TEST_PASSWORD" {
		return "", fault.New(fault.Invalid, "no secret %s", reference)
	}
	p, _ := d.URL.User.Password()
	return p, nil
}
