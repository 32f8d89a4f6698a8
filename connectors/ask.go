package connectors

import (
	"context"
	"time"
)

// references are the keys of series.
type references struct {
	refs   []string
	prefix string // the question, for answers that depend on more than the reference
}

func (r *references) len() int      { return len(r.refs) }
func (r *references) key(i int) Key { return Key{Ref: r.refs[i]} }
func (r *references) name(i int, b []byte) []byte {
	return append(append(b, r.prefix...), r.refs[i]...)
}

// values are the keys of records.
type values struct {
	keys   []Key
	prefix string
}

func (v *values) len() int      { return len(v.keys) }
func (v *values) key(i int) Key { return v.keys[i] }
func (v *values) name(i int, b []byte) []byte {
	b = append(b, v.prefix...)
	for _, value := range v.keys[i].Values {
		b = appendValue(b, value)
	}
	return b
}

// Latest reads the newest measurement of every reference, see Source.
func (r *Runtime) Latest(ctx context.Context, connector string, refs []string) Answer[Reading] {
	begun := time.Now()
	l, f := r.link(connector)
	if f != nil {
		return refuse(len(refs), f, failedReading)
	}
	if len(refs) == 0 {
		return Answer[Reading]{FirstFailed: -1}
	}
	a := l.readings(ctx, refs)
	a.Elapsed = time.Since(begun)
	return a
}

func (l *link) readings(ctx context.Context, refs []string) Answer[Reading] {
	until := share(ctx, l.limits.Deadline)
	d, f := l.descriptor(ctx, until)
	if f != nil {
		return refuse(len(refs), f, failedReading)
	}
	q := get(&l.questions, d.Revision, "latest", func() *question[Reading] { return l.planLatest(ctx, d) })
	if q.refused != nil {
		return refuse(len(refs), q.refused, failedReading)
	}
	a := l.latest.ask(ctx, until, q, &references{refs: refs})
	now := l.now()
	for i := range a.Results {
		age(&a.Results[i], l.staleAfter(refs[i], q.stale), now)
	}
	return a
}

// age tells whether a measurement is too old by the connector's own limit.
func age(r *Reading, limit time.Duration, now time.Time) {
	r.Stale = limit
	if r.Status == OK && limit > 0 && now.Sub(r.Time) > limit {
		r.Status, r.Why = Stale, "the last value is older than "+limit.String()
	}
}

func (l *link) planLatest(ctx context.Context, d *Descriptor) *question[Reading] {
	accept, f := l.planSeries(ctx, d, Want{Kind: Latest})
	if f != nil {
		return &question[Reading]{refused: f}
	}
	return &question[Reading]{accept: accept, width: l.width(d, accept), collect: collectReadings, stale: d.Series.StaleAfter}
}

func (l *link) planSeries(ctx context.Context, d *Descriptor, w Want) (Accept, *Failure) {
	if d.Series == nil {
		return Accept{}, &Failure{Status: Unsupported, Message: "connector " + l.name + " has no series, only records"}
	}
	if w.Kind == History && !d.Series.History {
		return Accept{}, &Failure{Status: Unsupported, Message: "connector " + l.name + " keeps no history"}
	}
	if why := checkWant(&w, nil); why != "" {
		return Accept{}, &Failure{Status: Unsupported, Message: why}
	}
	accept, err := l.connector.Plan(ctx, w)
	if err != nil {
		return Accept{}, &Failure{Status: Unsupported, Message: l.redact(err.Error()), Cause: err}
	}
	return accept, nil
}

// Records reads rows per key, see Source.
func (r *Runtime) Records(ctx context.Context, connector string, keys []Key, w Want) Answer[Rows] {
	begun := time.Now()
	l, f := r.link(connector)
	if f != nil {
		return refuse(len(keys), f, failedRows)
	}
	w.Kind = Records
	if len(keys) == 0 {
		return Answer[Rows]{FirstFailed: -1}
	}
	for _, k := range keys {
		if len(k.Values) != len(w.KeyColumns) {
			return refuse(len(keys), &Failure{Status: Unsupported, Message: "a key has not one value for each key column"}, failedRows)
		}
	}
	until := share(ctx, l.limits.Deadline)
	d, f := l.descriptor(ctx, until)
	if f != nil {
		return refuse(len(keys), f, failedRows)
	}
	signature := signatureOf(&w)
	q := get(&l.questions, d.Revision, signature, func() *question[Rows] { return l.planRecords(ctx, d, w) })
	if q.refused != nil {
		return refuse(len(keys), q.refused, failedRows)
	}
	a := l.records.ask(ctx, until, q, &values{coerceKeys(keys, q.keyColumns), signature})
	a.Results = limitRows(a.Results, w.width(), w.Limit)
	noNulls(a.Results, keys)
	oneEach(&w, a.Results)
	a.Elapsed = time.Since(begun)
	return a
}

// noNulls empties what was found for keys with a null: null equals nothing.
func noNulls(rows []Rows, keys []Key) {
	for i, k := range keys {
		for _, v := range k.Values {
			if v.IsNull() {
				rows[i] = Rows{Status: Empty}
			}
		}
	}
}

func refuse[T any](n int, f *Failure, failed func(*Failure, T) T) Answer[T] {
	a := Answer[T]{Results: make([]T, n), Keys: n, Failure: f, FailedKeys: n}
	for i := range a.Results {
		var none T
		a.Results[i] = failed(f, none)
	}
	return a
}
