package connectortest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// Memory is a connector whose system is its own memory. The exported fields are set before it is used; series and rows are
// changed through its methods. What it pushes down can be chosen, so that both halves of every negotiation can be tested.
type Memory struct {
	Width      int           // keys in one request, 0 = no limit
	StaleAfter time.Duration // of its series
	Filters    bool          // filters rows itself
	Orders     bool          // orders rows itself
	Limits     bool          // limits rows itself, when it also filters and orders
	Aggregates bool          // says that it makes buckets; it leaves that to the engine otherwise
	Joins      bool          // joins its tables
	Groups     bool          // makes groups of rows itself, when it also filters
	Clock      func() time.Time

	mu      sync.Mutex
	series  map[string][]connectors.Measurement
	tables  map[string]*Table
	watches map[*memoryWatch]struct{}
	calls   int
	keys    int
}

// Table is one collection of a Memory.
type Table struct {
	Columns []connectors.Column
	Rows    [][]schema.Value
}

var (
	_ connectors.Connector = (*Memory)(nil)
	_ connectors.Watcher   = (*Memory)(nil)
)

// NewMemory returns an empty connector.
func NewMemory() *Memory {
	return &Memory{series: map[string][]connectors.Measurement{}, tables: map[string]*Table{}, watches: map[*memoryWatch]struct{}{}}
}

// Kind makes m available as a kind of that name, for configurations.
func Kind(name string, c connectors.Connector) connectors.Kind {
	return connectors.Kind{Name: name, Open: func(_ context.Context, config connectors.Config) (connectors.Connector, error) {
		var none struct{}
		return c, config.Decode(&none).Err()
	}}
}

// Measure adds measurements to a series, in order of time, and pushes them to those who watch it.
func (m *Memory) Measure(key string, measurements ...connectors.Measurement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series[key] = append(m.series[key], measurements...)
	for w := range m.watches {
		if w.keys[key] {
			for _, one := range measurements {
				w.out.Push(key, one)
			}
		}
	}
}

// Put sets a collection.
func (m *Memory) Put(name string, t Table) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tables[name] = &t
}

// Calls is the number of Fetch calls so far, and of the keys in them.
func (m *Memory) Calls() (calls, keys int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.keys
}

// Describe lists the tables, and the keys of the series.
func (m *Memory) Describe(context.Context) (connectors.Descriptor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := connectors.Descriptor{Revision: fmt.Sprint(len(m.tables)), BatchWidth: m.Width, Joins: m.Joins,
		Series: &connectors.SeriesOffer{History: true, StaleAfter: m.StaleAfter, Keys: slices.Sorted(maps.Keys(m.series))}}
	for _, name := range slices.Sorted(maps.Keys(m.tables)) {
		d.Collections = append(d.Collections, connectors.Collection{Name: name, Columns: m.tables[name].Columns, RowCount: len(m.tables[name].Rows)})
	}
	return d, nil
}

// Plan pushes down what the fields of m say.
func (m *Memory) Plan(_ context.Context, w connectors.Want) (connectors.Accept, error) {
	a := connectors.Accept{Want: w, Residual: w.Where, Explain: "in memory"}
	if m.Filters {
		a.Residual = nil
	}
	a.OrderDone = m.Orders
	a.LimitDone = m.Limits && a.Residual == nil && (m.Orders || len(w.Order) == 0)
	if w.Kind != connectors.Records {
		return a, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tables[w.Collection] == nil {
		return a, fmt.Errorf("no collection %q", w.Collection)
	}
	a.JoinsDone = m.Joins && len(w.Joins) > 0
	if w.Grouped() {
		a.AggregateDone = m.Groups && a.Residual == nil
		a.OrderDone = a.AggregateDone
	}
	t := m.joined(w)
	for _, name := range slices.Concat(w.Columns, w.KeyColumns) {
		if t.column(name) < 0 {
			return a, fmt.Errorf("no column %q", name)
		}
	}
	return a, nil
}

// Fetch answers from memory.
func (m *Memory) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	m.mu.Lock()
	m.calls++
	m.keys += len(b.Keys)
	m.mu.Unlock()
	for i, key := range b.Keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch a.Want.Kind {
		case connectors.Latest:
			m.latest(i, key.Ref, out)
		case connectors.History:
			m.history(i, key.Ref, a.Want, out)
		case connectors.Records:
			if a.AggregateDone {
				m.groups(i, key, a, out)
			} else {
				m.records(i, key, a, out)
			}
		}
	}
	return nil
}

func (m *Memory) of(ref string) ([]connectors.Measurement, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, ok := m.series[ref]
	return slices.Clone(all), ok
}

func (m *Memory) latest(i int, ref string, out connectors.Sink) {
	all, ok := m.of(ref)
	switch {
	case !ok:
		out.Status(i, connectors.NotFound, "no series "+ref)
	case len(all) > 0:
		out.Measurement(i, all[len(all)-1])
	}
}

func (m *Memory) history(i int, ref string, w connectors.Want, out connectors.Sink) {
	all, ok := m.of(ref)
	if !ok {
		out.Status(i, connectors.NotFound, "no series "+ref)
	}
	for _, one := range all {
		if !one.Time.Before(w.From) && one.Time.Before(w.To) {
			out.Measurement(i, one)
		}
	}
}

// Close does nothing.
func (m *Memory) Close(context.Context) error { return nil }

type memoryWatch struct {
	of   *Memory
	out  connectors.WatchSink
	keys map[string]bool
}

// Watch pushes what Measure adds until ctx ends.
func (m *Memory) Watch(ctx context.Context, out connectors.WatchSink) (connectors.WatchSet, error) {
	w := &memoryWatch{of: m, out: out, keys: map[string]bool{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watches[w] = struct{}{}
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.watches, w)
	})
	return w, nil
}

func (w *memoryWatch) Add(keys ...string) {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	for _, key := range keys {
		w.keys[key] = true
		if all := w.of.series[key]; len(all) > 0 {
			w.out.Push(key, all[len(all)-1])
		}
	}
}

func (w *memoryWatch) Remove(keys ...string) {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	for _, key := range keys {
		delete(w.keys, key)
	}
}
