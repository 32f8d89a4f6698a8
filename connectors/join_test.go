package connectors_test

import (
	"strings"
	"testing"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// shop has orders, each with a customer, who has a region.
func shop(joins bool) *connectortest.Memory {
	text := func(names ...string) (columns []connectors.Column) {
		for _, name := range names {
			columns = append(columns, connectors.Column{Name: name, Type: schema.ValueType{Scalar: schema.String}, Key: true})
		}
		return columns
	}
	row := func(texts ...string) (cells []schema.Value) {
		for _, t := range texts {
			if t == "" {
				cells = append(cells, schema.Null)
			} else {
				cells = append(cells, schema.StringOf(t))
			}
		}
		return cells
	}
	m := connectortest.NewMemory()
	m.Joins, m.Filters, m.Orders, m.Limits = joins, true, true, true
	m.Put("orders", connectortest.Table{Columns: text("id", "customer"), Rows: [][]schema.Value{row("1", "a"), row("2", "b"), row("3", ""), row("4", "x")}})
	m.Put("customers", connectortest.Table{Columns: text("id", "name", "region"), Rows: [][]schema.Value{row("a", "Anna", "n"), row("b", "Bert", "s")}})
	m.Put("regions", connectortest.Table{Columns: text("id", "name"), Rows: [][]schema.Value{row("n", "North"), row("s", "South")}})
	return m
}

func joinedOrders() connectors.Want {
	return connectors.Want{Collection: "orders", Columns: []string{"id", "customer.name", "region.name"}, Order: []connectors.Order{{Column: "id"}},
		Joins: []connectors.Join{{Name: "customer", Collection: "customers", On: [][2]string{{"customer", "id"}}},
			{Name: "region", Collection: "regions", On: [][2]string{{"customer.region", "id"}}}}}
}

func TestJoinsAddColumnsOfOtherCollections(t *testing.T) {
	m := shop(true)
	r := open(t, m, "")
	got := r.Records(t.Context(), "plant", []connectors.Key{{}}, joinedOrders()).Results[0]
	if text := cells(got); text != "1 Anna North; 2 Bert South; 3 null null; 4 null null" {
		t.Errorf("rows %s (%s %s)", text, got.Status, got.Why)
	}
	w := joinedOrders()
	w.Where = &schema.Condition{Op: schema.Eq, Path: "region.name", Value: schema.StringOf("South")}
	if got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; cells(got) != "2 Bert South" {
		t.Errorf("rows %s (%s %s)", cells(got), got.Status, got.Why)
	}
	if calls, _ := m.Calls(); calls != 2 {
		t.Errorf("%d calls for two questions", calls)
	}
}

func cells(rows connectors.Rows) string {
	var lines []string
	width := 0
	if rows.Count > 0 {
		width = len(rows.Cells) / rows.Count
	}
	for i := range rows.Count {
		var words []string
		for _, v := range rows.Cells[i*width : (i+1)*width] {
			if v.IsNull() {
				words = append(words, "null")
			} else {
				words = append(words, v.Text())
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return strings.Join(lines, "; ")
}

func TestWrongJoinsAreRefusedWithTheReason(t *testing.T) {
	r := open(t, shop(true), "")
	for want, change := range map[string]func(*connectors.Want){
		"there is customers, orders, regions":          func(w *connectors.Want) { w.Joins[0].Collection = "clients" },
		"needs the column client":                      func(w *connectors.Want) { w.Joins[0].On[0][0] = "client" },
		"needs the column number":                      func(w *connectors.Want) { w.Joins[1].On[0][1] = "number" },
		"no columns to join on":                        func(w *connectors.Want) { w.Joins[0].On = nil },
		"needs a name of its own":                      func(w *connectors.Want) { w.Joins[1].Name = "customer" },
		"orders has no column customer.title; it has ": func(w *connectors.Want) { w.Columns[1] = "customer.title" },
	} {
		w := joinedOrders()
		change(&w)
		if got := r.Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]; got.Status != connectors.Unsupported || !strings.Contains(got.Why, want) {
			t.Errorf("%s %q, want %q", got.Status, got.Why, want)
		}
	}
}

func TestAConnectorThatDoesNotJoinIsNotAskedTo(t *testing.T) {
	m := shop(false)
	w := joinedOrders()
	w.Columns, w.Joins = []string{"id"}, w.Joins[:1]
	got := open(t, m, "").Records(t.Context(), "plant", []connectors.Key{{}}, w).Results[0]
	if calls, _ := m.Calls(); calls != 0 || got.Status != connectors.Unsupported || !strings.Contains(got.Why, "does not join") {
		t.Errorf("%d calls, %s %q", calls, got.Status, got.Why)
	}
}
