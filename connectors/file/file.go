package file

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"mereon/connectors"
)

//go:embed sample.yaml
var sample string

// Kind returns the kind "file".
func Kind() connectors.Kind {
	return connectors.Kind{Name: "file", Sample: sample, Open: open}
}

// Connector reads the files of one configuration. It is safe for concurrent use.
type Connector struct {
	series     *source // nil: none
	tables     map[string]*source
	replay     replay
	staleAfter time.Duration
	now        func() time.Time

	cancel context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	pushes map[*push]struct{}
}

var (
	_ connectors.Connector = (*Connector)(nil)
	_ connectors.Watcher   = (*Connector)(nil)
	_ connectors.Clock     = (*Connector)(nil)
	_ connectors.Reporter  = (*Connector)(nil)
	_ connectors.Checker   = (*Connector)(nil)
	_ connectors.Reviser   = (*Connector)(nil)
)

// open checks the configuration and begins to index the files; a file that cannot be read is told by Fetch and Check.
func open(_ context.Context, c connectors.Config) (connectors.Connector, error) {
	f, problems := decode(c)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.now, f.pushes = c.Now, map[*push]struct{}{}
	for _, s := range f.sources() {
		s.changed = f.wake
		f.work.Go(func() { s.follow(ctx) })
	}
	return f, nil
}

func (f *Connector) sources() (all []*source) {
	if f.series != nil {
		all = append(all, f.series)
	}
	for _, name := range slices.Sorted(maps.Keys(f.tables)) {
		all = append(all, f.tables[name])
	}
	return all
}

// Close ends the watching of the files and closes them.
func (f *Connector) Close(context.Context) error {
	f.cancel()
	f.work.Wait()
	for _, s := range f.sources() {
		s.close()
	}
	return nil
}

// Check reads all files once.
func (f *Connector) Check(ctx context.Context) error {
	for _, s := range f.sources() {
		i, err := s.current(ctx)
		if err != nil {
			return err
		}
		i.release()
	}
	return nil
}

// Describe lists collections with the types of their columns, and the series. It waits for the first index.
func (f *Connector) Describe(ctx context.Context) (connectors.Descriptor, error) {
	var d connectors.Descriptor
	var stamps []string
	if f.series != nil {
		i, err := f.series.current(ctx)
		if err != nil {
			return d, err
		}
		defer i.release()
		stamps = append(stamps, i.stamp)
		d.Series = &connectors.SeriesOffer{History: true, StaleAfter: f.staleAfter, Keys: i.examples()}
	}
	for _, name := range slices.Sorted(maps.Keys(f.tables)) {
		i, err := f.tables[name].current(ctx)
		if err != nil {
			return d, err
		}
		defer i.release()
		stamps = append(stamps, i.stamp)
		d.Collections = append(d.Collections, i.collection(name))
	}
	d.Revision = strings.Join(stamps, " ")
	return d, nil
}

// Revision tells that a file is another than the one that was described.
func (f *Connector) Revision() string {
	var stamps []string
	for _, s := range f.sources() {
		stamps = append(stamps, s.stamp())
	}
	return strings.Join(stamps, " ")
}

// Plan filters here and, without an order, limits here too.
func (f *Connector) Plan(_ context.Context, w connectors.Want) (connectors.Accept, error) {
	if w.Kind != connectors.Records {
		if f.series == nil {
			return connectors.Accept{}, fmt.Errorf("this file connector has collections, no series")
		}
		return connectors.Accept{Want: w, Explain: "by index"}, nil
	}
	if f.tables[w.Collection] == nil {
		return connectors.Accept{}, fmt.Errorf("no collection %q; there is %v", w.Collection, slices.Sorted(maps.Keys(f.tables)))
	}
	a := connectors.Accept{Want: w, LimitDone: len(w.Order) == 0, Explain: "rows are read by index of the key columns, filtered while reading"}
	if len(w.KeyColumns) == 0 {
		a.Explain = "all rows are read and filtered while reading"
	}
	return a, nil
}

// Fetch reads rows.
func (f *Connector) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	if a.Want.Kind == connectors.Records {
		s := f.tables[a.Want.Collection]
		if s == nil {
			return &connectors.Failure{Status: connectors.Unsupported, Message: "no collection " + a.Want.Collection}
		}
		i, err := s.current(ctx)
		if err != nil {
			return err
		}
		defer i.release()
		return i.records(ctx, a.Want, b.Keys, out)
	}
	i, err := f.series.current(ctx)
	if err != nil {
		return err
	}
	defer i.release()
	if a.Want.Kind == connectors.History {
		return f.history(ctx, i, a.Want, b, out)
	}
	return f.latest(ctx, i, b, out)
}

// Report tells how many rows could not be read.
func (f *Connector) Report() (problem string, since time.Time) {
	for _, s := range f.sources() {
		if text, at := s.report(); text != "" && problem == "" {
			problem, since = text, at
		}
	}
	return problem, since
}
