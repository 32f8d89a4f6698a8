package connectortest

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/connectors"
	"mereon/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// parts is a table with every kind of value, and nulls.
func parts() Table {
	t := Table{}
	for name, s := range map[string]schema.Scalar{"id": schema.ID, "name": schema.String, "count": schema.Long, "weight": schema.Float, "due": schema.Date, "done": schema.DateTime, "price": schema.Decimal, "open": schema.Boolean} {
		t.Columns = append(t.Columns, connectors.Column{Name: name, Type: schema.ValueType{Scalar: s}, Key: true})
	}
	for n := range 60 {
		var row []schema.Value
		for _, c := range t.Columns {
			row = append(row, partValue(c.Name, n))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func partValue(column string, n int) schema.Value {
	if n%7 == 3 && column != "id" {
		return schema.Null
	}
	switch column {
	case "id":
		return schema.StringOf(fmt.Sprint("part-", n))
	case "name":
		return schema.StringOf(fmt.Sprint("name ", n%5))
	case "count":
		return schema.IntOf(int64(n % 4))
	case "weight":
		return schema.FloatOf(float64(n%6) / 2)
	case "due":
		return schema.DateOf(fmt.Sprintf("2026-01-%02d", 1+n%9))
	case "done":
		return schema.TimeOf(noon.Add(time.Duration(n*n) * time.Hour)) // over the change to summer time
	case "price":
		return schema.DecimalOf(fmt.Sprintf("%d.%d", n%3, 1+n%8))
	}
	return schema.BoolOf(n%2 == 0)
}

func TestMemoryIsAConnector(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		t.Run(fmt.Sprint("pushed down ", pushed), func(t *testing.T) {
			Run(t, func(*testing.T) Subject {
				m := NewMemory()
				m.Filters, m.Orders, m.Limits, m.Groups = pushed, pushed, pushed, pushed
				series := map[string][]connectors.Measurement{"pumps/a/flow": nil}
				for n := range 10 {
					one := connectors.Measurement{Value: schema.FloatOf(float64(n)), Time: noon.Add(time.Duration(n-10) * time.Second), Unit: "bar"}
					series["pumps/a/flow"] = append(series["pumps/a/flow"], one)
					m.Measure("pumps/a/flow", one)
				}
				table := parts()
				m.Put("parts", table)
				return Subject{Connector: m, Series: series, Tables: map[string]Table{"parts": table}, Now: noon,
					Template: func(v string) string { return "pumps/" + v + "/flow" }, Measure: func(key string, one connectors.Measurement) { m.Measure(key, one) }}
			})
		})
	}
}
