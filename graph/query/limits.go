package query

import "cmp"

// Limits bound what one operation may ask for. Zero values become the defaults.
type Limits struct {
	First      int // rows of one page, default 10,000
	Depth      int // nesting of fields, default 15
	Aliases    int // fields with an alias, default 100
	Roots      int // root fields, default 20
	Selections int // fields with fragments inlined, default 10,000
	Rows       int // rows that an operation may read or look at, default 200,000
	Plans      int // plans kept, default 1,000
	Points     int // measurements of one history page, default 10,000
	Cost       int // values that an operation may touch by its plan, default 100,000,000
}

func (l *Limits) ensureDefaults() {
	l.First = cmp.Or(l.First, 10_000)
	l.Depth = cmp.Or(l.Depth, 15)
	l.Aliases = cmp.Or(l.Aliases, 100)
	l.Roots = cmp.Or(l.Roots, 20)
	l.Selections = cmp.Or(l.Selections, 10_000)
	l.Rows = cmp.Or(l.Rows, 200_000)
	l.Plans = cmp.Or(l.Plans, 1_000)
	l.Points = cmp.Or(l.Points, 10_000)
	l.Cost = cmp.Or(l.Cost, 100_000_000)
}
