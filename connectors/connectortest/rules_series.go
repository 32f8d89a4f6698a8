package connectortest

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"mereon/connectors"
)

// nobody is a reference that no system has.
const nobody = "mereon-connectortest/no such series"

func (s Subject) refs() []string { return slices.Sorted(maps.Keys(s.Series)) }

func (s Subject) needSeries(t *testing.T) {
	t.Helper()
	if len(s.Series) == 0 {
		t.Skip("the subject has no series")
	}
}

func newest(t *testing.T, s Subject) {
	s.needSeries(t)
	refs := s.refs()
	asked := append([]string{nobody}, refs...)
	asked = append(asked, refs[0], nobody)
	got, _ := fetch(t, s, connectors.Want{Kind: connectors.Latest}, references(asked...))
	for i, ref := range asked {
		all := s.Series[ref]
		switch {
		case ref == nobody:
			if len(got.Measurements[i]) > 0 || got.Statuses[i] != connectors.NotFound && got.Statuses[i] != "" {
				t.Errorf("an unknown reference has %v, status %s; want NOT_FOUND or nothing", got.Measurements[i], got.Statuses[i])
			}
		case len(all) == 0:
			if len(got.Measurements[i]) > 0 {
				t.Errorf("%s was never measured but has %v", ref, got.Measurements[i])
			}
		case len(got.Measurements[i]) != 1 || !equal(got.Measurements[i][0], all[len(all)-1]):
			t.Errorf("newest of %s = %+v, want %+v alone", ref, got.Measurements[i], all[len(all)-1])
		}
	}
}

func history(t *testing.T, s Subject) {
	s.needSeries(t)
	d, err := s.Connector.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !d.Series.History {
		t.Skip("the connector keeps no history")
	}
	for _, ref := range s.refs() {
		all := s.Series[ref]
		if len(all) == 0 {
			continue
		}
		from, to := all[0].Time, all[len(all)-1].Time.Add(1)
		middle := all[len(all)/2].Time
		check(t, s, ref, from, to, all)
		check(t, s, ref, from, middle, all)
		check(t, s, ref, middle, to, all)
		check(t, s, ref, from, from, nil)
	}
	got, _ := fetch(t, s, connectors.Want{Kind: connectors.History, From: s.Now.Add(-time.Hour), To: s.Now}, references(nobody))
	if len(got.Measurements[0]) > 0 {
		t.Errorf("an unknown reference has a history: %v", got.Measurements[0])
	}
}

func check(t *testing.T, s Subject, ref string, from, to time.Time, all []connectors.Measurement) {
	t.Helper()
	var want []connectors.Measurement
	for _, m := range all {
		if !m.Time.Before(from) && m.Time.Before(to) {
			want = append(want, m)
		}
	}
	got, _ := fetch(t, s, connectors.Want{Kind: connectors.History, From: from, To: to}, references(ref))
	if !slices.EqualFunc(got.Measurements[0], want, equal) && !got.Cut[0] {
		t.Errorf("%s from %v to %v: %d measurements, want %d: %+v\nwant %+v", ref, from, to, len(got.Measurements[0]), len(want), got.Measurements[0], want)
	}
}

func escaping(t *testing.T, s Subject) {
	s.needSeries(t)
	if s.Template == nil {
		t.Skip("the subject has no template")
	}
	escape := url.PathEscape
	if e, ok := s.Connector.(connectors.Escaper); ok {
		escape = e.EscapeKey
	}
	seen := map[string]string{}
	asked := s.refs()[:1]
	for _, value := range []string{"a/b", "../a", "a b", "{x}", "%2F", "a%2Fb", "'; DROP TABLE x; --", "ä\x00\n", "*", ""} {
		ref := s.Template(escape(value))
		if other, ok := seen[ref]; ok {
			t.Errorf("%q and %q are escaped to the same reference %s", value, other, ref)
		}
		seen[ref] = value
		asked = append(asked, ref)
	}
	got, _ := fetch(t, s, connectors.Want{Kind: connectors.Latest}, references(asked...))
	if all := s.Series[asked[0]]; len(all) > 0 && (len(got.Measurements[0]) != 1 || !equal(got.Measurements[0][0], all[len(all)-1])) {
		t.Errorf("beside hostile values %s = %+v", asked[0], got.Measurements[0])
	}
}

