package query

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// crowdedPlant has many more pumps, series and orders than the plant, at random.
func crowdedPlant(t *testing.T, r *rand.Rand) *plant {
	t.Helper()
	p := newPlant(t)
	halls := []string{"hall-1", "hall-2", "site"}
	var inputs []any
	for n := range 60 {
		serial := fmt.Sprintf("X-%02d", n)
		in := map[string]any{"id": fmt.Sprintf("x-%02d", n), "serialNumber": serial}
		if r.IntN(4) > 0 {
			in["category"] = []string{"water", "oil", "air"}[r.IntN(3)]
		}
		if r.IntN(4) > 0 {
			in["ratedFlow"] = float64(r.IntN(40)) / 2
		}
		if r.IntN(3) > 0 {
			in["installed"] = fmt.Sprintf("20%02d-%02d-11", 20+r.IntN(4), 1+r.IntN(12))
		}
		if r.IntN(5) > 0 {
			in["location"] = halls[r.IntN(3)]
		}
		if r.IntN(3) > 0 {
			in["motor"] = map[string]any{"ratedSpeed": 900 + r.IntN(5)*100, "maker": []string{"acme", "borsig"}[r.IntN(2)]}
		}
		var feeds []any
		for k := range n {
			if r.IntN(30) == 0 {
				feeds = append(feeds, map[string]any{"to": fmt.Sprintf("x-%02d", k)})
			}
		}
		in["feeds"] = feeds
		inputs = append(inputs, in)
		if r.IntN(4) > 0 {
			p.series.Measure("pumps/"+serial+"/flow", ago(time.Duration(1+r.IntN(15))*time.Second, schema.FloatOf(float64(r.IntN(30))/2), "m3/h"))
		}
	}
	if got := p.ask(t, `mutation($inputs: [CreatePump!]!) { createPumps(inputs: $inputs) { id } }`, map[string]any{"inputs": inputs}); len(got.Errors) > 0 {
		t.Fatal(got.Errors[0])
	}
	p.fillOrders(r)
	return p
}

func (p *plant) fillOrders(r *rand.Rand) {
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	table := connectortest.Table{Columns: []connectors.Column{
		{Name: "number", Type: scalar(schema.ID), Key: true}, {Name: "status", Type: scalar(schema.String)},
		{Name: "priority", Type: scalar(schema.Int)}, {Name: "due", Type: scalar(schema.Date)}, {Name: "equipment", Type: scalar(schema.String), Key: true},
	}}
	for n := range 200 {
		some := func(v schema.Value) schema.Value {
			if r.IntN(6) == 0 {
				return schema.Null
			}
			return v
		}
		table.Rows = append(table.Rows, []schema.Value{schema.StringOf(fmt.Sprintf("O-%03d", n)), some(schema.StringOf([]string{"OPEN", "DONE"}[r.IntN(2)])),
			some(schema.IntOf(int64(1 + r.IntN(5)))), some(schema.DateOf(fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)))),
			some(schema.StringOf(fmt.Sprintf("X-%02d", r.IntN(70))))})
	}
	p.erp.Put("work_orders", table)
}

// keyKind is one way to group: how it is asked for, how it shows in a key, and how a node tells the same.
type keyKind struct {
	by, key, node string
	of            func(node map[string]any) []any
	shown         func(key map[string]any) any
}

