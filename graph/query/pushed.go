package query

import (
	"slices"
	"sync"

	"mereon/connectors"
)

// pushedReadings keeps the newest reading of every series that a live query has asked for.
type pushedReadings struct {
	mu      sync.Mutex
	wanted  map[string][]string // connector -> references of the last run, sorted
	watched map[string][]string
	stops   map[string]func()
	latest  map[[2]string]connectors.Reading
	changed func()
}

func newPushedReadings() *pushedReadings {
	return &pushedReadings{
		wanted: map[string][]string{}, watched: map[string][]string{}, stops: map[string]func(){},
		latest: map[[2]string]connectors.Reading{},
	}
}

// want notes that references are used, and returns what is known of each; ok says all are.
func (p *pushedReadings) want(connector string, refs []string) ([]connectors.Reading, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted[connector] = append(p.wanted[connector], refs...)
	out := make([]connectors.Reading, len(refs))
	for i, ref := range refs {
		r, ok := p.latest[[2]string{connector, ref}]
		if !ok {
			return nil, false
		}
		out[i] = r
	}
	return out, true
}

// watch makes the watches those of the last run: one per connector, renewed only when its references changed.
func (p *pushedReadings) watch(source connectors.Source) {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = map[string][]string{}
	p.mu.Unlock()
	for connector, refs := range wanted {
		slices.Sort(refs)
		wanted[connector] = slices.Compact(refs)
	}
	for connector, stop := range p.stops {
		if !slices.Equal(wanted[connector], p.watched[connector]) {
			stop()
			delete(p.stops, connector)
			p.forget(connector, wanted[connector])
		}
	}
	for connector, refs := range wanted {
		if p.stops[connector] == nil {
			p.watched[connector] = refs
			p.stops[connector] = source.Watch(connector, refs, func(ref string, r connectors.Reading) {
				p.mu.Lock()
				p.latest[[2]string{connector, ref}] = r
				p.mu.Unlock()
				p.changed()
			})
		}
	}
}

// forget drops what is known of references that are no longer watched.
func (p *pushedReadings) forget(connector string, kept []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.latest {
		if _, keep := slices.BinarySearch(kept, key[1]); key[0] == connector && !keep {
			delete(p.latest, key)
		}
	}
}

func (p *pushedReadings) close() {
	for _, stop := range p.stops {
		stop()
	}
}
