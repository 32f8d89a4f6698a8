package postgres

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// variable names the address of a PostgreSQL server whose user may make databases and users.
const variable = "MEREON_TEST_POSTGRES"

// server is the address of the server for tests.
func server(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(variable + " is not set; run the tests under .ci/with-servers")
		}
		t.Skip(variable + " is not set; .ci/with-servers sets it")
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(variable + " is no URL")
	}
	return u
}

var databases atomic.Int64

// testDatabase is a database of one test.
type testDatabase struct {
	t    testing.TB
	url  *url.URL
	conn *pgx.Conn
}

// fresh makes a database on the server, and forgets it after the test.
func fresh(t testing.TB, statements ...string) *testDatabase {
	t.Helper()
	return freshOn(t, server(t), statements...)
}

func freshOn(t testing.TB, at *url.URL, statements ...string) *testDatabase {
	t.Helper()
	name := fmt.Sprintf("mereon_%d_%d", os.Getpid(), databases.Add(1))
	d := &testDatabase{t: t, conn: dial(t, at)}
	d.exec("CREATE DATABASE " + name)
	hangUp(d.conn)
	own := *at
	own.Path = "/" + name
	d.url, d.conn = &own, dial(t, &own)
	t.Cleanup(func() {
		hangUp(d.conn)
		admin, err := pgx.Connect(context.Background(), at.String())
		if err != nil {
			return // a test that stopped its server
		}
		defer hangUp(admin)
		if _, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	for _, s := range statements {
		d.exec(s)
	}
	return d
}

func dial(t testing.TB, at *url.URL) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at.String())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // of no interest to a test
}

func (d *testDatabase) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.conn.Exec(context.Background(), statement, args...); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

// copyFile loads a CSV file with a header into a table.
func (d *testDatabase) copyFile(table, file string) int64 {
	d.t.Helper()
	f, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	tag, err := d.conn.PgConn().CopyFrom(d.t.Context(), f, "COPY "+table+" FROM STDIN (FORMAT csv, HEADER true)")
	if err != nil {
		d.t.Fatal(err)
	}
	return tag.RowsAffected()
}

// address is the configuration of the database, with the password by reference.
func (d *testDatabase) address() string {
	own := *d.url
	own.User = url.User(d.url.User.Username())
	return "url: \"" + own.String() + "\", password: env:TEST_PASSWORD"
}

// password resolves the reference of address.
func (d *testDatabase) password(reference string) (string, error) {
	if reference != "env:TEST_PASSWORD" {
		return "", fmt.Errorf("no secret %s", reference)
	}
	p, _ := d.url.User.Password()
	return p, nil
}

// as is the database for another user.
func (d *testDatabase) as(user, password string) *testDatabase {
	other := *d
	u := *d.url
	u.User = url.UserPassword(user, password)
	other.url = &u
	return &other
}

// connector opens a connector to the database, with further configuration.
func (d *testDatabase) connector(config string) connectors.Connector {
	d.t.Helper()
	c, err := d.open(config)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			d.t.Error(err)
		}
	})
	return c
}

func (d *testDatabase) open(config string) (connectors.Connector, error) {
	return Kind().Open(context.Background(), connectors.Config{Name: "erp", Node: mapping(d.t, "{"+d.address()+", "+config+"}"),
		File: schema.File{Name: "mereon.yaml"}, Dir: d.t.(interface{ TempDir() string }).TempDir(), Now: time.Now, Secret: d.password})
}

func mapping(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		t.Fatal(err)
	}
	return node.Content[0]
}

// runtime opens a runtime around the database, as connector erp.
func (d *testDatabase) runtime(config string) *connectors.Runtime {
	d.t.Helper()
	r, err := connectors.Open(d.t.Context(), connectors.NewRegistry(Kind()), map[string]*yaml.Node{"erp": mapping(d.t, "{kind: postgres, "+d.address()+", "+config+"}")},
		connectors.Options{Secret: d.password})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			d.t.Error(err)
		}
	})
	return r
}

// data is a folder of real data beside the project.
func data(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
	}
	folder := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the data is not there: ../shared/data/" + name)
	}
	return folder
}

// rowsText shows rows for comparison: cells separated by |, rows by newlines.
func rowsText(rows connectors.Rows, columns int) string {
	var lines []string
	for i := range rows.Count {
		var cells []string
		for _, v := range rows.Cells[i*columns : (i+1)*columns] {
			cells = append(cells, string(v.AppendJSON(nil)))
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}
