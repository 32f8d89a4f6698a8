package postgres

import (
	"context"
	_ "embed"
	"sync"

	"mereon/connectors"
)

//go:embed sample.yaml
var sample string

// Kind returns the kind "postgres".
func Kind() connectors.Kind {
	return connectors.Kind{Name: "postgres", Sample: sample, Open: open}
}

// Connector asks one database. It is safe for concurrent use.
type Connector struct {
	settings *settings
	database *database

	ctx    context.Context // ends with the connector
	cancel context.CancelFunc
	work   sync.WaitGroup // watches

	mu    sync.Mutex
	offer *offer // the last one read; nil: none
	stale bool   // the database has changed since
}

var (
	_ connectors.Connector = (*Connector)(nil)
	_ connectors.Checker   = (*Connector)(nil)
	_ connectors.Reviser   = (*Connector)(nil)
)

// open checks the configuration; a database that cannot be reached is told by Describe, Fetch and Check.
func open(_ context.Context, config connectors.Config) (connectors.Connector, error) {
	s, problems := decode(config)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	d, err := openDatabase(s)
	if err != nil {
		return nil, err
	}
	c := &Connector{settings: s, database: d}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if s.channel != "" {
		return &pushing{c}, nil
	}
	return c, nil
}

// Close ends watches and waits for them and for running statements.
func (c *Connector) Close(ctx context.Context) error {
	c.cancel()
	err := c.database.close(ctx)
	done := make(chan struct{})
	go func() {
		c.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Describe reads the catalog of the database.
func (c *Connector) Describe(ctx context.Context) (connectors.Descriptor, error) {
	o, err := c.read(ctx)
	if err != nil {
		return connectors.Descriptor{}, err
	}
	d := connectors.Descriptor{Revision: o.catalog.revision, BatchWidth: batchWidth, Joins: true}
	if len(c.settings.series) > 0 {
		d.Series = &connectors.SeriesOffer{History: true, StaleAfter: c.settings.staleAfter,
			Aggregates: []connectors.Aggregate{connectors.Avg, connectors.Min, connectors.Max, connectors.Sum, connectors.Count, connectors.First, connectors.Last}}
		for _, s := range o.series {
			d.Series.Keys = append(d.Series.Keys, s.ref.text)
		}
	}
	for _, name := range o.names {
		d.Collections = append(d.Collections, o.collections[name].describe())
	}
	return d, nil
}

// batchWidth is the highest number of keys in one statement.
const batchWidth = 10_000

// read asks for the catalog and keeps what the connector offers by it.
func (c *Connector) read(ctx context.Context) (*offer, error) {
	read, err := readCatalog(ctx, c.database, c.settings.schemas, c.settings.zone)
	if err != nil {
		return nil, c.classify(ctx, err)
	}
	o := c.settings.offerOf(read)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offer, c.stale = o, false
	return o, nil
}

// current is the last offer, read when there is none or the database has changed.
func (c *Connector) current(ctx context.Context) (*offer, error) {
	c.mu.Lock()
	o, stale := c.offer, c.stale
	c.mu.Unlock()
	if o != nil && !stale {
		return o, nil
	}
	return c.read(ctx)
}

func (c *Connector) known() *offer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offer
}

// outdated says that the database is not as it was described.
func (c *Connector) outdated() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale = true
}

// Revision tells that the database is another than the one that was described.
func (c *Connector) Revision() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.offer == nil:
		return ""
	case c.stale:
		return c.offer.catalog.revision + " changed"
	}
	return c.offer.catalog.revision
}

// Plan writes the statement of a question for records. The first plan of all reads the catalog, when nothing has yet.
func (c *Connector) Plan(ctx context.Context, w connectors.Want) (connectors.Accept, error) {
	o := c.known()
	if o == nil {
		var err error
		if o, err = c.read(ctx); err != nil {
			return connectors.Accept{}, err
		}
	}
	switch {
	case w.Kind == connectors.Records && w.Grouped():
		return o.planGroups(w)
	case w.Kind == connectors.Records:
		return o.planRecords(w)
	}
	return c.planSeries(w)
}

// Fetch makes one round trip.
func (c *Connector) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	if st, ok := a.Handle.(*statement); ok {
		return c.records(ctx, st, b, out)
	}
	o, err := c.current(ctx)
	if err != nil {
		return err
	}
	return c.measurements(ctx, o, a.Want, b, out)
}
