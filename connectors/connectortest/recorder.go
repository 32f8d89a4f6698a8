package connectortest

import (
	"slices"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// Recorder is a Sink that keeps everything.
type Recorder struct {
	Measurements [][]connectors.Measurement // by key
	Rows         [][][]schema.Value
	Totals       []int
	Statuses     []connectors.Status
	Whys         []string
	Cut          []bool
}

var _ connectors.Sink = (*Recorder)(nil)

// NewRecorder returns a Recorder for so many keys. It panics on answers for other keys, as a slice does.
func NewRecorder(keys int) *Recorder {
	r := &Recorder{Measurements: make([][]connectors.Measurement, keys), Rows: make([][][]schema.Value, keys), Totals: make([]int, keys),
		Statuses: make([]connectors.Status, keys), Whys: make([]string, keys), Cut: make([]bool, keys)}
	for i := range r.Totals {
		r.Totals[i] = -1
	}
	return r
}

func (r *Recorder) Measurement(key int, m connectors.Measurement) {
	r.Measurements[key] = append(r.Measurements[key], m)
}

func (r *Recorder) Row(key int, cells []schema.Value) {
	r.Rows[key] = append(r.Rows[key], slices.Clone(cells))
}

func (r *Recorder) Total(key, count int) { r.Totals[key] = count }

func (r *Recorder) Status(key int, s connectors.Status, why string) {
	r.Statuses[key], r.Whys[key] = s, why
}

func (r *Recorder) Truncated(key int, _ time.Time) { r.Cut[key] = true }

// fetch plans and asks in one go; both must succeed.
func fetch(t testing.TB, s Subject, w connectors.Want, keys []connectors.Key) (*Recorder, connectors.Accept) {
	t.Helper()
	a, err := s.Connector.Plan(t.Context(), w)
	if err != nil {
		t.Fatalf("Plan(%+v): %v", w, err)
	}
	r := NewRecorder(len(keys))
	if err := s.Connector.Fetch(t.Context(), a, connectors.Batch{Keys: keys, Now: s.Now}, r); err != nil {
		t.Fatalf("Fetch(%+v): %v", w, err)
	}
	return r, a
}

func references(refs ...string) []connectors.Key {
	keys := make([]connectors.Key, len(refs))
	for i, ref := range refs {
		keys[i].Ref = ref
	}
	return keys
}

// equal compares measurements; a quality that is not given is GOOD.
func equal(a, b connectors.Measurement) bool {
	quality := func(m connectors.Measurement) connectors.Quality {
		if m.Quality == "" {
			return connectors.Good
		}
		return m.Quality
	}
	return a.Value == b.Value && a.Time.Equal(b.Time) && a.Unit == b.Unit && quality(a) == quality(b)
}
