package memory

import (
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/graph/search"
)

// fewHits is up to how many entities are ranked by sorting them; of more, a page is cheaper found by walking in order of
// ids, which soon meets enough of them.
const fewHits = 8192

// walksHits says whether a page of what a search found is gathered by walking, rank after rank.
func (src *source) walksHits(q *graph.Selection) bool {
	if src.found == nil || src.found.count <= fewHits || src.listed || src.index != nil || len(q.Order) > 0 {
		return false
	}
	if q.Count && src.where != nil {
		return false // all of them have to be looked at anyway
	}
	p := &q.Page
	return p.First > 0 && p.Last <= 0 && p.Before == nil && (p.After == nil || len(p.After.Keys) == 1)
}

// hitPage gathers a page of what a search found.
type hitPage struct {
	s   *Snapshot
	q   graph.Selection
	src source
	l   looker
	a   *answer
	// rank is the one gathered; after is the id behind which it begins, nil for its beginning.
	rank  uint8
	after *graph.Cursor
	more  bool
}

// byRank gives the page rank after rank, by id.
func (s *Snapshot) byRank(ctx context.Context, q *graph.Selection, src *source, a *answer) error {
	p := hitPage{s: s, q: *q, src: *src, l: looker{ctx: ctx, budget: q.Budget}, a: a}
	a.Ranks = []int32{}
	from := int64(0)
	if q.Page.After != nil {
		from = max(0, q.Page.After.Keys[0].Int())
	}
	for rank := from; rank < search.Ranks && !p.more; rank++ {
		p.rank, p.after = uint8(rank), nil
		if q.Page.After != nil && rank == q.Page.After.Keys[0].Int() {
			p.after = q.Page.After
		}
		gather := p.walk
		if src.found.byRank[rank] <= fewHits {
			gather = p.sort
		}
		if err := gather(); err != nil {
			return err
		}
	}
	before, err := p.before()
	if err != nil {
		return err
	}
	total := 0
	if q.Count {
		if total, err = p.total(); err != nil {
			return err
		}
	}
	a.close(before, p.more, total, q.Count)
	return nil
}

// take adds a row to the page, or notes that there are more, and says whether to go on.
func (p *hitPage) take(row uint32) bool {
	if len(p.a.Rows) == p.q.Page.First {
		p.more = true
		return false
	}
	p.a.Rows, p.a.Ranks = append(p.a.Rows, graph.Row(row)), append(p.a.Ranks, int32(p.rank))
	return true
}

// walk meets the entities of a rank in order of ids.
func (p *hitPage) walk() error {
	var m merge
	m.add(p.s, &p.src.types)
	marks := p.src.found.marks
	for m.start(p.after, false); m.valid(); m.move(false) {
		row := m.row()
		if marks[row] != p.rank+1 {
			continue
		}
		if err := p.l.look(); err != nil {
			return err
		}
		if p.src.matches(p.s, row) && !p.take(row) {
			return nil
		}
	}
	return nil
}

// sort orders the entities of a rank by id.
func (p *hitPage) sort() (failed error) {
	if p.src.found.byRank[p.rank] == 0 {
		return nil
	}
	var rows []uint32
	p.src.found.each(func(row uint32) bool {
		if p.src.found.marks[row] != p.rank+1 || p.after != nil && p.s.idOf(row) <= string(p.after.ID) {
			return true
		}
		if failed = p.l.look(); failed != nil {
			return false
		}
		if p.src.matches(p.s, row) {
			rows = append(rows, row)
		}
		return true
	})
	slices.SortFunc(rows, func(a, b uint32) int { return strings.Compare(p.s.idOf(a), p.s.idOf(b)) })
	for _, row := range rows {
		if failed != nil || !p.take(row) {
			break
		}
	}
	return failed
}

// before says whether a match precedes the page.
func (p *hitPage) before() (found bool, failed error) {
	after := p.q.Page.After
	if after == nil {
		return false, nil
	}
	p.src.found.each(func(row uint32) bool {
		rank := int64(p.src.rankOf(row))
		if at := after.Keys[0].Int(); rank > at || rank == at && p.s.idOf(row) > string(after.ID) {
			return true
		}
		failed = p.l.look()
		found = failed == nil && p.src.matches(p.s, row)
		return failed == nil && !found
	})
	return found, failed
}

// total counts all matches.
func (p *hitPage) total() (n int, failed error) {
	if p.src.types.any && p.src.where == nil {
		return p.src.found.count, nil
	}
	p.src.found.each(func(row uint32) bool {
		if failed = p.l.look(); failed != nil {
			return false
		}
		if p.src.matches(p.s, row) {
			n++
		}
		return true
	})
	return n, failed
}
