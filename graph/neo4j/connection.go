package neo4j

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"mereon/graph/memory"
	"mereon/schema/fault"
)

// connection is the driver with what this store needs of it: texts of its graph, statements counted, errors coded.
type connection struct {
	driver    driver.DriverWithContext
	options   *Options
	texts     *texts
	bookmarks driver.BookmarkManager
	asked     atomic.Int64
	inUse     sync.RWMutex    // held for reading while a statement or a transaction runs: the driver must not be closed under it
	calls     context.Context // of all calls of the driver, whoever gives them up
	cutAll    context.CancelFunc
}

// asker runs statements: by themselves, or as parts of a transaction.
type asker interface {
	ask(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error)
}

func connect(o *Options) (*connection, error) {
	auth := driver.NoAuth()
	if o.User != "" {
		auth = driver.BasicAuth(o.User, o.Password, "")
	}
	url, certificates := encryption(o)
	d, err := driver.NewDriverWithContext(url, auth, func(c *config.Config) {
		c.MaxConnectionPoolSize = o.Connections
		c.ConnectionAcquisitionTimeout = 20 * time.Second
		c.SocketConnectTimeout = 5 * time.Second
		c.MaxTransactionRetryTime = o.Retry
		c.FetchSize = driver.FetchAll
		c.ConnectionLivenessCheckTimeout = 30 * time.Second
		c.TelemetryDisabled = true
		c.UserAgent = "mereon"
		c.TlsConfig = certificates
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the store's address cannot be used: set store.url")
	}
	c := &connection{driver: d, options: o, texts: newTexts(o.Graph), bookmarks: driver.NewBookmarkManager(driver.BookmarkManagerConfig{})}
	c.calls, c.cutAll = context.WithCancel(context.Background())
	return c, nil
}

// leave closes the driver once nothing uses it any more. What still hangs when ctx ends is cut off.
func (c *connection) leave(ctx context.Context) error {
	free := make(chan struct{})
	go func() { c.inUse.Lock(); close(free) }()
	select {
	case <-free:
	case <-ctx.Done():
		c.cutAll()
		select {
		case <-free:
		case <-time.After(time.Second): // not all can be
		}
	}
	defer c.cutAll()
	return c.driver.Close(ctx)
}

func (c *connection) session(ctx context.Context, mode driver.AccessMode) driver.SessionWithContext {
	return c.driver.NewSession(ctx, driver.SessionConfig{AccessMode: mode, DatabaseName: c.options.Database, BookmarkManager: c.bookmarks, FetchSize: driver.FetchAll})
}

// within bounds what the server does for a statement by what is left of the caller's time.
func within(ctx context.Context) []func(*driver.TransactionConfig) {
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline).Round(time.Millisecond); left > 0 {
			return []func(*driver.TransactionConfig){driver.WithTxTimeout(left + time.Second)}
		}
	}
	return nil
}

func (c *connection) heard(s statement, parameters map[string]any) string {
	if !s.unasked {
		c.asked.Add(1)
	}
	text := c.texts.of(s)
	if c.options.trace != nil {
		c.options.trace(text, parameters)
	}
	return text
}

// once runs one statement in a transaction of its own.
func (c *connection) once(ctx context.Context, mode driver.AccessMode, s statement, parameters map[string]any) ([]*driver.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !c.inUse.TryRLock() {
		return nil, memory.ClosedStore()
	}
	var records []*driver.Record
	options := within(ctx)
	on, cut := c.outlasting(ctx)
	err := aside(ctx, cut, func() (err error) {
		defer c.inUse.RUnlock()
		defer cut()
		records, err = c.run(on, mode, s, parameters, options)
		return err
	})
	if err != nil {
		return nil, err // what comes now is nobody's
	}
	return records, nil
}

func (c *connection) run(ctx context.Context, mode driver.AccessMode, s statement, parameters map[string]any, options []func(*driver.TransactionConfig)) ([]*driver.Record, error) {
	session := c.session(ctx, mode)
	defer session.Close(context.WithoutCancel(ctx))
	result, err := session.Run(ctx, c.heard(s, parameters), parameters, options...)
	if err != nil {
		return nil, err
	}
	return result.Collect(ctx)
}

// ask implements asker for reads that stand alone. What fails in passing is asked again for about
// a second: after a restart of the server several connections may have to be found dead.
func (c *connection) ask(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error) {
	return c.again(ctx, driver.AccessModeRead, s, parameters)
}

func (c *connection) again(ctx context.Context, mode driver.AccessMode, s statement, parameters map[string]any) (records []*driver.Record, err error) {
	for try := range 8 {
		if try > 0 && !pause(ctx, time.Duration(try)*30*time.Millisecond) {
			break
		}
		if records, err = c.once(ctx, mode, s, parameters); err == nil || !passing(err) {
			break
		}
	}
	return records, failed(ctx, err)
}

// pause waits and says whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// texts makes the texts of statements for one graph and keeps them: there are few.
type texts struct {
	graph string
	made  syncMap
}

// statement is a text with places for the graph's name (@), for relationship types (#) and for what must be carried into
// parts that ask for a revision (~), never for values.
type statement struct {
	text    string
	types   string
	returns string // the columns, where the text does not return them itself
	tail    string // what follows the columns: an order, a limit
	unasked bool   // the store asks it by itself
	opens   bool   // it opens a view: $r and $u are what it finds published
	lists   bool   // its rows come as one list
	much    bool   // it may return much: no view is opened with it
}

// full is the whole text. What opens a view returns one record: what is published, and the rows.
func (s statement) full() string {
	switch {
	case s.returns == "":
		return s.text
	case s.lists && !s.opens:
		return "RETURN COLLECT {\n" + s.text + "\nRETURN [" + s.returns + "]" + s.tail + " }"
	case !s.opens:
		return s.text + "\nRETURN " + s.returns + s.tail
	}
	return matchPublished + "\nWITH p.revision AS atRevision, p.revision + 2305843009213693952 AS endedBy, l._since AS layoutSince, coalesce(m.entities, 0) AS entities, m.revision AS head\nRETURN atRevision, layoutSince, entities, head, COLLECT {\n" +
		strings.NewReplacer("<= $r", "<= atRevision", "> $u", "> endedBy", "~", "atRevision, endedBy, ").Replace(s.text) + "\nRETURN [" + s.returns + "]" + s.tail + " }"
}

func newTexts(graph string) *texts { return &texts{graph: graph} }

func (t *texts) of(s statement) string {
	if text, ok := t.made.load(s); ok {
		return text
	}
	text := strings.NewReplacer("@", t.graph, "#", s.types, "~", "").Replace(s.full())
	t.made.store(s, text)
	return text
}
