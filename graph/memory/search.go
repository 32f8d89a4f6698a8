package memory

import (
	"mereon/graph/record"
	"mereon/graph/search"
	"mereon/schema"
)

// hits is what a search found.
type hits struct {
	ranks []uint8 // by row; search.Ranks: not found
	count int
}

// search finds what a text asks for; nil when it has no words.
func (s *Snapshot) search(text string) *hits {
	q := search.Parse(text)
	if q.Empty() {
		return nil
	}
	h := &hits{ranks: make([]uint8, s.pages.n)}
	m := q.Matcher()
	for row := range s.pages.n {
		h.ranks[row] = search.Ranks
		e := s.pages.at(row)
		if e.data == "" {
			continue
		}
		m.Reset()
		s.texts(e.data, m.Text)
		if rank, found := m.Rank(); found {
			h.ranks[row] = uint8(rank)
			h.count++
		}
	}
	return h
}

// texts calls visit with every text by which an entity is found.
func (s *Snapshot) texts(data string, visit func(search.Place, string)) {
	visit(search.Key, record.ID(data))
	fields, _ := record.Fields(nil, data)
	for _, f := range fields {
		search.TextsOf(schema.Path(s.paths.text(f.Key)), f.Value, visit)
	}
}

func (h *hits) has(row uint32) bool { return h.ranks[row] < search.Ranks }

func (h *hits) each(visit func(row uint32) bool) {
	for row, rank := range h.ranks {
		if rank < search.Ranks && !visit(uint32(row)) {
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
	return uint32(src.found.ranks[row])
}

// release gives back what the search borrowed.
func (src *source) release(s *Snapshot) {}
