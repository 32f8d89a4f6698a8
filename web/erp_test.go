package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/connectors/postgres/postgrestest"
)

// erpTables are the tables of an ERP system: codes in the place of names, and foreign keys.
var erpTables = []string{
	"CREATE TABLE customers (code text PRIMARY KEY, name text NOT NULL, city text)",
	"CREATE TABLE customer_orders (number text PRIMARY KEY, customer text REFERENCES customers, article text, quantity int, due date)",
	"CREATE TABLE raw (number text, title text, status text, priority text, equipment text, due date, reported date, reported_by text, hours numeric(6,2), customer_order text)",
	"CREATE TABLE aufk (number text PRIMARY KEY, title text, status text, prio int, equipment text, due date, reported date, reported_by text, hours numeric(6,2), customer_order text REFERENCES customer_orders)",
	"CREATE INDEX ON aufk (equipment)",
}

// erpFolder is the demo with its ERP system in PostgreSQL: the same rows, copied there.
func erpFolder(t testing.TB, d *postgrestest.Database) string {
	t.Helper()
	dir := demoFolder(t)
	for _, table := range erpTables {
		d.Exec(table)
	}
	d.Copy("customers", filepath.Join(dir, "customers.csv"))
	d.Copy("customer_orders", filepath.Join(dir, "customer_orders.csv"))
	if n := d.Copy("raw", filepath.Join(dir, "work_orders.csv")); n != 17 {
		t.Fatalf("%d work orders, want 17", n)
	}
	d.Exec(`INSERT INTO aufk SELECT number, title, CASE status WHEN 'OPEN' THEN 'REL' WHEN 'DONE' THEN 'CNF' ELSE status END,
		CASE priority WHEN 'URGENT' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'NORMAL' THEN 3 ELSE 4 END, equipment, due, reported, reported_by, hours, customer_order FROM raw`)
	path := filepath.Join(dir, "mereon.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(text), "  erp:\n")
	if !found {
		t.Fatal("mereon.yaml of the demo has no connector erp")
	}
	address := *d.URL
	password, _ := address.User.Password()
	address.User = url.User(address.User.Username())
	t.(interface{ Setenv(key, value string) }).Setenv("ERP_PASSWORD", password)
	config := before + `  erp:
    kind: postgres
    url: ` + address.String() + `
    password: env:ERP_PASSWORD
    cache: 0s
    tables: [customers, customer_orders]
    collections:
      work_orders:
        table: aufk
        columns: {prio: priority, reported_by: reportedBy, customer_order: customerOrder}
        map: {priority: {1: URGENT, 2: HIGH, 3: NORMAL, 4: LOW}, status: {REL: OPEN, CNF: DONE}}
`
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheQuestionOfTheReadmeWithItsOrdersInPostgreSQL(t *testing.T) {
	s := serveFolder(t, erpFolder(t, postgrestest.Fresh(t)))
	text, err := os.ReadFile(filepath.Join("..", "fixtures", "demo", "queries", "waiting.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	// Any flow is low here: the simulated one is not always.
	question := strings.Replace(string(text), "flow: {lt: 12}", "flow: {lt: 1000}", 1)
	got := s.query(t, question, nil)
	if len(got.Errors) > 0 {
		t.Fatal(got.text)
	}
	var answer struct {
		Data struct {
			Pumps struct {
				Nodes []struct {
					Name       string
					Feeds      struct{ Nodes []struct{ Name string } }
					WorkOrders struct {
						Nodes []struct {
							Number  string
							Waiting struct {
								Number string
								Buyer  struct{ Name string }
							}
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got.text), &answer); err != nil {
		t.Fatal(err)
	}
	nodes := answer.Data.Pumps.Nodes
	if len(nodes) != 1 || nodes[0].Name != "Feed pump 7" || len(nodes[0].Feeds.Nodes) != 1 || nodes[0].Feeds.Nodes[0].Name != "Feed valve 1" {
		t.Fatal(got.text)
	}
	orders := nodes[0].WorkOrders.Nodes
	if len(orders) != 1 || orders[0].Number != "WO-1183" || orders[0].Waiting.Number != "CO-5012" || orders[0].Waiting.Buyer.Name != "Alpenhof Getraenke" {
		t.Errorf("orders %+v", orders)
	}
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	plan := took.ReplaceAllString(strings.ReplaceAll(got.plan(t), "flow < 1000", "flow < 12"), "")
	if _, after, _ := strings.Cut(string(readme), "\n```\npumps ← "); !strings.HasPrefix(took.ReplaceAllString("pumps ← "+after, ""), plan+"\n```") {
		t.Errorf("the README does not show this plan:\n%s", plan)
	}
	statements := got.statements(t)
	t.Log(statements)
	calls := 0
	for _, step := range statements {
		if (step.calls > 0) != strings.HasPrefix(step.asks, "SELECT ") || strings.Contains(step.asks, "OPEN") {
			t.Errorf("%s took %d statements and says %q: want its statement, without values", step.name, step.calls, step.asks)
		}
		if calls += step.calls; step.calls > 1 {
			t.Errorf("%s took %d statements, want at most 1", step.name, step.calls)
		}
	}
	if calls != 2 {
		t.Errorf("%d statements, want one for the filter and one for the orders with who waits for them: %v", calls, statements)
	}
}

// took is what the line of a step says of numbers and times.
var took = regexp.MustCompile(`  \[[^\n]*\]`)

// plan is the plan as people see it.
func (r response) plan(t *testing.T) string {
	t.Helper()
	var answer struct {
		Extensions struct{ Plan struct{ Text []string } }
	}
	if err := json.Unmarshal([]byte(r.text), &answer); err != nil {
		t.Fatal(err)
	}
	return strings.Join(answer.Extensions.Plan.Text, "\n")
}

type erpStep struct {
	name  string
	calls int
	asks  string
}

// statements are the questions to the ERP system, by the place of the plan.
func (r response) statements(t *testing.T) []erpStep {
	t.Helper()
	type step struct {
		Step, From, Does, Asks string
		Took                   struct{ Calls int }
		Steps                  []json.RawMessage
	}
	var answer struct {
		Extensions struct {
			Plan struct{ Steps []json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(r.text), &answer); err != nil {
		t.Fatal(err)
	}
	var found []erpStep
	var walk func([]json.RawMessage)
	walk = func(all []json.RawMessage) {
		for _, raw := range all {
			var s step
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			if s.From == "erp" {
				found = append(found, erpStep{s.Step + ": " + s.Does, s.Took.Calls, s.Asks})
			}
			walk(s.Steps)
		}
	}
	walk(answer.Extensions.Plan.Steps)
	return found
}

// dashboard collects the events of a live query.
type dashboard struct {
	mu     sync.Mutex
	events []string
}

// edit replaces a part of a file, which must be there.
func edit(t *testing.T, file, old, next string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, next, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *dashboard) last() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.events) == 0 {
		return ""
	}
	return d.events[len(d.events)-1]
}

func (d *dashboard) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.events)
}

// watch subscribes until the test ends.
func (r *running) watch(t *testing.T, query string) *dashboard {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, "GET", r.URL+"/graphql?query="+url.QueryEscape(query), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	resp, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	d := &dashboard{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				d.mu.Lock()
				d.events = append(d.events, text)
				d.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = resp.Body.Close()
		<-done
	})
	return d
}

func TestADashboardSurvivesTheDeathOfPostgreSQL(t *testing.T) {
	own := postgrestest.Start(t, "")
	database := postgrestest.FreshOn(t, own.URL, "CREATE TABLE measurements (asset text, signal text, at timestamptz, value float8, PRIMARY KEY (asset, signal, at))",
		"INSERT INTO measurements VALUES ('P-7', 'pressure', now(), 4.5)")
	dir := erpFolder(t, database)
	edit(t, filepath.Join(dir, "mereon.yaml"), "    cache: 0s\n", "    cache: 0s\n    staleAfter: 1d\n    series: [{table: measurements, ref: \"{asset}/{signal}\", time: at, value: value}]\n")
	edit(t, filepath.Join(dir, "model", "process.graphql"), `@live(connector: "plant", ref: "pumps/{serialNumber}/pressure", every: "1s", staleAfter: "5s")`,
		`@live(connector: "erp", ref: "{serialNumber}/pressure", every: "1s", staleAfter: "1d")`)
	s := serveFolder(t, dir)
	d := s.watch(t, `subscription { pump(serialNumber: "P-7", every: "500ms") { flow { value status } pressure { value status age } workOrders { nodes { number } } } }`)
	live, orders := `"flow":{"value":`, `{"number":"WO-1183"}`
	waitFor(t, d, "all is well", func(text string) bool {
		return strings.Contains(text, orders) && strings.Contains(text, live) && strings.Contains(text, `"pressure":{"value":4.5,"status":"OK","age":`)
	})
	own.Kill()
	waitFor(t, d, "what PostgreSQL knows is UNAVAILABLE with its age", func(text string) bool {
		return strings.Contains(text, `"pressure":{"value":null,"status":"UNAVAILABLE","age":"PT`) && !strings.Contains(text, orders) && strings.Contains(text, live)
	})
	seen := d.count()
	waitFor(t, d, "the flow goes on", func(string) bool { return d.count() > seen+1 })
	own.Restart()
	waitFor(t, d, "all is back", func(text string) bool {
		return strings.Contains(text, orders) && strings.Contains(text, `"pressure":{"value":4.5,"status":"OK"`)
	})
}

func waitFor(t *testing.T, d *dashboard, what string, holds func(last string) bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds(d.last()) {
			return
		}
	}
	t.Fatalf("not within 60 s: %s; last: %s", what, d.last())
}

// erpQuestions are answered from the ERP system alone, or from it and the graph.
var erpQuestions = []string{
	`{ workOrders(first: 50, orderBy: [{number: ASC}]) { nodes { number title status priority equipment due reported hours customerOrder } pageInfo { hasNextPage } } }`,
	`{ workOrders(first: 5, orderBy: [{due: DESC}, {number: ASC}]) { nodes { number due } pageInfo { hasNextPage } } }`,
	`{ workOrders(where: {status: {in: [OPEN, IN_PROGRESS]}, hours: {gt: 1.5}, not: {priority: {eq: LOW}}}, orderBy: [{hours: DESC}, {number: ASC}]) { nodes { number hours } } }`,
	`{ workOrders(where: {or: [{title: {contains: "seal"}}, {title: {startsWith: "Re"}}, {due: {lt: "2026-11-11"}}]}, orderBy: [{number: ASC}]) { nodes { number } } }`,
	`{ workOrders(where: {customerOrder: {isNull: true}, reportedBy: {ne: "M. Brandl"}}, orderBy: [{number: ASC}]) { nodes { number waiting { number } } } }`,
	`{ workOrders(where: {waiting: {buyer: {city: {eq: "Augsburg"}}}}, orderBy: [{waiting: {due: DESC}}, {number: ASC}]) { nodes { number waiting { number due buyer { name city } } } } }`,
	`{ workOrders(where: {asset: {location: {name: {eq: "Line A"}}}}, orderBy: [{number: ASC}]) { nodes { number asset { name } } } }`,
	`{ customerOrders(orderBy: [{number: ASC}]) { nodes { number quantity buyer { name } blockedBy(orderBy: [{number: ASC}]) { nodes { number asset { id } } } } } }`,
	`{ customers(where: {name: {contains: "und"}}) { nodes { code name } } }`,
	`{ workOrders { aggregate { count hours { min max avg sum } due { min max } } } }`,
	`{ workOrderGroups(by: [{status: VALUE}, {priority: VALUE}]) { key { status priority } count hours { sum } } }`,
	`{ workOrderGroups(by: [{due: WEEK}]) { key { due } count } }`,
	`{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}, orderBy: [{id: ASC}]) { nodes { id workOrders(first: 1, orderBy: [{number: DESC}]) { nodes { number } pageInfo { hasNextPage } } } } }`,
	`{ pumps(orderBy: [{workOrders: {count: DESC}}, {id: ASC}]) { nodes { id workOrders { aggregate { count hours { sum } } } } } }`,
	`{ tanks(where: {workOrders: {none: {}}}, orderBy: [{id: ASC}]) { nodes { id } } }`,
}

func TestFilesAndPostgreSQLGiveTheSameAnswers(t *testing.T) {
	files := serveFolder(t, demoFolder(t))
	database := serveFolder(t, erpFolder(t, postgrestest.Fresh(t)))
	for _, question := range erpQuestions {
		a, b := files.query(t, question, nil), database.query(t, question, nil)
		if len(a.Errors) > 0 || len(b.Errors) > 0 {
			t.Errorf("%s\n%s\n%s", question, a.text, b.text)
			continue
		}
		want, err := json.Marshal(a.Data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(b.Data)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) || len(got) < 40 {
			t.Errorf("%s\nfrom PostgreSQL %s\nfrom files      %s", question, got, want)
		}
	}
}
