package memory

import (
	"hash/maphash"
	"slices"
	"strings"
)

// The id map is a tree of words: 32 bits of the id's hash, then the row.
func (s *Snapshot) idHash(id string) uint64 {
	return maphash.String(s.shared.seed, id) &^ (1<<32 - 1)
}

// row finds the entity with the id.
func (s *Snapshot) row(id string) (uint32, bool) {
	h := s.idHash(id)
	var c cursor[uint64]
	for c.seek(s.ids, func(words []uint64) (int, bool) { return slices.BinarySearch(words, h) }); c.valid(); c.next() {
		word := c.item()
		if word&^(1<<32-1) != h {
			break
		}
		if row := uint32(word); s.pages.at(row).id() == id {
			return row, true
		}
	}
	return 0, false
}

func findWord(word uint64) finder[uint64] {
	return func(words []uint64) (int, bool) { return slices.BinarySearch(words, word) }
}

// findID searches rows in the order of their ids.
func (s *Snapshot) findID(id string) finder[uint32] {
	return func(rows []uint32) (int, bool) {
		return slices.BinarySearchFunc(rows, id, func(row uint32, id string) int {
			return strings.Compare(s.pages.at(row).id(), id)
		})
	}
}