// told is what a watch says.
type told struct {
	mu   sync.Mutex
	got  map[string]connectors.Measurement
	some chan struct{}
}

func (w *told) Push(key string, m connectors.Measurement) {
	w.mu.Lock()
	w.got[key] = m
	w.mu.Unlock()
	select {
	case w.some <- struct{}{}:
	default:
	}
}
func (w *told) Gap(string) {}
func (w *told) Down(error) {}

func (w *told) wait(t *testing.T, what string, done func(map[string]connectors.Measurement) bool) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		w.mu.Lock()
		ok := done(w.got)
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-w.some:
		case <-late:
			t.Fatalf("the watch did not tell %s", what)
		}
	}
}

func watching(t *testing.T, s Subject) {
	watcher, ok := s.Connector.(connectors.Watcher)
	if !ok || len(s.Series) == 0 {
		t.Skip("the connector does not push")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &told{got: map[string]connectors.Measurement{}, some: make(chan struct{}, 1)}
	set, err := watcher.Watch(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	refs := slices.DeleteFunc(s.refs(), func(ref string) bool { return len(s.Series[ref]) == 0 })
	set.Add(refs...)
	set.Add(refs...)
	set.Remove(nobody)
	out.wait(t, "the newest value of each key", func(got map[string]connectors.Measurement) bool {
		return !slices.ContainsFunc(refs, func(ref string) bool {
			m, ok := got[ref]
			return !ok || m.Time.Before(s.Series[ref][len(s.Series[ref])-1].Time)
		})
	})
	if s.Measure == nil {
		return
	}
	last := s.Series[refs[0]][len(s.Series[refs[0]])-1]
	last.Time = last.Time.Add(time.Second)
	s.Measure(refs[0], last)
	out.wait(t, "a new value", func(got map[string]connectors.Measurement) bool { return equal(got[refs[0]], last) })
	set.Remove(refs...)
}

func cancellation(t *testing.T, s Subject) {
	w, keys := s.anything()
	a, err := s.Connector.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- s.Connector.Fetch(ctx, a, connectors.Batch{Keys: keys, Now: s.Now}, NewRecorder(len(keys)))
	}()
	select {
	case err := <-ended:
		if f, ok := errors.AsType[*connectors.Failure](err); err != nil && !errors.Is(err, context.Canceled) && (!ok || f.Status == connectors.BadData) {
			t.Errorf("Fetch of a cancelled request = %v, want no error, context.Canceled or a Failure", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Fetch of a cancelled request does not return")
	}
}

// anything is a question that the system can answer.
func (s Subject) anything() (connectors.Want, []connectors.Key) {
	if len(s.Series) > 0 {
		return connectors.Want{Kind: connectors.Latest}, references(s.refs()...)
	}
	for name, table := range s.Tables {
		return connectors.Want{Kind: connectors.Records, Collection: name, Columns: []string{table.Columns[0].Name}}, []connectors.Key{{}}
	}
	return connectors.Want{Kind: connectors.Latest}, references(nobody)
}

func concurrency(t *testing.T, s Subject) {
	w, keys := s.anything()
	a, err := s.Connector.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	first := NewRecorder(len(keys))
	if err := s.Connector.Fetch(t.Context(), a, connectors.Batch{Keys: keys, Now: s.Now}, first); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				r := NewRecorder(len(keys))
				if err := s.Connector.Fetch(t.Context(), a, connectors.Batch{Keys: keys, Now: s.Now}, r); err != nil {
					t.Error(err)
					return
				}
				for k := range keys {
					if !slices.EqualFunc(r.Measurements[k], first.Measurements[k], equal) || len(r.Rows[k]) != len(first.Rows[k]) {
						t.Errorf("key %d has another answer beside other requests", k)
						return
					}
				}
			}
		})
	}
	all.Wait()
}

func closing(t *testing.T, s Subject) {
	for range 2 {
		if err := s.Connector.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}
