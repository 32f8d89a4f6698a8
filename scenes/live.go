package scenes

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/url"
	"sync"
	"time"

	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// Hub keeps inputs current; *live.Hub is the real one. Watch calls on with the newest of every input first, then with what
// changes, until stop; calls of one watch are not concurrent.
type Hub interface {
	Watch(inputs []live.Input, on func([]live.Update)) (stop func())
}

var _ Hub = (*live.Hub)(nil)

// Options configures a Live. Store, Hub, Library and Model are required.
type Options struct {
	Store   graph.Store
	Hub     Hub
	Library *Library
	Model   *schema.Model
	// Tick is the shortest time between two frames of a scene. Default 100 ms.
	Tick time.Duration
	// Heartbeat is after what silence a viewer gets a sign of life. Default 5 s.
	Heartbeat time.Duration
	// Linger is how long a scene goes on without viewers, so that one who comes back can resume. Default 15 s.
	Linger time.Duration
	// MaxStages bounds the scenes that run at once; each choice of parameters counts. Default 500.
	MaxStages int
	Log       *slog.Logger // default: discards
}

func (o *Options) ensureDefaults() {
	if o.Tick == 0 {
		o.Tick = 100 * time.Millisecond
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 5 * time.Second
	}
	if o.Linger == 0 {
		o.Linger = 15 * time.Second
	}
	if o.MaxStages == 0 {
		o.MaxStages = 500
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Live runs scenes for those who watch. One scene with the same parameters runs once per audience, however many watch.
// It is safe for concurrent use.
type Live struct {
	options Options
	ctx     context.Context // ends when it closes
	cancel  context.CancelFunc
	tasks   sync.WaitGroup

	mu     sync.Mutex
	model  *schema.Model
	stages map[string]*stage
	closed bool
}

// NewLive returns a Live that follows the graph from now on.
func NewLive(options Options) *Live {
	options.ensureDefaults()
	l := &Live{options: options, model: options.Model, stages: map[string]*stage{}}
	l.ctx, l.cancel = context.WithCancel(access.NewContext(context.Background(), access.Service))
	l.tasks.Go(l.follow)
	return l
}

// Swap takes a new model; scenes are resolved anew by it. The hub must have it already.
func (l *Live) Swap(model *schema.Model) {
	l.mu.Lock()
	l.model = model
	stages := l.running()
	l.mu.Unlock()
	for _, s := range stages {
		s.renew()
	}
}

// Close ends all scenes; waiting cursors return an error with the code Unavailable. It is safe to call twice.
func (l *Live) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	l.tasks.Wait()
	return nil
}

func (l *Live) running() []*stage {
	stages := make([]*stage, 0, len(l.stages))
	for _, s := range l.stages {
		stages = append(stages, s)
	}
	return stages
}

// Subscribe begins to watch a scene. parameters may leave out those with a default; from is the cursor of a frame seen
// before (Frame.Cursor), or "". The caller closes the cursor.
//
// Errors: NotFound for an unknown scene, Invalid for wrong parameters, Forbidden when the principal of ctx may not read,
// Limit when too many scenes run.
func (l *Live) Subscribe(ctx context.Context, scene string, parameters map[string]string, from string) (*Cursor, error) {
	principal := access.FromContext(ctx)
	if !principal.MayRead() {
		return nil, fault.New(fault.Forbidden, "watching a scene needs the role viewer")
	}
	s, err := l.stage(stageKey(scene, parameters, principal.Audience()), scene, parameters)
	if err != nil {
		return nil, err
	}
	c := &Cursor{stage: s}
	select {
	case <-ctx.Done():
		c.Close()
		return nil, ctx.Err()
	case <-s.ready:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		s.leave()
		return nil, s.failed
	}
	if seq, ok := s.resumable(from); ok {
		c.seq, c.table, c.greet = seq, s.tableSeq, true
	}
	return c, nil
}

func stageKey(scene string, parameters map[string]string, audience access.Audience) string {
	query := url.Values{"": {scene, string(audience)}}
	for name, value := range parameters {
		if value != "" {
			query.Add("p."+name, value)
		}
	}
	return query.Encode() // sorted
}

// stage returns the running stage of a key with one more viewer, and starts it when there is none.
func (l *Live) stage(key, scene string, parameters map[string]string) (*stage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errEnded
	}
	s := l.stages[key]
	if s == nil {
		if len(l.stages) >= l.options.MaxStages {
			return nil, fault.New(fault.Limit, "%d scenes are being watched, no more are run at once; close some", len(l.stages))
		}
		ctx, cancel := context.WithCancel(l.ctx)
		s = &stage{
			live: l, key: key, scene: scene, parameters: maps.Clone(parameters), epoch: newEpoch(), cancel: cancel,
			ready: make(chan struct{}), wake: make(chan struct{}, 1), bell: make(chan struct{}),
		}
		l.stages[key] = s
		l.tasks.Go(func() { s.run(ctx) })
	}
	s.mu.Lock()
	s.viewers++
	s.mu.Unlock()
	return s, nil
}

// newEpoch returns a text no other run of a scene had.
func newEpoch() string { return rand.Text()[:10] }

// forget removes a stage that has ended.
func (l *Live) forget(s *stage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stages[s.key] == s {
		delete(l.stages, s.key)
	}
	s.cancel()
}

// retire ends a stage that still has no viewers.
func (l *Live) retire(s *stage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.viewers == 0 {
		if l.stages[s.key] == s {
			delete(l.stages, s.key)
		}
		s.cancel()
	}
}

// leave counts one viewer less. The lock of the stage is held.
func (s *stage) leave() {
	if s.viewers--; s.viewers == 0 {
		time.AfterFunc(s.live.options.Linger, func() { s.live.retire(s) })
	}
}

// resolve makes a table from the newest state of the graph.
func (l *Live) resolve(ctx context.Context, scene string, parameters map[string]string) (*table, error) {
	l.mu.Lock()
	model := l.model
	l.mu.Unlock()
	view, err := l.options.Store.View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	return resolve(ctx, view, l.options.Library, model, scene, parameters)
}

// retryWatch is how long to wait before the change log is followed again after an error.
const retryWatch = time.Second

// follow tells the stages of changes of the graph.
func (l *Live) follow() {
	for l.ctx.Err() == nil {
		revision, err := l.revision()
		if err == nil {
			for _, s := range l.snapshot() {
				s.renewQuietly() // what happened before is in no change
			}
			err = l.changes(revision)
		}
		if l.ctx.Err() == nil && err != nil && fault.CodeOf(err) != fault.Conflict {
			l.options.Log.Warn("the change log cannot be followed; scenes are not updated meanwhile", "error", err)
		}
		if !sleep(l.ctx, retryWatch) {
			return
		}
	}
}

func (l *Live) snapshot() []*stage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running()
}

func (l *Live) revision() (graph.Revision, error) {
	view, err := l.options.Store.View(l.ctx)
	if err != nil {
		return 0, err
	}
	defer view.Close()
	return view.Revision(), nil
}

// changes follows the log until it ends.
func (l *Live) changes(from graph.Revision) error {
	for change, err := range l.options.Store.Watch(l.ctx, from) {
		if err != nil {
			return err
		}
		for _, s := range l.snapshot() {
			s.touch(&change)
		}
	}
	return l.ctx.Err()
}
