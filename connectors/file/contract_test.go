package file

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

// of opens a connector in a folder.
func of(t testing.TB, dir, config string) connectors.Connector {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{"+config+"}"), &node); err != nil {
		t.Fatal(err)
	}
	c, err := Kind().Open(t.Context(), connectors.Config{Name: "f", Node: node.Content[0], File: schema.File{Name: "mereon.yaml"}, Dir: dir, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSeriesOfAFileAreAConnector(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Subject {
		begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		series := map[string][]connectors.Measurement{}
		var text strings.Builder
		text.WriteString("time,asset,value,quality,unit\n")
		for n := range 40 {
			asset := []string{"P-7", "P 8", "a/b"}[n%3]
			ref := []string{"pumps/P-7", "pumps/P%208", "pumps/a%2Fb"}[n%3]
			at := begin.Add(time.Duration(n/2) * time.Second)
			fmt.Fprintf(&text, "%s,%s,%d.5,%s,bar\n", at.Format(time.RFC3339), asset, n, []string{"192", "BAD"}[n%2])
			series[ref] = append(series[ref], connectors.Measurement{Value: schema.FloatOf(float64(n) + 0.5), Time: at, Unit: "bar",
				Quality: []connectors.Quality{connectors.Good, connectors.Bad}[n%2]})
		}
		dir := folder(t, map[string]string{"s.csv": text.String()})
		return connectortest.Subject{Connector: of(t, dir, "path: s.csv, ref: \"pumps/{asset}\""), Series: series, Now: begin.Add(time.Hour),
			Template: func(v string) string { return "pumps/" + v }}
	})
}

func TestRecordsOfAFileAreAConnector(t *testing.T) {
	for name, path := range map[string]string{"csv": "w.csv", "ndjson": "w.ndjson"} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Subject {
				table, csv, ndjson := rows()
				dir := folder(t, map[string]string{"w.csv": csv, "w.ndjson": ndjson})
				return connectortest.Subject{Connector: of(t, dir, "path: "+path+", collection: orders, key: id, map: {status: {REL: OPEN}}"),
					Tables: map[string]connectortest.Table{"orders": table}, Now: time.Now()}
			})
		})
	}
}

// rows is a table, and the files that hold it.
func rows() (table connectortest.Table, csv, ndjson string) {
	names := []string{"due", "hours", "id", "open", "priority", "status"}
	types := []schema.Scalar{schema.Date, schema.Float, schema.ID, schema.Boolean, schema.Long, schema.String}
	for i, name := range names {
		table.Columns = append(table.Columns, connectors.Column{Name: name, Type: schema.ValueType{Scalar: types[i]}, Key: true})
	}
	csv = strings.Join(names, ",") + "\n"
	for n := range 80 {
		due, hours, id := fmt.Sprintf("2026-01-%02d", 1+n%20), fmt.Sprint(float64(n%9)+0.5), fmt.Sprint("WO-", n)
		open, priority, status := fmt.Sprint(n%3 == 0), fmt.Sprint(n%4), []string{"REL", "DONE"}[n%2]
		row := []schema.Value{schema.DateOf(due), schema.FloatOf(float64(n%9) + 0.5), schema.StringOf(id), schema.BoolOf(n%3 == 0),
			schema.IntOf(int64(n % 4)), schema.StringOf([]string{"OPEN", "DONE"}[n%2])}
		if n%5 == 1 {
			hours, row[1] = "", schema.Null
		}
		table.Rows = append(table.Rows, row)
		csv += strings.Join([]string{due, hours, id, open, priority, status}, ",") + "\n"
		if hours == "" {
			hours = "null"
		}
		ndjson += fmt.Sprintf(`{"id": %q, "due": %q, "hours": %s, "open": %s, "priority": %s, "status": %q}`+"\n", id, due, hours, open, priority, status)
	}
	return table, csv, ndjson
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
	dir := folder(t, map[string]string{"work_orders.csv": "AUFNR;EQUNR;STAT;GLTRP;hours\n1;P-7;REL;24.12.2026;1.5\n2;P-7;CNF;00.00.0000;\n",
		"telemetry.csv": "1769934600000,Pump,P-7,flow,12.5,DOUBLE\n", "engines.csv": "id,cycle,s2,s3\n17,1,641.82,1589.7\n", "shifts.csv": "id\nA\n", "remarks.ndjson": "{\"id\":\"r\",\"written\":\"2026-01-01T00:00:00Z\",\"text\":\"x\"}\n"})
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(Kind()), configs, connectors.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if got := r.Latest(t.Context(), "engines", []string{"engines/17/s2"}).Results[0]; got.Value.Float() != 641.82 || got.Unit != "[degR]" {
		t.Errorf("engines/17/s2 = %+v", got)
	}
	if got := r.Latest(t.Context(), "recording", []string{"Pump/P-7/flow"}).Results[0]; got.Value.Float() != 12.5 || got.Status != connectors.OK {
		t.Errorf("Pump/P-7/flow = %+v", got)
	}
	w := connectors.Want{Collection: "work_orders", Columns: []string{"number", "status", "due"}, KeyColumns: []string{"equipment"}}
	if got := r.Records(t.Context(), "erp", []connectors.Key{{Values: []schema.Value{schema.StringOf("P-7")}}}, w).Results[0]; got.Count != 2 ||
		got.Cells[1].Text() != "OPEN" || got.Cells[2].Text() != "2026-12-24" || !got.Cells[5].IsNull() {
		t.Errorf("work orders %+v", got)
	}
	for _, h := range r.Health() {
		if h.LastError != "" {
			t.Errorf("%s: %s", h.Name, h.LastError)
		}
	}
}