func at(v any, path ...string) any {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func valueKey(by string, selection string, path ...string) keyKind {
	return keyKind{by, selection, selection, func(n map[string]any) []any { return []any{at(n, path...)} }, func(k map[string]any) any { return at(k, path...) }}
}

func timeKey(field, unit string, start func(string) string) keyKind {
	k := valueKey("{"+field+": "+unit+"}", field, field)
	k.of = func(n map[string]any) []any {
		if text, ok := n[field].(string); ok {
			return []any{start(text)}
		}
		return []any{nil}
	}
	return k
}

var pumpKeys = []keyKind{
	valueKey("{category: VALUE}", "category", "category"),
	valueKey("{motor: {maker: VALUE}}", "motor { maker }", "motor", "maker"),
	valueKey("{location: ENTITY}", "location { id }", "location", "id"),
	valueKey("{assetType: VALUE}", "assetType", "assetType"),
	timeKey("installed", "YEAR", func(s string) string { return s[:4] + "-01-01" }),
	timeKey("installed", "VALUE", func(s string) string { return s }),
	{"{flow: VALUE}", "flow", "flow { value }", func(n map[string]any) []any { return []any{at(n, "flow", "value")} }, func(k map[string]any) any { return k["flow"] }},
	{"{feeds: ENTITY}", "feeds { id }", "feeds { nodes { id } }", func(n map[string]any) (ids []any) {
		list, _ := at(n, "feeds", "nodes").([]any)
		for _, other := range list {
			ids = append(ids, at(other, "id"))
		}
		if len(ids) == 0 {
			return []any{nil}
		}
		return ids
	}, func(k map[string]any) any { return at(k, "feeds", "id") }},
	{"{above: {hierarchy: \"place\"}}", "above { id }", "ancestors(hierarchy: \"place\") { id }", func(n map[string]any) (ids []any) {
		list, _ := n["ancestors"].([]any)
		for _, other := range list {
			ids = append(ids, at(other, "id"))
		}
		if len(ids) == 0 {
			return []any{nil}
		}
		return ids
	}, func(k map[string]any) any { return at(k, "above", "id") }},
}

var orderKeys = []keyKind{
	valueKey("{status: VALUE}", "status", "status"),
	valueKey("{asset: ENTITY}", "asset { id }", "asset", "id"),
	timeKey("due", "MONTH", func(s string) string { return s[:7] + "-01" }),
	timeKey("due", "QUARTER", func(s string) string {
		month := int(s[5]-'0')*10 + int(s[6]-'0')
		return fmt.Sprintf("%s-%02d-01", s[:4], (month-1)/3*3+1)
	}),
	valueKey("{priority: VALUE}", "priority", "priority"),
}

// tallied is what a group is, counted the plain way.
type tallied struct {
	count  int
	values map[string][]float64
}

// tallies groups nodes by every combination of keys.
func tallies(nodes []any, kinds []keyKind, measured map[string]func(map[string]any) any) map[string]*tallied {
	groups := map[string]*tallied{}
	for _, node := range nodes {
		n := node.(map[string]any)
		combinations := []string{""}
		for _, kind := range kinds {
			var next []string
			for _, prefix := range combinations {
				for _, key := range kind.of(n) {
					next = append(next, prefix+fmt.Sprintf("%v|", key))
				}
			}
			combinations = next
		}
		for _, name := range combinations {
			g := groups[name]
			if g == nil {
				g = &tallied{values: map[string][]float64{}}
				groups[name] = g
			}
			g.count++
			for field, of := range measured {
				if v, ok := of(n).(float64); ok {
					g.values[field] = append(g.values[field], v)
				}
			}
		}
	}
	return groups
}

// text writes a group like the answer's.
func (g *tallied) text(fields []string) string {
	text := fmt.Sprint(g.count)
	for _, field := range fields {
		v := g.values[field]
		low, high, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, x := range v {
			low, high, sum = min(low, x), max(high, x), sum+x
		}
		if len(v) == 0 {
			text += fmt.Sprintf(" %s 0 <nil> <nil> <nil> <nil>", field)
		} else {
			text += fmt.Sprintf(" %s %d %v %v %.6g %.6g", field, len(v), low, high, sum/float64(len(v)), sum)
		}
	}
	return text
}

func answered(g map[string]any, fields []string) string {
	text := fmt.Sprint(g["count"])
	rounded := func(v any) string {
		if f, ok := v.(float64); ok {
			return fmt.Sprintf("%.6g", f)
		}
		return fmt.Sprint(v)
	}
	for _, field := range fields {
		m := g[field].(map[string]any)
		text += fmt.Sprintf(" %s %v %v %v %s %s", field, m["count"], m["min"], m["max"], rounded(m["avg"]), rounded(m["sum"]))
	}
	return text
}

// compareGroups checks the aggregate and the groups of a connection against its own nodes.
func compareGroups(t *testing.T, what string, connection map[string]any, kinds []keyKind, measured map[string]func(map[string]any) any, fields []string) {
	t.Helper()
	nodes, _ := connection["nodes"].([]any)
	whole := tallies(nodes, nil, measured)[""]
	if whole == nil {
		whole = &tallied{}
	}
	if got, want := answered(connection["aggregate"].(map[string]any), fields), whole.text(fields); got != want {
		t.Errorf("%s: aggregate = %s, want %s", what, got, want)
	}
	want, got := map[string]string{}, map[string]string{}
	for name, g := range tallies(nodes, kinds, measured) {
		want[name] = g.text(fields)
	}
	for _, one := range connection["groups"].([]any) {
		g := one.(map[string]any)
		name := ""
		for _, kind := range kinds {
			name += fmt.Sprintf("%v|", kind.shown(g["key"].(map[string]any)))
		}
		if g["count"] == 0.0 && g["incomplete"] == true {
			continue // only what could not be decided
		}
		if got[name] != "" {
			t.Errorf("%s: group %s comes twice", what, name)
		}
		got[name] = answered(g, fields)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: groups -want +got:\n%s", what, diff)
	}
}

const measures = "{ count min max avg sum }"

func somekinds(r *rand.Rand, all []keyKind) (kinds []keyKind, by, key, node string) {
	for _, i := range r.Perm(len(all))[:1+r.IntN(2)] {
		if strings.Contains(key, all[i].key) {
			continue
		}
		kinds = append(kinds, all[i])
		by, key, node = by+all[i].by+" ", key+" "+all[i].key, node+" "+all[i].node
	}
	return kinds, by, key, node
}

func TestGroupsAreThoseOfTheNodes(t *testing.T) {
	filters := []string{"", "(first: 1000, where: {ratedFlow: {gt: 5}})", "(first: 1000, where: {flow: {lt: 8}})", `(first: 1000, where: {workOrders: {some: {status: {eq: OPEN}}}})`,
		`(first: 1000, where: {location: {name: {eq: "Hall 1"}}})`, "(first: 1000, where: {load: {gt: 0.5}}, orderBy: [{flow: DESC}])", `(first: 1000, within: {of: "site", hierarchy: "place"})`}
	fields := []string{"ratedFlow", "flow", "load"}
	measured := map[string]func(map[string]any) any{
		"ratedFlow": func(n map[string]any) any { return n["ratedFlow"] }, "flow": func(n map[string]any) any { return at(n, "flow", "value") }, "load": func(n map[string]any) any { return at(n, "load", "value") },
	}
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := crowdedPlant(t, r)
		for n := range 25 {
			kinds, by, key, node := somekinds(r, pumpKeys)
			fields := fields[:1+r.IntN(3)] // with the first alone the store makes the groups
			selection := ""
			for _, f := range fields {
				selection += f + " " + measures
			}
			text := fmt.Sprintf(`{ pumps%s { nodes { ratedFlow flow { value } load { value } %s } aggregate { count %s } groups(by: [%s], first: 1000) { key { %s } count incomplete %s } } }`,
				filters[r.IntN(len(filters))], node, selection, by, key, selection)
			compareGroups(t, fmt.Sprintf("seed %d, question %d: %s", seed, n, text), p.connection(t, text, "pumps"), kinds, measured, fields)
			if t.Failed() {
				return
			}
		}
	}
}

