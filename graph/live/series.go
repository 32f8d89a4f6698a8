package live

import (
	"sync"

	"mereon/connectors"
)

// seriesKey names a series: a reference of a connector.
type seriesKey struct{ connector, ref string }

// seriesState is the raw reading of a series.
type seriesState struct {
	raw   connectors.Reading
	known bool
	group *seriesGroup
}

// seriesGroup is one running watch on a source: references that were needed at the same time.
type seriesGroup struct {
	connector string
	cells     map[string]*cell
	begun     int // references when it began
	stop      func()
}

// seriesSet is all series that are kept current.
type seriesSet struct {
	waiting []*cell // not watched yet
	groups  map[*seriesGroup]struct{}
	idle    []func() // watches to be stopped outside of the lock
	begun   int
}

func (s *seriesSet) add(h *Hub, c *cell) {
	c.series = &seriesState{}
	c.reading = pending()
	s.waiting = append(s.waiting, c)
	h.ring()
}

// remove forgets a series. A group of which less than half is needed makes its rest wait for a new, smaller one.
func (s *seriesSet) remove(h *Hub, c *cell) {
	g := c.series.group
	if g == nil {
		return
	}
	delete(g.cells, c.key.series.ref)
	if len(g.cells)*2 > g.begun {
		return
	}
	s.idle = append(s.idle, g.stop)
	delete(s.groups, g)
	for _, rest := range g.cells {
		rest.series.group = nil
		s.waiting = append(s.waiting, rest)
	}
	h.ring()
}

// begin watches everything that waits, one watch for each connector, and then stops what is no longer needed.
func (s *seriesSet) begin(h *Hub) {
	byConnector := map[string]*seriesGroup{}
	for _, c := range s.waiting {
		if c.lost || c.series.group != nil {
			continue
		}
		g := byConnector[c.key.series.connector]
		if g == nil {
			g = &seriesGroup{connector: c.key.series.connector, cells: map[string]*cell{}}
			byConnector[g.connector] = g
		}
		g.cells[c.key.series.ref] = c
		c.series.group = g
	}
	s.waiting = nil
	for _, g := range byConnector {
		h.watchSource(g)
	}
	for _, stop := range s.idle {
		stop()
	}
	s.idle = nil
}

func (h *Hub) watchSource(g *seriesGroup) {
	refs := make([]string, 0, len(g.cells))
	for ref := range g.cells {
		refs = append(refs, ref)
	}
	if h.series.groups == nil {
		h.series.groups = map[*seriesGroup]struct{}{}
	}
	h.series.groups[g] = struct{}{}
	g.begun = len(refs)
	h.series.begun++
	connector := g.connector
	g.stop = h.options.Source.Watch(connector, refs, func(ref string, r connectors.Reading) {
		if h.inbox.put(seriesKey{connector, ref}, r) {
			h.ring()
		}
	})
}

func (s *seriesSet) close() {
	for g := range s.groups {
		g.stop()
	}
	s.groups = nil
	for _, stop := range s.idle {
		stop()
	}
	s.idle = nil
}

// inbox holds the newest reading of every series since the last evaluation.
type inbox struct {
	mu      sync.Mutex
	arrived map[seriesKey]connectors.Reading
	spare   map[seriesKey]connectors.Reading
}

func (i *inbox) open() {
	i.arrived, i.spare = map[seriesKey]connectors.Reading{}, map[seriesKey]connectors.Reading{}
}

// put keeps a reading; it returns true when the inbox was empty.
func (i *inbox) put(key seriesKey, r connectors.Reading) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	first := len(i.arrived) == 0
	i.arrived[key] = r
	return first
}

// take empties the inbox; the map is valid until the next take.
func (i *inbox) take() map[seriesKey]connectors.Reading {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := i.arrived
	i.arrived, i.spare = i.spare, out
	clear(i.arrived)
	return out
}
