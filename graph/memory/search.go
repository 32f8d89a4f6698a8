package memory

import (
	"encoding/binary"
	"slices"
	"sync"

	"mereon/graph/search"
)

// hits is what a search found.
type hits struct {
	marks  []uint8 // by row: the rank + 1; 0 where it is not found
	count  int
	byRank [search.Ranks]int
}

// What is known of a row and the words of a search so far. A fresh row has none of them.
const (
	begins      = 1 << iota // every word begins a word
	whole                   // every word is one
	beginInName             // every word begins one of the name
	wholeInName
	fullKey  // every word is one of a key that has as many words, 3 standing for more
	fullName // the same for the name
)

// rankOfMarks is the rank for every combination of marks; exact ones of several words still have to be checked.
var rankOfMarks = func() (table [64]uint8) {
	for marks := range table {
		switch {
		case marks&begins == 0:
			table[marks] = search.Ranks
		case marks&fullKey != 0:
			table[marks] = uint8(search.ExactKey)
		case marks&fullName != 0:
			table[marks] = uint8(search.ExactName)
		case marks&wholeInName != 0:
			table[marks] = uint8(search.InName)
		case marks&beginInName != 0:
			table[marks] = uint8(search.BeginInName)
		case marks&whole != 0:
			table[marks] = uint8(search.Whole)
		default:
			table[marks] = uint8(search.Begin)
		}
	}
	return table
}()

// rowBytes keeps arrays of a byte a row between searches.
type rowBytes struct{ pool sync.Pool }

func (p *rowBytes) take(rows uint32) []uint8 {
	if b, ok := p.pool.Get().(*[]uint8); ok && cap(*b) >= int(rows) {
		clear((*b)[:rows])
		return (*b)[:rows]
	}
	return make([]uint8, rows, rows+rows/8)
}

func (p *rowBytes) give(b []uint8) { p.pool.Put(&b) }

// spell is one word of a search and the part of the index that begins with it.
type spell struct {
	code     uint64
	used     int
	exact    bool // whatever is in the part begins with the word
	from, to int  // ranks in the index
}

func (s *Snapshot) spell(text string) (p spell) {
	p.code, p.used, p.exact = encode([]byte(text))
	p.code &^= longer
	p.from, p.to = s.words.rank(findBy(wordOf(p.code, 0))), s.words.len()
	if end := p.code + 1<<(64-6*p.used); end != 0 {
		p.to = s.words.rank(findBy(wordOf(end, 0)))
	}
	return p
}

// search finds what a text asks for; nil when it has no words. The rarest word is looked up first. Words that are much more
// frequent than what is found so far are not looked up: checking the texts of the few is cheaper.
func (s *Snapshot) search(text string) *hits {
	q := search.Parse(text)
	if q.Empty() {
		return nil
	}
	spells := make([]spell, len(q.Words))
	for i, w := range q.Words {
		spells[i] = s.spell(w)
	}
	slices.SortFunc(spells, func(a, b spell) int { return (a.to - a.from) - (b.to - b.from) })
	h := &hits{marks: s.shared.bytes.take(s.pages.n)}
	s.markWord(h.marks, &spells[0], len(spells))
	sure := spells[0].exact
	for i := 1; i < len(spells); i++ {
		p := &spells[i]
		if count(h.marks) < (p.to-p.from)/checkCost {
			sure = false
			break
		}
		more := s.shared.bytes.take(s.pages.n)
		s.markWord(more, p, len(spells))
		for row, marks := range more {
			h.marks[row] &= marks
		}
		s.shared.bytes.give(more)
		sure = sure && p.exact
	}
	h.rank(s, q, sure)
	return h
}

// checkCost is how many words of the index are read in the time in which the texts of one entity are checked.
const checkCost = 256

// count returns the number of bytes that are not 0.
func count(marks []uint8) (n int) {
	eachMark(marks, func(int) { n++ })
	return n
}

// eachMark calls visit with the place of every byte that is not 0.
func eachMark(marks []uint8, visit func(row int)) {
	row := 0
	for ; row+8 <= len(marks); row += 8 {
		if binary.LittleEndian.Uint64(marks[row:]) == 0 {
			continue
		}
		for i := range 8 {
			if marks[row+i] != 0 {
				visit(row + i)
			}
		}
	}
	for ; row < len(marks); row++ {
		if marks[row] != 0 {
			visit(row)
		}
	}
}

// markWord marks the rows that a word finds; words is how many the search has.
func (s *Snapshot) markWord(rows []uint8, p *spell, words int) {
	next := uint64(longer) // what is not 0 when a word goes on
	if p.used < symbols {
		next = 63 << (58 - 6*p.used)
	}
	full := uint64(min(words, 3) - 1)
	var marksOf [8]uint8 // by where a whole word is
	var beginsOf [8]uint8
	for where := range uint64(8) {
		beginsOf[where] = begins
		if where >= inName {
			beginsOf[where] |= beginInName
		}
		marksOf[where] = beginsOf[where] | whole
		if where >= inName {
			marksOf[where] |= wholeInName
		}
		switch where {
		case inKey + full:
			marksOf[where] |= fullKey
		case inName + full:
			marksOf[where] |= fullName
		}
	}
	var c cursor[word]
	c.seekRank(s.words, p.from)
	for left := p.to - p.from; left > 0; c.nextRun() {
		run := c.run()
		run = run[:min(left, len(run))]
		left -= len(run)
		for i := range run {
			if where := run[i].low & 7; uint64(run[i].high)<<32&next|uint64(run[i].low)&next == 0 {
				rows[run[i].row] |= marksOf[where]
			} else {
				rows[run[i].row] |= beginsOf[where]
			}
		}
	}
}

// rank turns marks into ranks. Where marks do not say for sure, the texts are looked at.
func (h *hits) rank(s *Snapshot, q search.Query, sure bool) {
	m := q.Matcher()
	eachMark(h.marks, func(row int) {
		rank := rankOfMarks[h.marks[row]]
		if !sure || rank <= uint8(search.ExactName) && len(q.Words) > 1 {
			rank = s.checked(m, uint32(row))
		}
		if h.marks[row] = 0; rank < search.Ranks {
			h.marks[row] = rank + 1
			h.count++
			h.byRank[rank]++
		}
	})
}

// checked looks at the texts of a row.
func (s *Snapshot) checked(m *search.Matcher, row uint32) uint8 {
	m.Reset()
	s.texts(s.pages.at(row).data, m.Text)
	rank, _ := m.Rank()
	return uint8(rank)
}

func (h *hits) has(row uint32) bool { return h.marks[row] != 0 }

func (h *hits) each(visit func(row uint32) bool) {
	for row, mark := range h.marks {
		if mark != 0 && !visit(uint32(row)) {
			return
		}
	}
}

// matches says whether a row is wanted.
func (src *source) matches(s *Snapshot, row uint32) bool {
	return (src.found == nil || src.found.has(row)) && s.matches(&src.want, s.pages.at(row))
}

// rankOf returns how well a row fits the search.
func (src *source) rankOf(row uint32) uint32 {
	if src.found == nil {
		return 0
	}
	return uint32(src.found.marks[row]) - 1
}

// release gives back what the search borrowed.
func (src *source) release(s *Snapshot) {
	if src.found != nil {
		s.shared.bytes.give(src.found.marks)
		src.found = nil
	}
}