func TestGroupsOfRecordsAreThoseOfTheNodes(t *testing.T) {
	filters := []string{"(first: 1000)", "(first: 1000, where: {status: {eq: OPEN}})", `(first: 1000, where: {asset: {location: {name: {eq: "Hall 1"}}}})`, `(first: 1000, where: {asset: {isNull: true}})`}
	fields := []string{"priority"}
	measured := map[string]func(map[string]any) any{"priority": func(n map[string]any) any { return n["priority"] }}
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 4))
		p := crowdedPlant(t, r)
		p.erp.Filters, p.erp.Orders, p.erp.Limits, p.erp.Groups = seed%2 == 0, seed%2 == 0, seed%2 == 0, seed%4 == 0
		for n := range 15 {
			kinds, by, key, node := somekinds(r, orderKeys)
			filter := filters[r.IntN(len(filters))]
			inner := fmt.Sprintf(`{ nodes { priority %s } aggregate { count priority %s } groups(by: [%s], first: 1000) { key { %s } count incomplete priority %s } }`, node, measures, by, key, measures)
			what := fmt.Sprintf("seed %d, question %d: %s %s", seed, n, filter, inner)
			compareGroups(t, what, p.connection(t, "{ workOrders"+filter+inner+"}", "workOrders"), kinds, measured, fields)
			all := p.connection(t, "{ pumps(first: 1000) { nodes { workOrders"+filter+inner+"} } }", "pumps")
			for _, pump := range all["nodes"].([]any) {
				compareGroups(t, "of each pump, "+what, at(pump, "workOrders").(map[string]any), kinds, measured, fields)
			}
			if t.Failed() {
				return
			}
		}
	}
}

