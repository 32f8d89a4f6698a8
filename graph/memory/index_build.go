package memory

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"mereon/graph/record"
	"mereon/schema"
)

// buildIndexes makes indexes from all entities, several at a time.
func (s *Snapshot) buildIndexes(which []int) {
	var running sync.WaitGroup
	free := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))
	for _, i := range which {
		free <- struct{}{}
		running.Go(func() {
			s.indexes[i] = s.buildIndex(&s.layout.indexes[i])
			<-free
		})
	}
	running.Wait()
}

// buildIndex makes one index. Entries are gathered by row, which is often the order of ids and thereby of values, and
// sorted by their hints; only values whose hints are equal are looked at.
func (s *Snapshot) buildIndex(spec *indexSpec) index {
	found := make([]entry, 0, s.rowsOfTypes(&spec.set))
	for row := range s.pages.n {
		e := s.pages.at(row)
		if e.data == "" || !spec.set.has(e.typ) {
			continue
		}
		if v := record.Find(e.data, spec.key); !v.IsNull() {
			found = append(found, entry{hint(v), row})
		}
	}
	sortByHint(found)
	eachRun(found, func(run []entry) { s.sortRun(spec.key, run) })
	return index{spec.key, build(s.owner, found)}
}

func sortByHint(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.hint, b.hint) })
}

// eachRun calls visit with every run of two or more equal hints.
func eachRun(entries []entry, visit func(run []entry)) {
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].hint == entries[from].hint {
			to++
		}
		if to-from > 1 {
			visit(entries[from:to])
		}
		from = to
	}
}

// sortRun sorts entries with equal hints by value and id.
func (s *Snapshot) sortRun(key uint32, run []entry) {
	ordered := func(a, b entry) int {
		x, y := s.pages.at(a.row).data, s.pages.at(b.row).data
		return cmp.Or(schema.Compare(record.Find(x, key), record.Find(y, key)), strings.Compare(record.ID(x), record.ID(y)))
	}
	if len(run) < 64 || slices.IsSortedFunc(run, ordered) {
		slices.SortFunc(run, ordered)
		return
	}
	h := run[0].hint
	if kind := schema.ValueKind(h >> 60); kind == schema.StringValue || kind == schema.DateValue || kind == schema.JSONValue {
		s.sortTexts(key, run, 0, ordered)
	} else {
		slices.SortFunc(run, ordered)
	}
	for i := range run {
		run[i].hint = h
	}
}

// sortTexts sorts long texts of one kind, of which the first from bytes are equal, by the eight bytes behind all that
// they have in common, then the runs that are still equal by the bytes behind those. It changes the hints.
func (s *Snapshot) sortTexts(key uint32, run []entry, from int, ordered func(a, b entry) int) {
	text := func(e entry) string { return record.Find(s.pages.at(e.row).data, key).Text() }
	first := text(run[0])
	same := len(first)
	for _, e := range run[1:] {
		t := text(e)
		n := from
		for n < same && n < len(t) && t[n] == first[n] {
			n++
		}
		same = n
	}
	for i := range run {
		run[i].hint = prefix(text(run[i])[same:])
	}
	sortByHint(run)
	eachRun(run, func(part []entry) {
		if len(part) < 64 || len(part) == len(run) {
			slices.SortFunc(part, ordered)
		} else {
			s.sortTexts(key, part, same, ordered)
		}
	})
}
