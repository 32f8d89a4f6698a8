package memory

import (
	"mereon/graph"
	"mereon/schema"
)

// answer is a Batch in the making, with room for the bounds of one group in the same allocation.
type answer struct {
	graph.Batch
	offsets [2]int32
	totals  [1]int
	flags   [2]bool
}

// newAnswer prepares a batch of groups.
func newAnswer(groups int, count bool) *answer {
	a := &answer{}
	if groups == 1 {
		a.Offsets, a.More, a.Before = a.offsets[:1], a.flags[0:0:1], a.flags[1:1:2]
		a.Totals = a.totals[:0]
	} else {
		a.Offsets = make([]int32, 1, groups+1)
		flags := make([]bool, 2*groups)
		a.More, a.Before = flags[0:0:groups], flags[groups:groups]
		if count {
			a.Totals = make([]int, 0, groups)
		}
	}
	if !count {
		a.Totals = nil
	}
	return a
}

// close ends the group before the next.
func (a *answer) close(before, more bool, total int, count bool) {
	a.Offsets = append(a.Offsets, int32(len(a.Rows)))
	a.Before, a.More = append(a.Before, before), append(a.More, more)
	if count {
		a.Totals = append(a.Totals, total)
	}
}

// take appends the page of a collector and closes the group.
func (a *answer) take(c *collector, count bool, visit func(slot)) {
	page, before, more := c.finish()
	if a.Rows == nil {
		a.Rows = make([]graph.Row, 0, len(page)*max(1, cap(a.Offsets)-1))
	}
	for _, at := range page {
		a.Rows = append(a.Rows, graph.Row(c.slots[at].row))
		if visit != nil {
			visit(c.slots[at])
		}
	}
	a.close(before, more, c.total, count)
}

func (s *Snapshot) finishAnswer(a *answer, columns []schema.Path) *graph.Batch {
	a.Cells = s.fill(a.Rows, columns)
	return &a.Batch
}
