package neo4j

import (
	"context"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/schema/fault"
)

const (
	publishRevision = `MATCH (p:@Meta {k: 'published'}) SET p._lock = true
WITH p WHERE p.revision < $tip SET p.revision = $tip`
	lockHead  = `MATCH (m:@Meta {k: 'head'}) SET m._lock = '' RETURN m.revision`
	readHeads = `MATCH (m:@Meta {k: 'head'}) MATCH (p:@Meta {k: 'published'}) RETURN m.revision, p.revision`
)

// publishEvery is how long a commit waits at most for those behind it to be published with it.
const publishEvery = 20 * time.Millisecond

// committed lets views of this process see a revision that it has committed, and has it published for the others. It is
// the writer's.
func (s *Store) committed(tip graph.Revision) {
	s.floor.Store(int64(tip))
	s.news.Ring()
	select {
	case s.tips <- struct{}{}:
	default: // the publisher has not yet looked
	}
}

// publishTips publishes what was committed here, the newest whenever it is free, until the writer has ended.
func (s *Store) publishTips() {
	defer s.running.Done()
	for range s.tips {
		for tip := s.floor.Load(); tip > 0; tip = s.floor.Load() {
			if err := s.publish(s.live, graph.Revision(tip)); err != nil {
				s.options.Logger.Warn("other processes do not see yet what was committed here", "revision", tip, "error", err)
				select {
				case <-s.stop:
					return // whoever opens the graph next publishes it
				case <-time.After(s.options.Retry):
				}
				continue
			}
			s.floor.CompareAndSwap(tip, 0)
			select {
			case <-s.stop: // the last one at once
			case <-time.After(publishEvery):
			}
		}
	}
}

// publish lets everybody see a revision. All of it is in place: the transaction that wrote it has ended.
func (s *Store) publish(ctx context.Context, tip graph.Revision) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Retry+10*time.Second)
	defer cancel()
	started := time.Now()
	for try := 1; ; try++ {
		_, err := s.once(ctx, driver.AccessModeWrite, statement{text: publishRevision}, map[string]any{"tip": int64(tip)})
		if err == nil {
			s.news.Ring()
			return nil
		}
		if !passing(err) || time.Since(started) > s.options.Retry || !pause(ctx, min(time.Duration(try)*50*time.Millisecond, time.Second)) {
			return fault.Wrap(fault.Unavailable, err, "Neo4j went away after the change was written and before it was to be seen: it will appear when Neo4j is back; repeat it only with an idempotency key")
		}
	}
}

// mend publishes what a process wrote that did not live to publish it.
func (s *Store) mend(ctx context.Context) error {
	records, err := s.again(ctx, driver.AccessModeWrite, statement{text: readHeads}, nil)
	if err != nil || len(records) == 0 {
		return err
	}
	head, _ := records[0].Values[0].(int64)
	seen, _ := records[0].Values[1].(int64)
	if head <= seen {
		return nil
	}
	if records, err = s.again(ctx, driver.AccessModeWrite, statement{text: lockHead}, nil); err != nil {
		return err
	}
	head, _ = records[0].Values[0].(int64)
	return s.publish(ctx, graph.Revision(head))
}

// patience is how long a revision that is written is waited for to be published before it is published from here: who
// wrote it is about to.
const patience = 250 * time.Millisecond

// newest returns the newest revision with all that was acknowledged before the call, by whatever process.
func (s *Store) newest(ctx context.Context) (publication, error) {
	first, err := s.published(ctx)
	for at, started := first, time.Now(); ; at, err = s.published(ctx) {
		if err != nil || at.revision >= first.head {
			return at, err
		}
		if time.Since(started) > patience {
			if err := s.mend(ctx); err != nil {
				return at, err
			}
			continue
		}
		if !pause(ctx, 2*time.Millisecond) {
			return at, ended(ctx)
		}
	}
}
