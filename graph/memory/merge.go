package memory

import (
	"mereon/graph"
)

// merge walks several row trees as one, by id, either way.
type merge struct {
	s       *Snapshot
	trees   []tree[uint32]
	cursors []cursor[uint32]
	heap    []int // cursors that are valid, the next one first
	back    bool

	treeRoom   [2]tree[uint32] // for few types nothing is allocated
	cursorRoom [2]cursor[uint32]
	heapRoom   [2]int
}

// add prepares the walk over the rows of all types of a set.
func (m *merge) add(s *Snapshot, types *typeSet) {
	m.s, m.trees = s, m.treeRoom[:0]
	for typ := range s.byType {
		if types.has(uint32(typ)) && s.byType[typ].len() > 0 {
			m.trees = append(m.trees, s.byType[typ])
		}
	}
	if n := len(m.trees); n <= len(m.cursorRoom) {
		m.cursors, m.heap = m.cursorRoom[:n], m.heapRoom[:0]
	} else {
		m.cursors, m.heap = make([]cursor[uint32], n), make([]int, 0, n)
	}
}

// total returns the number of rows of all trees.
func (m *merge) total() (n int) {
	for _, t := range m.trees {
		n += t.len()
	}
	return n
}

// start places the walk behind the cursor, or at the first row; back walks from the last row, or before the cursor.
func (m *merge) start(at *graph.Cursor, back bool) {
	m.heap, m.back = m.heap[:0], back
	for i, t := range m.trees {
		c := &m.cursors[i]
		switch {
		case at == nil && back:
			c.last(t)
		case at == nil:
			c.seek(t, nil)
		default:
			m.seek(c, t, string(at.ID))
		}
		if c.valid() {
			m.heap = append(m.heap, i)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.sift(i)
	}
}

func (m *merge) seek(c *cursor[uint32], t tree[uint32], id string) {
	c.seek(t, m.s.findID(id))
	switch {
	case !m.back && c.valid() && m.s.idOf(c.item()) == id:
		c.next()
	case m.back && c.valid():
		c.prev()
	case m.back:
		c.last(t)
	}
}

func (m *merge) valid() bool { return len(m.heap) > 0 }

func (m *merge) row() uint32 { return m.cursors[m.heap[0]].item() }

func (m *merge) move(back bool) {
	c := &m.cursors[m.heap[0]]
	if back {
		c.prev()
	} else {
		c.next()
	}
	if !c.valid() {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.sift(0)
}

// before says that tree a gives its row before tree b.
func (m *merge) before(a, b int) bool {
	x, y := m.s.idOf(m.cursors[a].item()), m.s.idOf(m.cursors[b].item())
	if m.back {
		return x > y
	}
	return x < y
}

func (m *merge) sift(i int) {
	for {
		kid := 2*i + 1
		if kid >= len(m.heap) {
			return
		}
		if kid+1 < len(m.heap) && m.before(m.heap[kid+1], m.heap[kid]) {
			kid++
		}
		if !m.before(m.heap[kid], m.heap[i]) {
			return
		}
		m.heap[i], m.heap[kid] = m.heap[kid], m.heap[i]
		i = kid
	}
}