func (p *plant) connection(t *testing.T, text, field string) map[string]any {
	t.Helper()
	r := p.ask(t, text, nil)
	var data map[string]map[string]any
	if err := json.Unmarshal(r.Data, &data); err != nil || len(r.Errors) > 0 {
		t.Fatalf("%s: %v %v", text, err, r.Errors)
	}
	return data[field]
}

func TestJoinedRecordsAreSummedUpInTheirGroups(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 5))
		p := crowdedPlant(t, r)
		p.erp.Filters, p.erp.Groups = seed%2 == 0, seed%2 == 0
		for n := range 10 {
			kinds, by, key, node := somekinds(r, pumpKeys)
			filter := []string{"", "where: {status: {eq: OPEN}}", "where: {priority: {gt: 2}}"}[r.IntN(3)]
			arguments := strings.TrimSuffix("("+filter+")", "()")
			text := fmt.Sprintf(`{ pumps(first: 1000, where: %s) { nodes { %s workOrders(first: 1000 %s) { nodes { priority } } } groups(by: [%s], first: 1000) { key { %s } count workOrders%s { count priority %s } } } }`,
				[]string{"{ratedFlow: {gt: 3}}", "{flow: {lt: 9}}", "{}"}[r.IntN(3)], node, filter, by, key, arguments, measures)
			connection := p.connection(t, text, "pumps")
			got := map[string]string{}
			for _, one := range connection["groups"].([]any) {
				g := one.(map[string]any)
				name := ""
				for _, kind := range kinds {
					name += fmt.Sprintf("%v|", kind.shown(g["key"].(map[string]any)))
				}
				if g["count"] != 0.0 {
					got[name] = answered(g["workOrders"].(map[string]any), []string{"priority"})
				}
			}
			want := map[string]string{}
			for name, orders := range joinedOrdersOf(connection["nodes"].([]any), kinds) {
				whole := tallies(orders, nil, map[string]func(map[string]any) any{"priority": func(n map[string]any) any { return n["priority"] }})[""]
				if whole == nil {
					whole = &tallied{}
				}
				want[name] = whole.text([]string{"priority"})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, question %d: %s\n-want +got:\n%s", seed, n, text, diff)
			}
		}
	}
}

// joinedOrdersOf returns the orders of the members of every group.
func joinedOrdersOf(nodes []any, kinds []keyKind) map[string][]any {
	groups := map[string][]any{}
	for _, node := range nodes {
		n := node.(map[string]any)
		for name := range tallies([]any{node}, kinds, nil) {
			orders, _ := at(n, "workOrders", "nodes").([]any)
			groups[name] = append(groups[name], orders...)
		}
	}
	return groups
}
