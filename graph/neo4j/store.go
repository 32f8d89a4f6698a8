package neo4j

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

var (
	_ graph.Store  = (*Store)(nil)
	_ record.Feed  = (*Store)(nil)
	_ graph.Holder = (*Store)(nil)
)

// Store is the graph.Store in a Neo4j database. Several processes may have it open at once.
type Store struct {
	*connection
	options  Options
	layouts  layouts
	news     memory.Bell
	prepared atomic.Bool
	making   sync.Mutex // held by the one that prepares

	queue    *memory.Queue[*request]
	memory   remembered
	stop     chan struct{}
	tips     chan struct{} // says that floor was raised; closed when the writer has ended
	floor    atomic.Int64  // the newest revision committed here, while it may not be published
	running  sync.WaitGroup
	closing  sync.Once
	closed   atomic.Bool
	live     context.Context // ends when the store is closed
	end      context.CancelFunc
	closeErr error
	watchers atomic.Int32
	holder   string   // who this store is when it holds others back
	samples  []sample // of the published revision, for the keeper alone
}

// Open opens the graph and prepares it where it is new. Errors: Invalid for options that cannot be and for a graph that a
// newer version wrote, Unavailable when the server cannot be reached (unless the options are patient), refuses the user,
// or has no such database.
func Open(ctx context.Context, options Options) (*Store, error) {
	options.EnsureDefaults()
	if err := options.Validate(); err != nil {
		return nil, err
	}
	s := &Store{options: options, holder: newToken(), stop: make(chan struct{}), queue: memory.NewQueue[*request](options.MaxGroup), tips: make(chan struct{}, 1)}
	s.queue.Gather, s.queue.Alone = gather, alone
	var err error
	if s.connection, err = connect(&s.options); err != nil {
		return nil, err
	}
	s.live, s.end = context.WithCancel(context.Background())
	if err := s.ready(ctx); err != nil && !(options.Patient && fault.CodeOf(err) == fault.Unavailable) {
		s.end()
		go s.leave(context.WithoutCancel(ctx)) // a statement that was given up may still run
		return nil, err
	}
	s.running.Add(3)
	go s.write()
	go s.publishTips()
	go s.keep()
	return s, nil
}

// ready refuses what is asked of a closed store and prepares the graph if that could not be done before.
func (s *Store) ready(ctx context.Context) error {
	if s.closed.Load() {
		return memory.ClosedStore()
	}
	if s.prepared.Load() {
		return nil
	}
	s.making.Lock()
	defer s.making.Unlock()
	if s.prepared.Load() {
		return nil
	}
	if err := ended(ctx); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.mend(ctx); err != nil {
		return err
	}
	s.prepared.Store(true)
	return nil
}

// Statements returns how many statements were sent to the server so far, without those that look for news now and then.
func (s *Store) Statements() int64 { return s.asked.Load() }

// Close implements graph.Store: it lets the change sets that are being written end, ends watches, then leaves the server.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.closed.Store(true)
		close(s.stop)
		s.queue.Close()
		s.running.Wait()
		s.end()
		s.news.Ring()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.leave(ctx); err != nil {
			s.closeErr = failed(ctx, err)
		}
	})
	return s.closeErr
}

// matchPublished reads the newest revision that is whole: what is published or was committed here. With it come its layout
// and how many entities there are about then. The revision is read once, and before the layouts: it may move while the
// statement runs.
const matchPublished = `MATCH (p:@Meta {k: 'published'}) MATCH (m:@Meta {k: 'head'})
WITH {revision: CASE WHEN p.revision < $floor THEN $floor ELSE p.revision END} AS p, m
MATCH (l:@Layout) WHERE l._since <= p.revision AND l._until > p.revision + 2305843009213693952`

// publication is the newest revision that is whole.
type publication struct {
	revision graph.Revision
	layout   graph.Revision // since when its layout holds
	entities int            // how many there are, or were or will be a commit away
	head     graph.Revision // the newest that is written: it may be about to be published
}

func publicationOf(values []any) publication {
	number := func(i int) int64 { n, _ := values[i].(int64); return n }
	return publication{graph.Revision(number(0)), graph.Revision(number(1)), int(number(2)), graph.Revision(number(3))}
}

func (s *Store) published(ctx context.Context) (publication, error) {
	records, err := s.again(ctx, driver.AccessModeWrite, statement{text: matchPublished, returns: "p.revision, l._since, coalesce(m.entities, 0), m.revision"}, map[string]any{"floor": s.floor.Load()})
	if err != nil {
		return publication{}, err
	}
	if len(records) == 0 {
		return publication{}, lostHead()
	}
	return publicationOf(records[0].Values), nil
}

// layouts keeps the layouts read last, by the revision since which they hold.
type layouts struct {
	mu   sync.Mutex
	kept map[graph.Revision]*graph.Layout
	last *graph.Layout
}
