package connectors

import (
	"fmt"
	"sync"
	"time"

	"mereon/schema"
)

// gate stands between a connector and what takes its answers: it refuses keys that were not asked for, stops a flood, and
// lets nothing through once it is closed.
type gate struct {
	mu      sync.Mutex
	to      Sink
	full    func() bool
	keys    int
	enough  func() // ends the request
	closed  bool
	flooded bool
	lie     string
	asked   string
}

// Asked implements Teller: the first thing that is asked is remembered.
func (g *gate) Asked(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed && g.asked == "" {
		g.asked = text
	}
}

func (g *gate) pass(key int, send func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed || g.flooded:
	case key < 0 || key >= g.keys:
		g.lie = fmt.Sprintf("BAD_DATA: the source answered for key %d of %d, which was not asked for", key, g.keys)
	default:
		if send(); g.full() {
			g.flooded = true
			g.enough()
		}
	}
}

// close ends what comes through; nothing is written afterwards.
func (g *gate) close() (flooded bool, lie string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.flooded, g.lie
}

func (g *gate) Measurement(key int, m Measurement) {
	g.pass(key, func() { g.to.Measurement(key, m) })
}

func (g *gate) Row(key int, cells []schema.Value) { g.pass(key, func() { g.to.Row(key, cells) }) }

func (g *gate) Total(key, count int) { g.pass(key, func() { g.to.Total(key, count) }) }

func (g *gate) Status(key int, s Status, why string) {
	g.pass(key, func() { g.to.Status(key, s, why) })
}

func (g *gate) Truncated(key int, until time.Time) {
	g.pass(key, func() { g.to.Truncated(key, until) })
}
