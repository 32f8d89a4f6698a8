package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors/postgres/postgrestest"
)

// command runs one command line.
func command(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(context.Background(), args, streams{in: strings.NewReader(""), out: &stdout, err: &stderr}, os.Getenv)
	return status, stdout.String(), stderr.String()
}

// erpProject is a folder with a connector to a database, and no model yet.
func erpProject(t *testing.T, d *postgrestest.Database) string {
	t.Helper()
	dir := t.TempDir()
	address := *d.URL
	password, _ := address.User.Password()
	address.User = url.User(address.User.Username())
	t.Setenv("ERP_PASSWORD", password)
	write(t, dir, "mereon.yaml", `project: shop
store: {kind: embedded}
connectors:
  erp:
    kind: postgres
    url: `+address.String()+`
    password: env:ERP_PASSWORD
    tables: [customers, orders, lines, "odd name"]
    series:
      - {table: readings, ref: "readings/{machine}/{signal}", time: at, value: value, unit: unit}
      - {table: engines, ref: "engines/{id}/{column}", time: at, units: {speed: 1/min}}
`)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var shopTables = []string{
	"CREATE TYPE order_state AS ENUM ('OPEN', 'DONE')",
	"CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, \"e-mail\" text)",
	"CREATE TABLE orders (number text PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, state order_state, value numeric(10,2), tags text[], placed timestamptz)",
	"CREATE TABLE lines (number text REFERENCES orders, place int, article text, PRIMARY KEY (number, place))",
	"CREATE TABLE \"odd name\" (id uuid PRIMARY KEY)",
	"CREATE TABLE readings (machine text, signal text, at timestamptz, value float8, unit text, PRIMARY KEY (machine, signal, at))",
	"CREATE TABLE engines (id int, at timestamptz, speed real, running boolean, PRIMARY KEY (id, at))",
	"CREATE TABLE levels (tank text, at timestamptz, level float8, PRIMARY KEY (tank, at))",
	"INSERT INTO readings VALUES ('m1', 'flow', now(), 1, 'm3/h'), ('m1', 'oil {temp}', now(), 2, 'Cel')",
	"COMMENT ON TABLE orders IS 'What customers want.'", "COMMENT ON COLUMN orders.value IS 'Net, in \"EUR\".'",
}

func TestDiscoverProposesAModelAndThenSaysWhatChanged(t *testing.T) {
	d := postgrestest.Fresh(t, shopTables...)
	dir := erpProject(t, d)
	status, proposed, problems := command(t, "connectors", "discover", "erp", "--project", dir)
	if status != exitDone {
		t.Fatalf("status %d: %s", status, problems)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "discovered.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), proposed); diff != "" {
		t.Errorf("the proposal is another (-want +got):\n%s", diff)
	}
	write(t, dir, "model/erp.graphql", proposed)
	if status, out, problems := command(t, "check", dir); status != exitDone {
		t.Fatalf("the proposal is no model: %s%s", out, problems)
	}
	if _, out, _ := command(t, "connectors", "discover", "erp", "--project", dir); !strings.HasPrefix(out, "The model has all that erp holds: 4 collections.") {
		t.Errorf("at once again: %s", out)
	}
	for _, change := range []string{"ALTER TABLE orders DROP COLUMN tags, ADD COLUMN due date, ALTER COLUMN placed TYPE text", "ALTER TYPE order_state ADD VALUE 'LATE'", "CREATE TABLE countries (code text PRIMARY KEY)",
		"ALTER TABLE customers ADD COLUMN country text REFERENCES countries", "DROP TABLE \"odd name\""} {
		d.Exec(change)
	}
	status, changed, _ := command(t, "connectors", "discover", "erp", "--project", dir)
	const difference = `# What the model and connector erp do not have in common: + the model lacks it, - erp lacks it, ~ it has another type.
  type Customer (collection customers)
+   country: String
  type OrderRecord (collection orders)
+   enum OrderRecordState { LATE }          the column state may hold it
~   placed: DateTime          the column holds String
+   due: Date
-   tags: [String]          orders has no such column
- type OddName          erp has no collection odd name
`
	if diff := cmp.Diff(difference, changed); diff != "" || status != exitDone {
		t.Errorf("after changes, status %d (-want +got):\n%s", status, diff)
	}
}

func TestCheckNamesWhatIsWrongOutside(t *testing.T) {
	d := postgrestest.Fresh(t, shopTables[:3]...)
	dir := erpProject(t, d)
	status, out, _ := command(t, "connectors", "check", "--project", dir)
	if status != exitUnavailable || !strings.Contains(out, "erp: series readings/{machine}/{signal}: there is no table or view readings") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, _, problems := command(t, "connectors", "check", "erb", "--project", dir); status != exitInvalid || !strings.Contains(problems, "no connector erb; did you mean erp?") {
		t.Errorf("status %d: %s", status, problems)
	}
	t.Setenv("ERP_PASSWORD", "guessed-and-wrong")
	status, out, _ = command(t, "connectors", "check", "--project", dir)
	if status != exitUnavailable || !strings.Contains(out, "refuses the login of mereon") || strings.Contains(out, "guessed") {
		t.Errorf("status %d: %s", status, out)
	}
}
