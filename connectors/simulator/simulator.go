package simulator

import (
	"context"
	_ "embed"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/schema/document"
)

//go:embed sample.yaml
var sample string

// Kind returns the kind "simulator".
func Kind() connectors.Kind {
	return connectors.Kind{Name: "simulator", Sample: sample, Open: open}
}

func open(_ context.Context, c connectors.Config) (connectors.Connector, error) {
	var f config
	if problems := c.Decode(&f); problems.Err() != nil {
		return nil, problems
	}
	file := c.File
	if f.File != "" {
		if len(f.Series) > 0 {
			d := &document.Decoder{File: c.File}
			d.Wrong(c.Node, "Keep one of them.", "\"file\" and \"series\" are both given")
			return nil, d.Problems
		}
		var err error
		if file, err = c.Read(f.File); err != nil {
			return nil, err
		}
		f = config{}
		if problems := document.Decode(file, &f); problems.Err() != nil {
			return nil, problems
		}
	}
	s, problems := compile(&f, file)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	s.now = c.Now
	return s, nil
}

// Simulator is one configured plant. It is safe for concurrent use.
type Simulator struct {
	seed       uint64
	staleAfter time.Duration
	outages    []disturbance
	templates  []*template
	revision   string
	now        func() time.Time

	mu     sync.RWMutex
	series map[string]*series // by reference, bound when first asked for
}

var (
	_ connectors.Connector = (*Simulator)(nil)
	_ connectors.Watcher   = (*Simulator)(nil)
	_ connectors.Ager      = (*Simulator)(nil)
)

// maxBound is how many references are kept bound; more are bound anew.
const maxBound = 200_000

// Describe lists the templates.
func (s *Simulator) Describe(context.Context) (connectors.Descriptor, error) {
	offer := &connectors.SeriesOffer{History: true, StaleAfter: s.staleAfter}
	for _, t := range s.templates {
		offer.Keys = append(offer.Keys, t.source)
	}
	return connectors.Descriptor{Revision: s.revision, Series: offer}, nil
}

// Plan leaves buckets to the engine.
func (s *Simulator) Plan(_ context.Context, w connectors.Want) (connectors.Accept, error) {
	if w.Kind == connectors.Records {
		return connectors.Accept{}, &connectors.Failure{Status: connectors.Unsupported, Message: "a simulator has series, no collections"}
	}
	return connectors.Accept{Want: w, Residual: w.Where, Explain: "computed"}, nil
}

// StaleAfter is the limit of the file, or three periods of a series that is measured less often.
func (s *Simulator) StaleAfter(key string) time.Duration {
	if b := s.bind(key); b != nil {
		return max(s.staleAfter, time.Duration(3*b.period))
	}
	return s.staleAfter
}

// Close does nothing: pushes end with their context.
func (s *Simulator) Close(context.Context) error { return nil }

// bind returns the series of a reference, nil when no template fits.
func (s *Simulator) bind(ref string) *series {
	s.mu.RLock()
	bound, ok := s.series[ref]
	s.mu.RUnlock()
	if ok {
		return bound
	}
	bound = s.make(ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.series) >= maxBound {
		clear(s.series)
	}
	if first, ok := s.series[ref]; ok {
		return first
	}
	s.series[ref] = bound
	return bound
}

func (s *Simulator) make(ref string) *series {
	for _, t := range s.templates {
		values, ok := t.match(ref)
		if !ok {
			continue
		}
		key := joined(values)
		d := t.general
		if own := t.keys[key]; own != nil {
			d = own
		}
		b := &series{definition: d, place: hash(s.seed, "place", key), own: hash(s.seed, "own", ref)}
		for _, input := range d.inputs {
			b.inputs = append(b.inputs, s.bind(t.insert(input, values)))
		}
		return b
	}
	return nil
}

func revisionOf(c *config) string {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(c.Series)) {
		if own := c.Series[name]; own != nil { // one that is empty is reported where it is compiled
			fmt.Fprintf(h, "%s %+v;", name, *own)
		}
	}
	return fmt.Sprintf("%x", h.Sum64())
}
