package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/postgres/postgrestest"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testDatabase is a database of one test.
type testDatabase struct {
	*postgrestest.Database
	t testing.TB
}

func fresh(t testing.TB, statements ...string) *testDatabase {
	t.Helper()
	return &testDatabase{postgrestest.Fresh(t, statements...), t}
}

func freshOn(t testing.TB, s *postgrestest.Own, statements ...string) *testDatabase {
	t.Helper()
	return &testDatabase{postgrestest.FreshOn(t, s.URL, statements...), t}
}

func (d *testDatabase) as(user, password string) *testDatabase {
	return &testDatabase{d.As(user, password), d.t}
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
	return Kind().Open(context.Background(), connectors.Config{Name: "erp", Node: mapping(d.t, "{"+d.Config()+", "+config+"}"),
		File: schema.File{Name: "mereon.yaml"}, Dir: d.t.(interface{ TempDir() string }).TempDir(), Now: time.Now, Secret: d.Secret})
}

func mapping(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		t.Fatal(err)
	}
	return node.Content[0]
}

// runtime opens a runtime around the database, as connector erp, with time enough for a loaded machine.
func (d *testDatabase) runtime(config string) *connectors.Runtime {
	d.t.Helper()
	if !strings.Contains(config, "deadline:") {
		config = "deadline: 30s, " + config
	}
	r, err := connectors.Open(d.t.Context(), connectors.NewRegistry(Kind()), map[string]*yaml.Node{"erp": mapping(d.t, "{kind: postgres, "+d.Config()+", "+config+"}")},
		connectors.Options{Secret: d.Secret})
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
