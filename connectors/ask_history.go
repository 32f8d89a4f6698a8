package connectors

import (
	"context"
	"slices"
	"time"

	"mereon/schema"
)

// ranged are references with an aggregate each. Answers have the names that they have for one aggregate alone.
type ranged struct {
	keys     []Key
	prefixes map[Aggregate]string
}

func (r *ranged) len() int      { return len(r.keys) }
func (r *ranged) key(i int) Key { return r.keys[i] }
func (r *ranged) name(i int, b []byte) []byte {
	return append(append(b, r.prefixes[r.keys[i].Aggregate]...), r.keys[i].Ref...)
}

// History reads a range of every reference, see Source.
func (r *Runtime) History(ctx context.Context, connector string, refs []string, w Want) Answer[Range] {
	w.Aggregates = nil
	return r.history(ctx, connector, w, len(refs), func(signature string) keys { return &references{refs: refs, prefix: signature} })
}

// Histories reads ranges with an aggregate each, see Source.
func (r *Runtime) Histories(ctx context.Context, connector string, list []Key, w Want) Answer[Range] {
	w.Kind, w.Aggregate, w.Aggregates = History, Raw, nil
	for _, k := range list {
		if !slices.Contains(w.Aggregates, k.Aggregate) {
			w.Aggregates = append(w.Aggregates, k.Aggregate)
		}
	}
	slices.Sort(w.Aggregates)
	if len(w.Aggregates) > 0 {
		w.Aggregate = w.Aggregates[0]
	}
	if l, f := r.link(connector); f == nil && len(w.Aggregates) > 1 && l.together(ctx, w) {
		of := &ranged{list, map[Aggregate]string{}}
		for _, a := range w.Aggregates {
			alone := w
			alone.Aggregate, alone.Aggregates = a, nil
			of.prefixes[a] = signatureOf(&alone)
		}
		return r.history(ctx, connector, w, len(list), func(string) keys { return of })
	}
	return r.oneByOne(ctx, connector, list, w)
}

// oneByOne asks for one aggregate after the other, and puts the answers together.
func (r *Runtime) oneByOne(ctx context.Context, connector string, list []Key, w Want) Answer[Range] {
	whole := Answer[Range]{Results: make([]Range, len(list)), FirstFailed: -1}
	for _, a := range w.Aggregates {
		var refs []string
		var places []int
		for i, k := range list {
			if k.Aggregate == a {
				refs, places = append(refs, k.Ref), append(places, i)
			}
		}
		w.Aggregate = a
		part := r.History(ctx, connector, refs, w)
		for i, at := range places {
			whole.Results[at] = part.Results[i]
		}
		whole.Calls, whole.Cached, whole.Keys = whole.Calls+part.Calls, whole.Cached+part.Cached, whole.Keys+part.Keys
		whole.Elapsed, whole.FailedKeys = whole.Elapsed+part.Elapsed, whole.FailedKeys+part.FailedKeys
		if whole.Asks == "" {
			whole.Asks = part.Asks
		}
		if whole.Failure == nil && part.Failure != nil {
			whole.Failure, whole.FirstFailed = part.Failure, -1
			if part.FirstFailed >= 0 {
				whole.FirstFailed = places[part.FirstFailed]
			}
		}
	}
	return whole
}

// together says whether several aggregates are one question: the connector makes them all, or sends values as they are.
func (l *link) together(ctx context.Context, w Want) bool {
	d, f := l.descriptor(ctx, share(ctx, l.limits.Deadline))
	if f != nil {
		return false
	}
	signature := signatureOf(&w)
	q := get(&l.questions, d.Revision, signature, func() *question[Range] { return l.planHistory(ctx, d, w, signature) })
	return q.refused == nil && (!q.accept.AggregateDone || q.accept.AggregatesDone)
}

func (r *Runtime) history(ctx context.Context, connector string, w Want, n int, of func(signature string) keys) Answer[Range] {
	begun := time.Now()
	l, f := r.link(connector)
	if f != nil {
		return refuse(n, f, failedRange)
	}
	w.Kind = History
	if n == 0 {
		return Answer[Range]{FirstFailed: -1}
	}
	until := share(ctx, l.limits.Deadline)
	d, f := l.descriptor(ctx, until)
	if f != nil {
		return refuse(n, f, failedRange)
	}
	signature := signatureOf(&w)
	q := get(&l.questions, d.Revision, signature, func() *question[Range] { return l.planHistory(ctx, d, w, signature) })
	if q.refused != nil {
		return refuse(n, q.refused, failedRange)
	}
	a := l.history.ask(ctx, until, q, of(signature))
	a.Elapsed = time.Since(begun)
	return a
}

func (l *link) planHistory(ctx context.Context, d *Descriptor, w Want, signature string) *question[Range] {
	zone, err := time.LoadLocation(w.Location)
	if err != nil || w.Location == "Local" {
		return &question[Range]{refused: &Failure{Status: Unsupported, Message: "unknown time zone " + w.Location + "; write an IANA name such as Europe/Berlin"}}
	}
	accept, f := l.planSeries(ctx, d, w)
	if f != nil {
		return &question[Range]{refused: f}
	}
	fold := w.Every > 0 && !accept.AggregateDone
	return &question[Range]{signature: signature, accept: accept, width: l.width(d, accept),
		collect: func(keys []Key, now time.Time) collector[Range] {
			r := &ranges{want: w, fold: fold, most: l.limits.MaxRows, zone: zone, now: now, got: make([]series, len(keys))}
			for i := range r.got {
				r.got[i].by = w.Aggregate
				if w.Aggregates != nil {
					r.got[i].by = keys[i].Aggregate
				}
			}
			if fold && w.Aggregates != nil {
				return newShared(r, keys)
			}
			return r
		}}
}

// shared asks for the values of a series once and gives them to all keys that make buckets of them.
type shared struct {
	*ranges
	asked []Key
	takes [][]int // keys, by position in asked
}

func newShared(r *ranges, keys []Key) *shared {
	s := &shared{ranges: r}
	at := map[string]int{}
	for i, k := range keys {
		n, known := at[k.Ref]
		if !known {
			n = len(s.asked)
			at[k.Ref] = n
			s.asked, s.takes = append(s.asked, Key{Ref: k.Ref}), append(s.takes, nil)
		}
		s.takes[n] = append(s.takes[n], i)
	}
	return s
}

// request is what is sent in the place of the keys.
func (s *shared) request() []Key { return s.asked }

func (s *shared) Measurement(key int, m Measurement) {
	for _, k := range s.takes[key] {
		s.ranges.Measurement(k, m)
	}
}

func (s *shared) Row(key int, _ []schema.Value) {
	for _, k := range s.takes[key] {
		s.ranges.Row(k, nil)
	}
}

func (s *shared) Status(key int, status Status, why string) {
	for _, k := range s.takes[key] {
		s.ranges.Status(k, status, why)
	}
}

func (s *shared) Truncated(key int, until time.Time) {
	for _, k := range s.takes[key] {
		s.ranges.Truncated(k, until)
	}
}
