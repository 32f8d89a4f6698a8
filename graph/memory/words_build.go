package memory

import (
	"runtime"
	"slices"
	"sync"
)

// buildWords makes the index of words from all entities, on all processors when parallel. Rows are taken in order and the
// sort is stable, so that only codes have to be sorted.
func (s *Snapshot) buildWords(parallel bool) {
	parts := 1
	if parallel {
		parts = max(1, runtime.GOMAXPROCS(0))
	}
	lists := make([][]word, parts)
	var running sync.WaitGroup
	for i := range parts {
		from, to := uint32(uint64(s.pages.n)*uint64(i)/uint64(parts)), uint32(uint64(s.pages.n)*uint64(i+1)/uint64(parts))
		running.Go(func() { lists[i] = sortWords(s.wordsOf(from, to)) })
	}
	running.Wait()
	all := lists[0]
	for _, list := range lists[1:] {
		all = mergeWords(all, list)
	}
	s.words = build(s.owner, all)
}

// wordsOf returns the words of the entities in a range of rows, by row.
func (s *Snapshot) wordsOf(from, to uint32) []word {
	list := make([]word, 0, 8*int(to-from))
	c := s.wordCoder()
	for row := from; row < to; row++ {
		giveWay(int(row))
		for _, code := range c.of(s.pages.at(row).data) {
			list = append(list, wordOf(code, row))
		}
	}
	return list
}

// digit is how many bits of a code sortWords looks at in one pass.
const digit = 11

// sortWords sorts words by code, those with equal codes stay in order.
func sortWords(list []word) []word {
	if len(list) < 1<<digit {
		slices.SortStableFunc(list, func(a, b word) int { return order64(a.code(), b.code()) })
		return list
	}
	other := make([]word, len(list))
	for shift := 0; shift < 64; shift += digit {
		var at [1 << digit]int
		for _, w := range list {
			at[w.code()>>shift&(1<<digit-1)]++
		}
		if at[list[0].code()>>shift&(1<<digit-1)] == len(list) {
			continue
		}
		sum := 0
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		for _, w := range list {
			d := w.code() >> shift & (1<<digit - 1)
			other[at[d]] = w
			at[d]++
		}
		list, other = other, list
	}
	return list
}

func order64(a, b uint64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// mergeWords merges two sorted lists.
func mergeWords(a, b []word) []word {
	all := make([]word, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].compare(a[0]) < 0 {
			all, b = append(all, b[0]), b[1:]
		} else {
			all, a = append(all, a[0]), a[1:]
		}
	}
	return append(append(all, a...), b...)
}
