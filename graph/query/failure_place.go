package query

import (
	"slices"

	"mereon/schema"
)

// A failing connector is one error of the operation, at the first place in document order that shows it: a value, rows, or
// else a connection that could not be decided for it.

// undecided notes the connection that is being written as the place of failures that nothing shows but its being incomplete.
func (w *writer) undecided(f *frame, i int) {
	w.afterFailures(func() {
		if f.factsOf(i).incomplete {
			w.notDecided(f.level)
		}
	})
}

// undecidedGroups does the same for groups that are being written, whose connection may not be.
func (w *writer) undecidedGroups(f *frame, i int) {
	w.afterFailures(func() {
		from, to := f.group(i)
		for n := from; n < to; n++ {
			if f.sum(n).incomplete {
				w.notDecided(f.level.cut.of)
				return
			}
		}
	})
}

// afterFailures runs check where a connector has failed, while nobody else looks at failures.
func (w *writer) afterFailures(check func()) {
	r := &w.x.tally
	if w.parts != nil {
		if w.parts.skim {
			return
		}
		r.mu.Lock() // other parts are being read
		defer r.mu.Unlock()
	}
	if len(r.failures) > 0 {
		check()
	}
}

// notDecided notes what is being written as a place of failures of the connectors that decide a connection.
func (w *writer) notDecided(lv *level) {
	r := &w.x.tally
	if r.incomplete == nil {
		r.incomplete = w.responsePath()
	}
	q := w.x.questions[lv.id]
	if q == nil {
		return
	}
	asked := w.x.engine.catalog.asked(q)
	for _, failure := range r.failures {
		if failure.undecided == nil && slices.Contains(asked, failure.connector) {
			failure.undecided = w.responsePath()
		}
	}
}

// asked lists the connectors that the model names for what deciding a question takes. Entities may name others.
func (c *catalog) asked(q *question) []string {
	names := c.deciders(q.types, q.rest)
	for _, path := range q.extra {
		names = append(names, c.suppliers(q.types, path)...)
	}
	for _, k := range q.order {
		for key := &k; key != nil && key.related != nil; key = key.related.inner {
			if to := key.related.to; to.record != nil {
				names = append(names, to.record.Connector)
			} else if key.related.inner != nil && key.related.inner.federated {
				names = append(names, c.suppliers(to.types, key.related.inner.path)...)
			}
		}
	}
	return names
}

// deciders lists the connectors of p over entities of types, at any depth.
func (c *catalog) deciders(types typeSet, p *predicate) (names []string) {
	var q question
	if types != nil {
		c.predicateColumns(types, p, &lateNeeds{&q})
	}
	for _, path := range q.extra {
		names = append(names, c.suppliers(types, path)...)
	}
	p.visit(func(p *predicate) {
		if p.related == nil {
			return
		}
		if p.related.record != nil {
			names = append(names, p.related.record.Connector)
		}
		names = append(names, c.deciders(p.related.types, p.related.where)...)
	})
	return names
}

// suppliers lists the connectors that the model names for a live property of types; nil: all.
func (c *catalog) suppliers(types typeSet, path schema.Path) []string {
	if types == nil {
		types = c.all
	}
	var names []string
	for _, t := range types {
		if s := c.sources[sourceKey{t, path}]; s != nil && !slices.Contains(names, s.Connector) {
			names = append(names, s.Connector)
		}
	}
	slices.Sort(names)
	return names
}
