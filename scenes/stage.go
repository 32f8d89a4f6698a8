package scenes

import (
	"context"
	"reflect"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema/fault"
)

// stage is one scene with one choice of parameters, running for one audience. Its goroutine is the only one that changes
// table, outputs and frames; viewers read under the lock and wait for the bell.
type stage struct {
	live       *Live
	key        string
	scene      string
	parameters map[string]string
	ready      chan struct{} // closed when the first table has values, or the stage failed
	wake       chan struct{} // capacity 1: something is to be done
	cancel     context.CancelFunc

	mu       sync.Mutex
	table    *table
	sources  []source
	outputs  []output
	since    []moment // per slot
	dirty    []bool   // per slot
	pending  []int32  // the slots that are dirty
	awaited  int      // inputs that were not reported yet
	anew     bool     // the table must be made anew ...
	replaced bool     // ... and shown, even if it looks the same
	failed   error    // the stage has ended
	epoch    string
	seq      uint64
	tableSeq uint64           // seq of the first message with the table
	last     *Frame           // the newest frame, from prev to seq
	prev     uint64           // of last
	full     *Frame           // the first message at seq, nil until asked for
	fullAt   time.Time        // when it was made: it tells the time
	diffs    map[uint64]Frame // from other seqs to seq
	bell     chan struct{}    // closed and replaced when seq grows or the stage fails
	viewers  int
	stop     func() // the watch on the inputs
}

// moment says at which seq the value and the quality of a slot changed last.
type moment struct{ value, quality uint64 }

// warmUp is how long the first viewer of a scene waits for the first values.
const warmUp = 300 * time.Millisecond

// rebuildPause is the shortest time between two tables.
const rebuildPause = 250 * time.Millisecond

// run makes the table, publishes frames and follows changes until ctx ends or the scene is gone.
func (s *stage) run(ctx context.Context) {
	defer s.end()
	if err := s.build(ctx); err != nil {
		s.fail(err)
		return
	}
	s.warm(ctx)
	s.publish(time.Now())
	close(s.ready)
	built := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		s.mu.Lock()
		anew := s.anew
		s.mu.Unlock()
		if anew {
			if !sleep(ctx, time.Until(built.Add(rebuildPause))) {
				return
			}
			if err := s.build(ctx); err != nil {
				if fault.CodeOf(err) != fault.Unavailable || ctx.Err() != nil {
					s.fail(err)
					return
				}
				s.again() // the store is away: the old table goes on
			}
			built = time.Now()
		}
		if s.publish(time.Now()) && !s.pace(ctx) {
			return
		}
	}
}

// pace waits about one tick after a frame. Inputs come in bursts, as the hub evaluates; the frame after this one is made right
// after a burst, so that no burst waits for most of a tick: between 0.9 and 1.1 ticks, whenever something comes.
func (s *stage) pace(ctx context.Context) bool {
	tick := s.live.options.Tick
	if !sleep(ctx, tick*9/10) {
		return false
	}
	select {
	case <-s.wake: // what came meanwhile
	default:
		return true // nothing: the next input is published at once
	}
	timer := time.NewTimer(tick / 5)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-s.wake:
	case <-timer.C:
	}
	s.ring()
	return true
}

// warm waits until every input was reported, or for a moment.
func (s *stage) warm(ctx context.Context) {
	timer := time.NewTimer(warmUp)
	defer timer.Stop()
	for {
		s.mu.Lock()
		awaited := s.awaited
		s.mu.Unlock()
		if awaited == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-s.wake:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// ring wakes the goroutine of the stage.
func (s *stage) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// again asks for another attempt at the table.
func (s *stage) again() {
	s.mu.Lock()
	s.anew = true
	s.mu.Unlock()
	time.AfterFunc(time.Second, s.ring)
}

// touch tells the stage of a change of the graph.
func (s *stage) touch(change *graph.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table == nil || s.table.watched.affected(s.scene, change) {
		s.anew = true
		for _, a := range change.Artifacts {
			s.replaced = s.replaced || a.Kind == graph.ArtifactScene && a.Name == s.scene
		}
		s.ring()
	}
}

// renew makes the table anew whatever it looks like.
func (s *stage) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anew, s.replaced = true, true
	s.ring()
}

// build resolves the scene and takes the new table, unless it is the one there is.
func (s *stage) build(ctx context.Context) error {
	s.mu.Lock()
	replaced := s.replaced
	s.anew, s.replaced = false, false
	s.mu.Unlock()
	t, err := s.live.resolve(ctx, s.scene, s.parameters)
	if err != nil {
		return err
	}
	if s.table != nil && !replaced && s.table.looksLike(t) {
		return nil
	}
	s.take(t)
	return nil
}

// looksLike says whether viewers would see no difference.
func (t *table) looksLike(other *table) bool {
	a, b := t.header, other.header
	a.Revision = b.Revision
	return reflect.DeepEqual(a, b) && reflect.DeepEqual(t.slots, other.slots) && reflect.DeepEqual(t.inputs, other.inputs)
}

// take replaces the table. What is known of inputs that remain is kept, so that nothing flickers.
func (s *stage) take(t *table) {
	s.mu.Lock()
	known := map[live.Input]source{}
	if s.table != nil {
		for i, in := range s.table.inputs {
			known[in] = s.sources[i]
		}
	}
	s.table = t
	s.sources = make([]source, len(t.inputs))
	s.awaited = 0
	for i, in := range t.inputs {
		if s.sources[i] = known[in]; !s.sources[i].reported {
			s.awaited++
		}
	}
	s.outputs, s.since = make([]output, len(t.slots)), make([]moment, len(t.slots))
	s.dirty, s.pending = make([]bool, len(t.slots)), nil
	for i := range t.programs {
		s.outputs[i] = t.programs[i].evaluate(s.sources)
	}
	s.advance()
	s.tableSeq = s.seq
	stop := s.stop
	s.mu.Unlock()
	fresh := s.live.options.Hub.Watch(t.inputs, func(updates []live.Update) { s.receive(t, updates) })
	if stop != nil {
		stop()
	}
	s.mu.Lock()
	s.stop = fresh
	s.mu.Unlock()
}

// receive takes updates of the inputs of table t.
func (s *stage) receive(t *table, updates []live.Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table != t {
		return
	}
	for i := range updates {
		in := &s.sources[updates[i].Input]
		if !in.reported && updates[i].Status != connectors.Pending {
			in.reported = true
			s.awaited--
		}
		in.update = updates[i]
		for _, slot := range t.users[updates[i].Input] {
			if !s.dirty[slot] {
				s.dirty[slot] = true
				s.pending = append(s.pending, slot)
			}
		}
	}
	s.ring()
}

// fail ends the stage for its viewers.
func (s *stage) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
	close(s.bell)
	s.bell = make(chan struct{})
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
}

// end stops watching when the goroutine of the stage ends.
func (s *stage) end() {
	s.live.forget(s)
	s.mu.Lock()
	if s.failed == nil {
		s.failed = errEnded
		close(s.bell)
		s.bell = make(chan struct{})
	}
	stop := s.stop
	s.stop = nil
	s.mu.Unlock()
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
	if stop != nil {
		stop()
	}
}

// errEnded is what viewers get when the server stops.
var errEnded = fault.New(fault.Unavailable, "the scene is no longer served here; connect again")

// renewQuietly makes the table anew and shows it only if it changed.
func (s *stage) renewQuietly() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anew = true
	s.ring()
}
