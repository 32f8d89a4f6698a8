package live

import (
	"container/heap"
	"time"
)

// timers wake cells at their time, earliest first. A cell has at most one timer that is not later than another.
type timers struct{ heap timerHeap }

type timer struct {
	at   time.Time
	cell *cell // nil: only wakes the loop
}

func (t *timers) add(at time.Time, c *cell) {
	heap.Push(&t.heap, timer{at, c})
}

func (t *timers) next() (time.Time, bool) {
	if len(t.heap) == 0 {
		return time.Time{}, false
	}
	return t.heap[0].at, true
}

// due takes out the timers whose time has come.
func (t *timers) due(now time.Time, on func(*cell)) {
	for len(t.heap) > 0 && !t.heap[0].at.After(now) {
		on(heap.Pop(&t.heap).(timer).cell)
	}
}

type timerHeap []timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)        { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = timer{}
	*h = old[:len(old)-1]
	return last
}

// wakeAt evaluates the cell again at a time; an earlier timer of it is enough, since that evaluation sets the next.
func (h *Hub) wakeAt(c *cell, at time.Time) {
	if !c.wake.IsZero() && !at.Before(c.wake) {
		return
	}
	c.wake = at
	h.timers.add(at, c)
}

// expire queues the cells whose timers are due and ends leases.
func (h *Hub) expire(now time.Time) {
	h.timers.due(now, func(c *cell) {
		if c != nil && !c.lost {
			c.wake = time.Time{}
			h.mark(c)
		}
	})
	h.endLeases(now)
}
