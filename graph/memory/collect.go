package memory

import (
	"slices"
	"strings"
	"sync"

	"mereon/graph"
	"mereon/schema"
)

// orderKey is one key of an order in numbers.
type orderKey struct {
	col  column
	desc bool
}

// collector takes the matches of one group in any order and keeps only what the page asks for: of a page of k rows at
// most k candidates, in a heap whose root is the one to give up first.
type collector struct {
	s       *Snapshot
	by      []orderKey
	byDepth bool // order by aux first (Reach without an order)
	page    graph.Page
	limit   int // rows kept at most, -1 for all

	slots []slot
	keys  []schema.Value // len(by) of every slot
	heap  []int32        // slots in use
	met   []meeting      // lent to walks

	total, before, after, within int
}

// slot is one candidate. aux is carried along: a depth, or where it came from.
type slot struct {
	row uint32
	aux uint32
	end uint64
}

// scratchPool keeps collectors and row buffers between questions.
type scratchPool struct{ pool sync.Pool }

func (p *scratchPool) take(s *Snapshot) *collector {
	c, _ := p.pool.Get().(*collector)
	if c == nil {
		c = &collector{}
	}
	c.s = s
	return c
}

func (p *scratchPool) give(c *collector) {
	clear(c.keys[:cap(c.keys)])
	c.s, c.page = nil, graph.Page{}
	if cap(c.slots) < 1<<16 && cap(c.met) < 1<<17 {
		p.pool.Put(c)
	}
}

// start prepares for the groups of a question.
func (c *collector) start(orders []graph.Order, page graph.Page, byDepth bool) error {
	c.by, c.byDepth, c.page, c.limit = c.by[:0], byDepth && len(orders) == 0, page, page.First
	for _, o := range orders {
		c.by = append(c.by, orderKey{c.s.column(o.Path), o.Desc})
	}
	if page.First <= 0 {
		c.limit = max(page.Last, 0)
		if page.All && c.limit == 0 {
			c.limit = -1
		}
	}
	want := len(c.by)
	if c.byDepth {
		want = 1
	}
	for _, cur := range []*graph.Cursor{page.After, page.Before} {
		if cur != nil && len(cur.Keys) != want {
			return invalid("a cursor of this order has %d keys, not %d: use the cursors that came with the same order", want, len(cur.Keys))
		}
	}
	c.reset()
	return nil
}

// reset forgets the matches of the group before.
func (c *collector) reset() {
	c.slots, c.keys, c.heap = c.slots[:0], c.keys[:0], c.heap[:0]
	c.total, c.before, c.after, c.within = 0, 0, 0, 0
}

// everything says that all rows are wanted, by depth.
func (c *collector) everything() bool {
	return c.byDepth && c.limit < 0 && c.page.After == nil && c.page.Before == nil
}

// last says that the page wants the end of the window.
func (c *collector) last() bool { return c.page.First <= 0 && c.page.Last > 0 }

// offer takes a match.
func (c *collector) offer(row, aux uint32, end uint64) {
	c.total++
	c.put(len(c.slots), slot{row, aux, end})
	at := int32(len(c.slots) - 1)
	switch {
	case c.page.After != nil && c.toCursor(at, c.page.After) <= 0:
		c.before++
		c.drop(at)
		return
	case c.page.Before != nil && c.toCursor(at, c.page.Before) >= 0:
		c.after++
		c.drop(at)
		return
	}
	c.within++
	if c.limit < 0 || len(c.heap) < c.limit {
		c.heap = append(c.heap, at)
		if c.limit > 0 && len(c.heap) == c.limit {
			c.heapify()
		}
		return
	}
	if c.limit > 0 && c.worse(c.heap[0], at) {
		c.replace(at)
	}
	c.drop(at)
}

// put writes a candidate and its keys into a slot, at the end or over another.
func (c *collector) put(at int, s slot) {
	if at == len(c.slots) {
		c.slots = append(c.slots, s)
		c.keys = slices.Grow(c.keys, len(c.by))[:len(c.keys)+len(c.by)]
	}
	e := c.s.pages.at(s.row)
	for i, k := range c.by {
		c.keys[at*len(c.by)+i] = c.s.cell(e, k.col)
	}
}

func (c *collector) drop(at int32) {
	c.slots = c.slots[:at]
	c.keys = c.keys[:int(at)*len(c.by)]
}

// replace gives the slot of the heap's root to the candidate in slot at.
func (c *collector) replace(at int32) {
	root, n := c.heap[0], len(c.by)
	c.slots[root] = c.slots[at]
	copy(c.keys[int(root)*n:int(root)*n+n], c.keys[int(at)*n:])
	c.sift(0)
}

// compare orders two slots as the question asks.
func (c *collector) compare(a, b int32) int {
	if c.byDepth {
		if d := order(c.slots[a].aux, c.slots[b].aux); d != 0 {
			return d
		}
	}
	n := int32(len(c.by))
	for i := range n {
		if d := compareKeys(c.keys[a*n+i], c.keys[b*n+i], c.by[i].desc); d != 0 {
			return d
		}
	}
	return strings.Compare(c.s.idOf(c.slots[a].row), c.s.idOf(c.slots[b].row))
}

// compareKeys orders two order keys; null is last both ways.
func compareKeys(a, b schema.Value, desc bool) int {
	d := schema.Compare(a, b)
	if desc && !a.IsNull() && !b.IsNull() {
		return -d
	}
	return d
}

// toCursor orders a slot against a cursor.
func (c *collector) toCursor(at int32, cur *graph.Cursor) int {
	if c.byDepth {
		if d := schema.Compare(schema.IntOf(int64(c.slots[at].aux)), cur.Keys[0]); d != 0 {
			return d
		}
	}
	n := len(c.by)
	for i := range n {
		if d := compareKeys(c.keys[int(at)*n+i], cur.Keys[i], c.by[i].desc); d != 0 {
			return d
		}
	}
	return strings.Compare(c.s.idOf(c.slots[at].row), string(cur.ID))
}

// worse says that a is given up before b.
func (c *collector) worse(a, b int32) bool {
	d := c.compare(a, b)
	if c.last() {
		return d < 0
	}
	return d > 0
}

func (c *collector) heapify() {
	for i := len(c.heap)/2 - 1; i >= 0; i-- {
		c.sift(i)
	}
}

func (c *collector) sift(i int) {
	for {
		kid := 2*i + 1
		if kid >= len(c.heap) {
			return
		}
		if kid+1 < len(c.heap) && c.worse(c.heap[kid+1], c.heap[kid]) {
			kid++
		}
		if !c.worse(c.heap[kid], c.heap[i]) {
			return
		}
		c.heap[i], c.heap[kid] = c.heap[kid], c.heap[i]
		i = kid
	}
}

// finish returns the slots of the page in order, and whether rows precede and follow them.
func (c *collector) finish() (page []int32, before, more bool) {
	slices.SortFunc(c.heap, c.compare)
	page = c.heap
	cut := c.within - len(page)
	ahead, behind := c.before, c.after
	if c.last() {
		ahead += cut
	} else {
		behind += cut
		if first := c.page.First; first > 0 && c.page.Last > 0 && len(page) > c.page.Last {
			ahead += len(page) - c.page.Last
			page = page[len(page)-c.page.Last:]
		}
	}
	return page, ahead > 0, behind > 0
}
