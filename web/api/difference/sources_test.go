package difference

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// faultOf is how a connector of which everything has a status misbehaves.
var faultOf = map[string]connectortest.Fault{"": connectortest.Healthy, "UNAVAILABLE": connectortest.Die, "DENIED": connectortest.Forbid}

// choosy refuses some keys, each with a status of its own, and answers for the others.
type choosy struct {
	*connectortest.Memory
	refused map[string]string
	cut     map[string]int
}

func (c *choosy) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	given := connectors.Batch{Now: b.Now}
	var at []int
	for i, key := range b.Keys {
		name := key.Ref
		if len(key.Values) > 0 {
			name = key.Values[0].Text()
		}
		if status := c.refused[name]; status != "" {
			out.Status(i, connectors.Status(status), "refused")
			continue
		}
		given.Keys, at = append(given.Keys, key), append(at, i)
	}
	p := &placed{out, at, make([]time.Time, len(at))}
	for i, key := range given.Keys {
		age, is := c.cut[key.Ref]
		if until := noon.Add(-time.Duration(age) * time.Second); is && a.Want.Kind == connectors.History && until.After(a.Want.From) && until.Before(a.Want.To) {
			p.until[i] = until
			defer out.Truncated(at[i], until)
		}
	}
	return c.Memory.Fetch(ctx, a, given, p)
}

// placed is a sink whose keys are some of those of another one.
type placed struct {
	connectors.Sink
	at    []int
	until []time.Time // where the answer ends; zero for all of it
}

func (p *placed) Measurement(key int, m connectors.Measurement) {
	if p.until[key].IsZero() || m.Time.Before(p.until[key]) {
		p.Sink.Measurement(p.at[key], m)
	}
}

func (p *placed) Row(key int, cells []schema.Value)  { p.Sink.Row(p.at[key], cells) }
func (p *placed) Total(key, count int)               { p.Sink.Total(p.at[key], count) }
func (p *placed) Truncated(key int, until time.Time) { p.Sink.Truncated(p.at[key], until) }
func (p *placed) Status(key int, s connectors.Status, why string) {
	p.Sink.Status(p.at[key], s, why)
}

func (s *served) connect(t testing.TB) {
	t.Helper()
	var kinds []connectors.Kind
	configs := map[string]*yaml.Node{}
	for _, name := range []string{"plant", "lab", "erp", "shop"} {
		m := connectortest.NewMemory()
		m.Filters, m.Orders, m.Limits, m.Width = s.world.chance(50), s.world.chance(50), s.world.chance(50), pick(s.world, []int{0, 0, 2, 5})
		m.Joins, m.Groups = len(s.world.Refused[name]) == 0 && s.world.chance(50), s.world.chance(50) // a joined row is not refused by its key
		for _, key := range slices.Sorted(maps.Keys(s.world.Series[name])) {
			m.Measure(key)
			for _, p := range s.world.Series[name][key] {
				m.Measure(key, p.measurement())
			}
		}
		for _, record := range slices.Sorted(maps.Keys(s.world.Records)) {
			if s.world.Records[record].Connector == name {
				m.Put(record, s.table(t, schema.TypeName(record)))
			}
		}
		faulty := connectortest.NewFaulty(&choosy{m, s.world.Refused[name], s.world.Cut[name]})
		faulty.Become(faultOf[s.world.Down[name]])
		kinds = append(kinds, connectortest.Kind(name, faulty))
		var node yaml.Node
		if err := yaml.Unmarshal([]byte("{kind: "+name+", cache: 0s, deadline: 30s}"), &node); err != nil {
			t.Fatal(err)
		}
		configs[name] = node.Content[0]
	}
	var err error
	s.runtime, err = connectors.Open(t.Context(), connectors.NewRegistry(kinds...), configs, connectors.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *point) measurement() connectors.Measurement {
	v := schema.Null
	switch x := p.Value.(type) {
	case string:
		v = schema.StringOf(x)
	case bool:
		v = schema.BoolOf(x)
	case int:
		v = schema.IntOf(int64(x))
	case float64:
		v = schema.FloatOf(x)
	}
	return connectors.Measurement{Value: v, Unit: p.Unit, Quality: connectors.Quality(p.Quality), Time: noon.Add(-time.Duration(p.Age) * time.Second)}
}

// table is a collection with the rows of a record type.
func (s *served) table(t testing.TB, name schema.TypeName) connectortest.Table {
	t.Helper()
	var table connectortest.Table
	r := s.model.Records[name]
	for _, p := range r.Properties {
		table.Columns = append(table.Columns, connectors.Column{Name: p.Name, Type: p.Type, Key: true})
	}
	for _, row := range s.world.Records[string(name)].Rows {
		cells := make([]schema.Value, len(r.Properties))
		for i, p := range r.Properties {
			v, err := schema.ParseValue(row[p.Name], p.Type, s.model)
			if err != nil {
				t.Fatal(err)
			}
			cells[i] = v
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}
