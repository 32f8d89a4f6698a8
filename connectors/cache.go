package connectors

import "time"

// cacheCost bounds what one cache holds: readings, measurements or cells.
const cacheCost = 400_000

// entry is what is known of one key of one question.
type entry[T any] struct {
	value   T
	known   bool      // value is the last good one
	fresh   time.Time // value may be served until then
	flight  *flight[T]
	index   int // in flight
	cost    int
	visited uint64 // the last question that named this key, to find repeated keys
	first   int    // where that question named it first
}

// cache holds what was answered a short time ago, so that others who ask the same need no request. It is guarded by the
// lock of its lane.
type cache[T any] struct {
	ttl     time.Duration
	keep    bool // keep the last value beyond ttl, to tell its time when the source fails
	cost    func(T) int
	entries map[string]*entry[T]
	total   int
}

// get returns the entry of a name, a new one when there is none.
func (c *cache[T]) get(name []byte) *entry[T] {
	e := c.entries[string(name)]
	if e == nil {
		e = &entry[T]{}
		c.entries[string(name)] = e
	}
	return e
}

// put stores an answer; now is the wall clock.
func (c *cache[T]) put(e *entry[T], value T, now time.Time) {
	cost := c.cost(value)
	if cost > cacheCost/4 {
		return
	}
	c.total += cost - e.cost
	e.value, e.known, e.fresh, e.cost = value, true, now.Add(c.ttl), cost
}

// drop forgets that an answer is fresh; its last value stays known.
func (c *cache[T]) drop(name string) {
	if e := c.entries[name]; e != nil {
		e.fresh = time.Time{}
	}
}

// sweep makes room: first what is no longer fresh, then anything, in the arbitrary order of the map.
func (c *cache[T]) sweep(now time.Time) {
	if c.total <= cacheCost && len(c.entries) <= cacheCost {
		return
	}
	for _, freshToo := range []bool{false, true} {
		for name, e := range c.entries {
			if c.total <= cacheCost*3/4 && len(c.entries) <= cacheCost*3/4 {
				return
			}
			if e.flight == nil && (freshToo || now.After(e.fresh)) {
				c.total -= e.cost
				delete(c.entries, name)
			}
		}
	}
}

// expire forgets what is no longer fresh, unless last values are kept.
func (c *cache[T]) expire(now time.Time) {
	if c.keep {
		return
	}
	for name, e := range c.entries {
		if e.flight == nil && now.After(e.fresh) {
			c.total -= e.cost
			delete(c.entries, name)
		}
	}
}
