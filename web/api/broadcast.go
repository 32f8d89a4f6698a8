package api

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"mereon/graph"
	"mereon/graph/query"
	"mereon/schema/access"
)

// broadcasts are the live queries that run now: equal ones run once, whoever asked and over whatever transport.
type broadcasts struct {
	mu    sync.Mutex
	byKey map[broadcastKey]*broadcast
}

// broadcastKey is what makes live queries equal. The plan stands for the normalised operation and for the snapshot.
type broadcastKey struct {
	plan      *query.Plan
	audience  access.Audience
	variables string
	explain   bool
	revision  bool // with extensions.revision
}

// broadcast is one live query and its newest answer, encoded once. Viewers are cursors: each takes the newest answer when it can
// send one, so a slow viewer skips, and holds up nobody.
type broadcast struct {
	key  broadcastKey
	stop context.CancelFunc
	done chan struct{} // closed when the computation has ended

	viewers int // guarded by broadcasts.mu

	mu      sync.Mutex
	newest  answer
	number  int            // of newest; 0 before the first
	ran     graph.Revision // newest holds at this revision
	ended   bool
	changed chan struct{} // closed at the next change of what is above
}

// shared says whether the answers of an operation are those of everybody who asks it.
func (o *operation) shared() bool {
	return len(o.legs) == 1 && o.legs[0].plan != nil && o.legs[0].plan.Live()
}

// join returns the broadcast of an operation, which runs until the last viewer has left.
func (s *broadcasts) join(ctx context.Context, op *operation) *broadcast {
	variables, _ := json.Marshal(op.variables) // they came as JSON
	key := broadcastKey{op.legs[0].plan, access.FromContext(ctx).Audience(), string(variables), op.request.wantsPlan(), op.request.wantsRevision()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.byKey[key]; one != nil {
		one.viewers++
		return one
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	one := &broadcast{key: key, stop: stop, done: make(chan struct{}), viewers: 1, changed: make(chan struct{})}
	if s.byKey == nil {
		s.byKey = map[broadcastKey]*broadcast{}
	}
	s.byKey[key] = one
	go one.run(ctx, op, s)
	return one
}

// leave ends the broadcast when nobody is left; it waits for that.
func (s *broadcasts) leave(one *broadcast) {
	s.mu.Lock()
	one.viewers--
	last := one.viewers == 0
	if last {
		s.forget(one)
	}
	s.mu.Unlock()
	if last {
		one.stop()
		<-one.done
	}
}

func (s *broadcasts) forget(one *broadcast) {
	if s.byKey[one.key] == one {
		delete(s.byKey, one.key)
	}
}

// count returns how many live queries run, each for all its viewers.
func (s *broadcasts) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byKey)
}

// run computes the answers. When it ends by itself, with a mistake, whoever asks next begins anew.
func (s *broadcast) run(ctx context.Context, op *operation, all *broadcasts) {
	defer close(s.done)
	defer s.stop()
	defer func() {
		all.mu.Lock()
		all.forget(s)
		all.mu.Unlock()
		s.update(func() { s.ended = true })
	}()
	defer func() {
		if panicked := recover(); panicked != nil {
			s.publish(op.handler.panicked(panicked))
		}
	}()
	request := op.planRequest()
	request.Ran = func(r graph.Revision) { s.update(func() { s.ran = max(s.ran, r) }) }
	for r := range op.legs[0].plan.Subscribe(ctx, request) {
		if ctx.Err() != nil {
			return
		}
		op.handler.computed.Add(1)
		s.publish(op.finish(op.partOf(r)))
	}
}

func (s *broadcast) publish(a answer) {
	s.update(func() { s.newest, s.number = a, s.number+1 })
}

func (s *broadcast) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// state returns what is known now, and what tells of the next change.
func (s *broadcast) state() (newest answer, number int, ran graph.Revision, ended bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest, s.number, s.ran, s.ended, s.changed
}

// catchUp is how long a late viewer waits at most for an answer that holds what was written before it came.
const catchUp = time.Second

// watch passes on the newest answer and every newer one, until ctx ends, the model is exchanged, the computation ends, or the
// receiver wants no more, which is false. The first answer is not older than the revision since.
func (s *broadcast) watch(ctx context.Context, exchanged <-chan struct{}, since graph.Revision, receive func(answer) bool) (wanted bool) {
	late := time.NewTimer(catchUp)
	defer late.Stop()
	for seen, patient := 0, true; ; {
		newest, number, ran, ended, changed := s.state()
		patient = patient && seen == 0 && ran < since && !ended
		if number > seen && !patient {
			seen = number
			if !receive(newest) {
				return false
			}
			continue
		}
		if ended {
			return true
		}
		select {
		case <-changed:
		case <-exchanged:
			return true
		case <-ctx.Done():
			return true
		case <-late.C:
			patient = false
		}
	}
}
