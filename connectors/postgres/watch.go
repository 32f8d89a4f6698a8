package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"mereon/connectors"
	"mereon/schema"
)

// pushing is a connector whose database tells new measurements on a channel (LISTEN). The payload of a notification is a
// reference, a JSON list of references, or empty for all that are watched; the values are then read.
type pushing struct {
	*Connector
}

var _ connectors.Watcher = (*pushing)(nil)

const (
	listenAgain     = 200 * time.Millisecond
	listenAgainMost = 10 * time.Second
	gather          = 20 * time.Millisecond // notifications that come together are read together
	readTime        = 10 * time.Second
)

// watch is one running watch. Keys are read when they are added and when they are told.
type watch struct {
	of  *Connector
	out connectors.WatchSink

	mu   sync.Mutex
	keys map[string]bool
	due  map[string]bool // to be read
	all  bool            // everything is to be read
	wake chan struct{}
}

// Watch listens until ctx ends, or the connector is closed. A lost connection is told and made again.
func (p *pushing) Watch(ctx context.Context, out connectors.WatchSink) (connectors.WatchSet, error) {
	w := &watch{of: p.Connector, out: out, keys: map[string]bool{}, due: map[string]bool{}, wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.ctx, cancel)
	context.AfterFunc(ctx, func() { stop() })
	conn, err := p.listen(ctx)
	if err != nil {
		cancel()
		return nil, p.classify(ctx, err)
	}
	p.work.Go(func() { w.listen(ctx, conn) })
	p.work.Go(func() { w.read(ctx) })
	return w, nil
}

// listen opens a connection of its own, beside the pool.
func (c *Connector) listen(ctx context.Context) (*pgx.Conn, error) {
	if c.settings.wrong != "" {
		return nil, &connectors.Failure{Status: connectors.Unavailable, Message: c.settings.wrong}
	}
	config := c.database.pool.Config().ConnConfig
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.PgConn().Exec(ctx, "LISTEN "+quote(c.settings.channel)).ReadAll(); err != nil {
		return nil, closing(conn, err)
	}
	return conn, nil
}

func closing(conn *pgx.Conn, err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
	defer cancel()
	// The connection is given up; why it could not be closed tells nothing.
	_ = conn.Close(ctx)
	return err
}

// listen takes notifications, and connects again when the connection is lost.
func (w *watch) listen(ctx context.Context, conn *pgx.Conn) {
	wait := listenAgain
	for {
		n, err := conn.WaitForNotification(ctx)
		if err == nil {
			wait = listenAgain
			w.told(n.Payload)
			continue
		}
		_ = closing(conn, err)
		if ctx.Err() != nil {
			return
		}
		w.out.Down(w.of.classify(ctx, err))
		for conn = nil; conn == nil; wait = min(2*wait, listenAgainMost) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			conn, _ = w.of.listen(ctx) // the next try tells the same; Down was said
		}
		w.out.Down(nil)
		w.told("")
	}
}

// told marks what a notification names.
func (w *watch) told(payload string) {
	var refs []string
	if err := json.Unmarshal([]byte(payload), &refs); err != nil {
		refs = []string{payload}
	}
	w.mu.Lock()
	for _, ref := range refs {
		if w.keys[ref] {
			w.due[ref] = true
		}
	}
	w.all = w.all || payload == ""
	w.mu.Unlock()
	w.kick()
}

func (w *watch) kick() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Add watches further keys; their newest values are read at once.
func (w *watch) Add(keys ...string) {
	w.mu.Lock()
	for _, key := range keys {
		w.keys[key], w.due[key] = true, true
	}
	w.mu.Unlock()
	w.kick()
}

// Remove ends the watch of keys.
func (w *watch) Remove(keys ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		delete(w.keys, key)
		delete(w.due, key)
	}
}

// read reads what is due, until ctx ends.
func (w *watch) read(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		for refs := w.take(); len(refs) > 0; refs = w.take() {
			w.newest(ctx, refs)
		}
	}
}

func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	from := w.due
	if w.all {
		from = w.keys
	}
	refs := make([]string, 0, len(from))
	for ref := range from {
		refs = append(refs, ref)
	}
	w.due, w.all = map[string]bool{}, false
	slices.Sort(refs)
	return refs[:min(len(refs), batchWidth)]
}

// newest reads and tells the newest value of each reference; those that cannot be read are a gap.
func (w *watch) newest(ctx context.Context, refs []string) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	keys := make([]connectors.Key, len(refs))
	for i, ref := range refs {
		keys[i].Ref = ref
	}
	sink := &newest{watch: w, refs: refs}
	accept := connectors.Accept{Want: connectors.Want{Kind: connectors.Latest}}
	if err := w.of.Fetch(ctx, accept, connectors.Batch{Keys: keys}, sink); err != nil && ctx.Err() == nil {
		for _, ref := range refs {
			w.out.Gap(ref)
		}
	}
}

// newest hands measurements on to a watch.
type newest struct {
	*watch
	refs []string
}

func (n *newest) Measurement(key int, m connectors.Measurement) {
	n.mu.Lock()
	wanted := n.keys[n.refs[key]]
	n.mu.Unlock()
	if wanted {
		n.out.Push(n.refs[key], m)
	}
}

func (n *newest) Status(key int, _ connectors.Status, _ string) { n.out.Gap(n.refs[key]) }
func (n *newest) Row(int, []schema.Value)                       {}
func (n *newest) Total(int, int)                                {}
func (n *newest) Truncated(int, time.Time)                      {}
