package memory

import "sync"

// marks remembers a small number per row and forgets all of them at once.
type marks struct {
	words []uint32
	epoch uint32 // a word below is unset; set words are epoch + number
}

// marksMax is the greatest number a mark can hold.
const marksMax = 1 << 24

// reset forgets everything and makes room for rows.
func (m *marks) reset(rows uint32) {
	if len(m.words) < int(rows) {
		m.words, m.epoch = make([]uint32, rows+rows/8+64), 0
	}
	m.epoch += marksMax
	if m.epoch > 1<<32-1-2*marksMax {
		clear(m.words)
		m.epoch = marksMax
	}
}

func (m *marks) has(row uint32) bool { return m.words[row] >= m.epoch }

// get returns the number set for row, or false.
func (m *marks) get(row uint32) (uint32, bool) {
	w := m.words[row]
	return w - m.epoch, w >= m.epoch
}

func (m *marks) set(row, number uint32) { m.words[row] = m.epoch + number }

// marksPool keeps a few marks for the next walk, so that a walk allocates nothing.
type marksPool struct {
	mu   sync.Mutex
	idle []*marks
}

func (p *marksPool) take(rows uint32) *marks {
	p.mu.Lock()
	var m *marks
	if n := len(p.idle); n > 0 {
		m, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	p.mu.Unlock()
	if m == nil {
		m = &marks{}
	}
	m.reset(rows)
	return m
}

func (p *marksPool) give(m *marks) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < 4 {
		p.idle = append(p.idle, m)
	}
}
