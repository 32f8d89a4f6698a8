package live

import (
	"slices"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
)

// kind says what a cell holds.
type kind uint8

const (
	storedCell   kind = iota // a value of the graph
	seriesCell               // a reading of a reference of a connector
	liveCell                 // a live property: a series judged by the model
	computedCell             // a computed property
	routedCell               // the value of another entity, across relationships
	countedCell              // a number of records or related entities
	ruleCell                 // a rule set of an entity
	brokenCell               // a path that leads nowhere
)

// cellKey identifies a cell: of an entity by path, by rule set, or by rule set and counted input; a series by connector and reference.
type cellKey struct {
	entity graph.EntityID
	path   schema.Path // of a property; of a counted input
	set    string
	series seriesKey
}

// maxLevel bounds how many cells lie on the way from a source to a result: computed properties of computed properties.
const maxLevel = 63

// cell is one thing kept current. It lives as long as somebody uses it.
type cell struct {
	key     cellKey
	kind    kind
	level   int
	uses    int // cells, watches, leases and standing that need it
	deps    []*cell
	users   []*cell
	watches []watching
	queued  bool // it is in dirty
	solved  bool
	lost    bool      // released; it may still be in a list
	wake    time.Time // the earliest timer set, zero for none

	property property
	rule     *ruleState
	count    *countState
	series   *seriesState

	reading
}

// reading is what is known of a cell now.
type reading struct {
	value   schema.Value // null unless status is OK or STALE
	unit    string
	time    time.Time
	quality connectors.Quality
	status  connectors.Status
	why     string
}

// same says whether r and o tell a watcher the same.
func (r *reading) same(o *reading) bool {
	return r.status == o.status && r.quality == o.quality && r.unit == o.unit && r.why == o.why && r.time.Equal(o.time) &&
		r.value.Kind() == o.value.Kind() && schema.Equal(r.value, o.value)
}

// usable is the value for rules and computed properties: null when it is not fresh.
func (r *reading) usable() schema.Value {
	if r.status != connectors.OK {
		return schema.Null
	}
	return r.value
}

// ruleState is the running state of a rule cell.
type ruleState struct {
	set     *rules.Set
	params  []schema.Value
	problem string // a wrong override
	running rules.Running
	values  []schema.Value
	alarm   *activeAlarm
}

// acquire returns the cell of key, made when there is none, and counts one more use.
func (h *Hub) acquire(key cellKey) *cell {
	c := h.cells[key]
	if c == nil {
		c = &cell{key: key, reading: pending()}
		h.cells[key] = c
		switch {
		case key.series != seriesKey{}:
			c.kind, c.solved = seriesCell, true
			h.series.add(h, c)
		default:
			h.unsolved = append(h.unsolved, c)
			h.recordOf(key.entity).cells[c] = struct{}{}
		}
	}
	c.uses++
	return c
}

// release takes one use away; a cell that nobody uses is forgotten with what only it needed.
func (h *Hub) release(c *cell) {
	if c.uses--; c.uses > 0 {
		return
	}
	c.lost = true
	delete(h.cells, c.key)
	h.drop(c)
	for _, d := range c.deps {
		d.removeUser(c)
		h.release(d)
	}
	c.deps = nil
	switch c.kind {
	case seriesCell:
		h.series.remove(h, c)
		return
	case countedCell:
		h.counts.remove(c)
	}
	h.leave(c)
}

// leave takes the cell from its entity's record.
func (h *Hub) leave(c *cell) {
	r := h.records[c.key.entity]
	if r == nil {
		return
	}
	delete(r.cells, c)
	if len(r.cells) == 0 {
		delete(h.records, c.key.entity)
	}
}

func (c *cell) removeUser(u *cell) {
	if i := slices.Index(c.users, u); i >= 0 {
		last := len(c.users) - 1
		c.users[i] = c.users[last]
		c.users = c.users[:last]
	}
}

// link gives the cell new dependencies and lets the old ones go, the new ones first so that shared ones stay.
func (h *Hub) link(c *cell, keys []cellKey) {
	fresh := make([]*cell, len(keys))
	for i, k := range keys {
		fresh[i] = h.acquire(k)
	}
	old := c.deps
	c.deps = fresh
	for _, d := range old {
		d.removeUser(c)
	}
	for _, d := range fresh {
		d.users = append(d.users, c)
	}
	for _, d := range old {
		h.release(d)
	}
}

// mark queues the cell for the next evaluation.
func (h *Hub) mark(c *cell) {
	if !c.queued && !c.lost {
		c.queued = true
		h.dirty[c.level] = append(h.dirty[c.level], c)
	}
}
