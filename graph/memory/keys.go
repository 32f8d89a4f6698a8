package memory

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"mereon/graph/record"
	"mereon/schema"
)

// entry is one value in an ordered index. hint grows with the value, so that most comparisons need not look at it.
type entry struct {
	hint uint64
	row  uint32
}

// hint returns 4 bits for the kind (all numbers share one) and the first 60 bits of the value in an order-keeping form:
// Compare(a, b) < 0 implies hint(a) <= hint(b), and equal values have equal hints.
func hint(v schema.Value) uint64 {
	kind := uint64(v.Kind())
	switch v.Kind() {
	case schema.BoolValue:
		return kind<<60 | uint64(v.Int())
	case schema.IntValue:
		return uint64(schema.FloatValue)<<60 | sortable(float64(v.Int()))>>4
	case schema.FloatValue:
		return kind<<60 | sortable(v.Float())>>4
	case schema.DecimalValue:
		f, _ := strconv.ParseFloat(v.Text(), 64)
		return uint64(schema.FloatValue)<<60 | sortable(f)>>4
	case schema.DateTimeValue, schema.DurationValue:
		return kind<<60 | (uint64(v.Int())^1<<63)>>4
	case schema.ListValue:
		return kind << 60
	}
	return kind<<60 | prefix(v.Text())>>4
}

func sortable(f float64) uint64 {
	if f == 0 {
		f = 0 // -0 equals 0
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

func prefix(s string) (p uint64) {
	for i := range min(len(s), 8) {
		p |= uint64(s[i]) << (56 - 8*i)
	}
	return p
}

// index is an ordered index over one path of some types.
type index struct {
	key uint32
	tree[entry]
}

// place searches for a value and, among equal values, an id. An id before all others finds the first.
func (s *Snapshot) place(key uint32, v schema.Value, id string) finder[entry] {
	h := hint(v)
	return func(entries []entry) (int, bool) {
		return slices.BinarySearchFunc(entries, h, func(e entry, h uint64) int {
			if e.hint != h {
				if e.hint < h {
					return -1
				}
				return 1
			}
			data := s.pages.at(e.row).data
			if c := schema.Compare(record.Find(data, key), v); c != 0 {
				return c
			}
			return strings.Compare(record.ID(data), id)
		})
	}
}

// after searches for the place behind all entries with the value.
func (s *Snapshot) after(key uint32, v schema.Value) finder[entry] {
	h := hint(v)
	return func(entries []entry) (int, bool) {
		return slices.BinarySearchFunc(entries, h, func(e entry, h uint64) int {
			if e.hint != h {
				if e.hint < h {
					return -1
				}
				return 1
			}
			if c := schema.Compare(record.Find(s.pages.at(e.row).data, key), v); c != 0 {
				return c
			}
			return -1
		})
	}
}

// equal calls visit with the rows that have the value, by id, until it returns false.
func (s *Snapshot) equal(ix *index, v schema.Value, visit func(row uint32) bool) {
	var c cursor[entry]
	for c.seek(ix.tree, s.place(ix.key, v, "")); c.valid(); c.next() {
		e := c.item()
		if e.hint != hint(v) || schema.Compare(record.Find(s.pages.at(e.row).data, ix.key), v) != 0 || !visit(e.row) {
			return
		}
	}
}
