package query

import (
	"cmp"
	"slices"
)

// sequence is the order of the fields of one object where it depends on conditions: a field stands where the first use of it stands
// that is not left out.
//
// Source: GraphQL specification, "Field Collection".
type sequence struct {
	uses []guardedPlace // in the order of the document
	n    int            // fields
}

type guardedPlace struct {
	guard uint64
	place int // of the field
}

// sequenceOf returns the order of merged uses, nil where it is the same whatever holds: then the first use of every field holds
// whenever a later one does.
func sequenceOf(uses []use, at map[string]int, list []merged) *sequence {
	if len(uses) == len(list) || !slices.ContainsFunc(list, func(m merged) bool {
		first := m.uses[0].guard
		return slices.ContainsFunc(m.uses, func(u use) bool { return first&^u.guard != 0 })
	}) {
		return nil
	}
	o := &sequence{n: len(list)}
	for _, u := range uses {
		o.uses = append(o.uses, guardedPlace{u.guard, at[u.key()]})
	}
	return o
}

// ranks returns where every field stands when the bits hold.
func (o *sequence) ranks(bits uint64) []int {
	ranks := make([]int, o.n)
	for i := range ranks {
		ranks[i] = len(o.uses)
	}
	for i, u := range o.uses {
		if u.guard&^bits == 0 {
			ranks[u.place] = min(ranks[u.place], i)
		}
	}
	return ranks
}

// sequenceKey is a sequence in one execution, whose bits change from part to part when it is delivered in parts.
type sequenceKey struct {
	of   *sequence
	bits uint64
}

// arranged returns the indexes of n fields of an object in the order in which they are written; nil: as they are.
// place returns the place of field k.
func (w *writer) arranged(o *sequence, n int, place func(k int) int) []int {
	if o == nil {
		return nil
	}
	key := sequenceKey{o, w.x.guards}
	if known, ok := w.sequences[key]; ok {
		return known
	}
	ranks, indexes := o.ranks(key.bits), make([]int, n)
	for k := range indexes {
		indexes[k] = k
	}
	slices.SortStableFunc(indexes, func(a, b int) int { return cmp.Compare(ranks[place(a)], ranks[place(b)]) })
	if w.sequences == nil {
		w.sequences = map[sequenceKey][]int{}
	}
	w.sequences[key] = indexes
	return indexes
}

// sequenceOf returns the indexes of the fields of an object in the order in which they are written; nil: as they are.
func (w *writer) sequenceOf(fields []outField) []int {
	if len(fields) == 0 || fields[0].sequence == nil {
		return nil
	}
	return w.arranged(fields[0].sequence, len(fields), func(k int) int { return fields[k].place })
}

// sequenceOfMerged is sequenceOf for what is written straight from the document.
func (w *writer) sequenceOfMerged(selected []merged) []int {
	if len(selected) == 0 || selected[0].sequence == nil {
		return nil
	}
	return w.arranged(selected[0].sequence, len(selected), func(k int) int { return selected[k].place })
}
