package mirror

import (
	"context"
	"errors"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// errTooLarge says that the graph does not fit the memory it may take.
var errTooLarge = errors.New("the graph does not fit")

// follower brings one copy forward.
type follower struct {
	*Store
	at     *memory.Snapshot
	anchor string // the encoded change that led to at, "" when it is not known
	target graph.Revision
	// unproven says that at is from the disk, and the upstream has not shown yet that it has the same past.
	unproven bool
	weighed
}

// follower begins with the copy on disk, when there is one.
func (s *Store) follower() *follower {
	f := &follower{Store: s}
	if s.disk != nil {
		f.at, f.anchor = s.disk.begin()
		f.unproven = f.at != nil
	}
	return f
}

// weighed is when the copy was weighed last.
type weighed struct{ entities, relationships int }

// run follows until ctx ends: it fills, follows, and begins again when the upstream is lost or the copy is wrong.
func (f *follower) run(ctx context.Context) {
	s := f.Store
	pause := firstPause
	for ctx.Err() == nil {
		work, restart := context.WithCancel(ctx)
		s.mu.Lock()
		s.restart = restart
		s.mu.Unlock()
		began := time.Now()
		err := f.session(work)
		if s.copy.Load() != nil && time.Since(began) > lastPause {
			pause = firstPause
		}
		switch {
		case ctx.Err() != nil:
			restart()
			return
		case errors.Is(err, errTooLarge):
			restart()
			s.giveUp(Direct, "the graph needs more than the memory it may take here; set store.mirror.memory higher, or leave the mirror off")
			return
		case work.Err() != nil, fault.CodeOf(err) == fault.Conflict, fault.CodeOf(err) == fault.Internal:
			s.options.Logger.Warn("the copy of the graph is made anew", "why", err)
			s.giveUp(Filling, "")
			f.at, f.anchor, f.unproven = nil, "", false
		default:
			s.lose(err)
			if f.keptOf() && f.showKept() != nil {
				f.unproven = false // it does not fit: the upstream is waited for
			}
		}
		restart()
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}

const firstPause, lastPause = 20 * time.Millisecond, 5 * time.Second

// again makes the copy anew.
func (s *Store) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.restart != nil {
		s.restart()
	}
}

// session follows the upstream until an error, from where the copy stands; first it fills a copy when there is none. One
// from the disk is shown only when the upstream proves to have the same past. It never returns nil.
func (f *follower) session(ctx context.Context) (err error) {
	seen := f.seen.Load()
	if f.target, err = f.upstreamRevision(ctx); err != nil {
		return err
	}
	f.seen.CompareAndSwap(seen, min(seen, uint64(f.target))) // the upstream may have been restored from an older backup
	trusted := f.copy.Load() != nil
	if f.at == nil {
		trusted = true
		if f.at, err = f.fill(ctx); err != nil {
			return err
		}
		f.anchor = f.findAnchor(ctx)
		if f.disk != nil {
			f.disk.adopt(f.at, f.anchor)
		}
	}
	if err := f.weigh(); err != nil {
		return err
	}
	if trusted {
		f.show()
	}
	from := f.at.Revision()
	if f.anchor != "" {
		from--
	}
	for d, err := range f.upstream.Follow(ctx, from) {
		if err != nil {
			return err
		}
		if err := f.take(&d); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take absorbs a delta, or sees in the first one that the copy and the upstream have the same past.
func (f *follower) take(d *record.Delta) error {
	change := string(record.AppendChange(nil, &d.Change))
	if d.Change.Revision == f.at.Revision() && f.anchor != "" {
		if change != f.anchor {
			return fault.New(fault.Conflict, "the upstream has another past than the copy from revision %d on", d.Change.Revision)
		}
		f.prove()
		if f.copy.Load() == nil {
			f.show()
		}
		return nil
	}
	next, effect, err := f.at.Absorb(d)
	if err != nil {
		return err
	}
	if f.disk != nil {
		f.disk.record(f.at, next, effect)
	}
	f.publish(next, change)
	f.at, f.anchor = next, change
	if f.grown() {
		return f.weigh()
	}
	return nil
}

// prove notes that the copy from the disk is one of the upstream's.
func (f *follower) prove() {
	f.unproven = false
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pulse.unproven = false
}

// publish adds a change to the log and shows the copy that it led to, unless it is behind what was seen elsewhere.
func (f *follower) publish(next *memory.Snapshot, change string) {
	f.mu.Lock()
	defer f.news.Ring()
	defer f.mu.Unlock()
	f.log = append(f.log, change)
	if over := len(f.log) - f.options.LogRevisions; over > f.options.LogRevisions/4 {
		f.log = append([]string(nil), f.log[over:]...) // now and then, so that a change does not cost the length of the log
	}
	f.showLocked(next)
}

// show shows the copy as it stands, when it may be.
func (f *follower) show() {
	f.mu.Lock()
	defer f.news.Ring()
	defer f.mu.Unlock()
	if f.copy.Load() == nil {
		f.log = nil
		if f.anchor != "" {
			f.log = append(f.log, f.anchor)
		}
	}
	f.reason = ""
	f.showLocked(f.at)
}

// showLocked shows a version. A first one waits until it has what the upstream had when this began, and what anybody saw.
func (f *follower) showLocked(next *memory.Snapshot) {
	if f.copy.Load() == nil {
		if next.Revision() < f.target || uint64(next.Revision()) < f.seen.Load() {
			return
		}
		f.state = Mirrored
		f.options.Logger.Info("reads run on the copy of the graph", "revision", next.Revision(), "entities", next.Entities(), "relationships", next.RelationshipCount())
	}
	f.copy.Store(next)
	f.pulse.reached(next.Revision())
}

// grown says whether the copy became so much larger that it must be weighed again.
func (f *follower) grown() bool {
	return f.at.Entities() > f.entities+f.entities/20+1000 || f.at.RelationshipCount() > f.relationships+f.relationships/20+4000
}

func (f *follower) weigh() error {
	f.weighed = weighed{f.at.Entities(), f.at.RelationshipCount()}
	weight := f.at.Weight()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.weight = weight
	if weight > f.options.Memory {
		return errTooLarge
	}
	return nil
}

// giveUp lets reads go to the upstream.
func (s *Store) giveUp(state State, reason string) {
	if reason != "" {
		s.options.Logger.Warn("reads run on the upstream", "why", reason)
	}
	s.mu.Lock()
	s.copy.Store(nil)
	s.log, s.state, s.reason, s.pulse.unproven = nil, state, reason, false
	s.mu.Unlock()
	if s.disk != nil {
		s.disk.forget()
	}
	s.news.Ring()
}

// lose notes that the upstream is not heard from; reads go on.
func (s *Store) lose(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" {
		s.options.Logger.Warn("the upstream is not heard from; reads go on from what is here", "error", err)
	}
	s.reason = err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok {
		s.reason = f.Message
	}
}

// lost says why the upstream is not heard from, "" when it is.
func (s *Store) lost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}
