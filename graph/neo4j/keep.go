package neo4j

import (
	"context"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
)

// sample is the newest revision at a moment of this process's clock: views older than that moment see it or older ones.
type sample struct {
	at       time.Time
	revision graph.Revision
}

const (
	// cleanEvery is how often what no view sees any more is cleaned away.
	cleanEvery = 30 * time.Second
	// lookEvery is how often is looked at least whether something was written and never published.
	lookEvery = 10 * time.Second
	// repeatsKept is how long commits are remembered by their idempotency keys.
	repeatsKept = 25 * time.Hour
	cleanAtOnce = 5000
)

// keep looks for changes of other processes, often while somebody watches, and cleans up now and then, until the store
// closes.
func (s *Store) keep() {
	defer s.running.Done()
	ctx, cancel := context.WithCancel(s.live)
	defer cancel()
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	poll, clean := time.NewTicker(s.options.Poll), time.NewTicker(cleanEvery)
	defer poll.Stop()
	defer clean.Stop()
	seen, looked := graph.Revision(-1), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			if (s.watchers.Load() > 0 || time.Since(looked) > lookEvery) && s.ready(ctx) == nil {
				seen, looked = s.look(ctx, seen), time.Now()
			}
		case <-clean.C:
			if s.ready(ctx) == nil {
				if err := s.clean(ctx, time.Now()); err != nil && ctx.Err() == nil {
					s.options.Logger.Warn("what is no longer needed in Neo4j could not be cleaned away", "error", err)
				}
			}
		}
	}
}

// look rings the bell when another process has published, and mends what one that died has left.
func (s *Store) look(ctx context.Context, seen graph.Revision) graph.Revision {
	records, err := s.once(ctx, driver.AccessModeWrite, statement{text: readHeads, unasked: true}, nil)
	if err != nil || len(records) != 1 {
		if ctx.Err() == nil {
			pause(ctx, 10*s.options.Poll)
		}
		return seen
	}
	head, _ := records[0].Values[0].(int64)
	now, _ := records[0].Values[1].(int64)
	if graph.Revision(now) != seen {
		s.news.Ring()
	}
	if head > now && graph.Revision(now) == seen { // for a whole round nobody published it
		if err := s.mend(ctx); err == nil {
			return graph.Revision(head)
		}
	}
	return graph.Revision(now)
}

const (
	writeHorizon = `MATCH (m:@Meta {k: 'head'}) SET m._lock = 'horizon'
WITH m, COLLECT { MATCH (p:@Pin) WHERE p.at > timestamp() - $pinned RETURN p.revision } AS pins
WITH m, reduce(h = $horizon, r IN pins | CASE WHEN r < h THEN r ELSE h END) AS horizon
SET m.horizon = CASE WHEN horizon > m.horizon THEN horizon ELSE m.horizon END RETURN m.horizon`
	cleanStates = `MATCH (s:@State) WHERE s._ended <= $horizon WITH s LIMIT $most
OPTIONAL MATCH (n:@Entity)-[:_state]->(s)
WITH s, n, s._sheds AS sheds
CALL { WITH n, sheds WITH n, sheds WHERE sheds MATCH (n)-[e]->(:@Entity) WHERE e._until <= $end DELETE e }
DETACH DELETE s
RETURN count(*), collect(DISTINCT n.id)`
	cleanEntities = `UNWIND $ids AS id MATCH (n:@Entity {id: id}) USING INDEX SEEK n:@Entity(id) WHERE NOT EXISTS { (n)-[:_state]->() }
AND NOT EXISTS { (n)-[e]-(:@Entity) WHERE e._until > $end } DETACH DELETE n`
	cleanKeys      = `MATCH (k:@Key) WHERE k._ended <= $horizon WITH k LIMIT $most DELETE k RETURN count(*)`
	cleanWords     = `MATCH (w:@Words) WHERE w._ended <= $horizon WITH w LIMIT $most DELETE w RETURN count(*)`
	cleanArtifacts = `MATCH (f:@Artifact) WHERE f._until <= $end WITH f LIMIT $most DELETE f RETURN count(*)`
	cleanLayouts   = `MATCH (l:@Layout) WHERE l._until <= $end WITH l LIMIT $most DELETE l RETURN count(*)`
	cleanRepeats   = `MATCH (r:@Repeat) WHERE r.at < $before WITH r LIMIT $most DELETE r RETURN count(*)`
	cleanPins      = `MATCH (p:@Pin) WHERE p.at <= timestamp() - $pinned DELETE p`
	cleanLog       = `MATCH (m:@Meta {k: 'head'}) WITH m, m.oldest AS oldest
MATCH (l:@Log) WHERE l.revision > oldest AND l.revision <= oldest + $most
WITH m, coalesce(min(CASE WHEN l.at >= $before THEN coalesce(l.first, l.revision) END) - 1, max(l.revision)) AS old
WHERE old IS NOT NULL SET m.oldest = CASE WHEN old > m.oldest THEN old ELSE m.oldest END
WITH m MATCH (l:@Log) WHERE l.revision <= m.oldest DELETE l RETURN count(*)`
)

// clean cleans away what no view sees any more: what ended at a revision that was published so long ago that every view
// of an older one is too old. The horizon is written first, so that views know.
func (s *Store) clean(ctx context.Context, now time.Time) error {
	newest, err := s.published(ctx)
	if err != nil {
		return err
	}
	s.samples = append(s.samples, sample{now, newest.revision})
	horizon := graph.Revision(0)
	for len(s.samples) > 0 && now.Sub(s.samples[0].at) > keptFor+cleanEvery {
		horizon, s.samples = s.samples[0].revision, s.samples[1:]
	}
	if horizon > 0 {
		if err := s.cleanTo(ctx, horizon); err != nil {
			return err
		}
	}
	return s.prune(ctx)
}

// cleanTo cleans away what ended up to a revision.
func (s *Store) cleanTo(ctx context.Context, horizon graph.Revision) error {
	records, err := s.again(ctx, driver.AccessModeWrite, statement{text: writeHorizon}, map[string]any{"horizon": int64(horizon), "pinned": pinned.Milliseconds()})
	if err != nil {
		return err
	}
	to, _ := records[0].Values[0].(int64)
	params := map[string]any{"horizon": to, "end": endOf(graph.Revision(to)), "most": cleanAtOnce}
	for {
		records, err := s.again(ctx, driver.AccessModeWrite, statement{text: cleanStates}, params)
		if err != nil {
			return err
		}
		n, _ := records[0].Values[0].(int64)
		if n > 0 {
			if _, err := s.again(ctx, driver.AccessModeWrite, statement{text: cleanEntities}, map[string]any{"end": params["end"], "ids": records[0].Values[1]}); err != nil {
				return err
			}
		}
		if n < cleanAtOnce {
			break
		}
	}
	for _, text := range []string{cleanKeys, cleanWords, cleanArtifacts, cleanLayouts} {
		if err := s.cleanAll(ctx, text, params); err != nil {
			return err
		}
	}
	return nil
}

// cleanAll repeats a statement until it finds less than it may take.
func (s *Store) cleanAll(ctx context.Context, text string, params map[string]any) error {
	for {
		records, err := s.again(ctx, driver.AccessModeWrite, statement{text: text}, params)
		if err != nil {
			return err
		}
		if n, _ := records[0].Values[0].(int64); n < cleanAtOnce {
			return nil
		}
	}
}

// prune forgets old idempotency keys, pins that nobody holds, and changes that are too old for the log.
func (s *Store) prune(ctx context.Context) error {
	before := s.options.Now().Add(-repeatsKept).UnixMilli()
	if err := s.cleanAll(ctx, cleanRepeats, map[string]any{"before": before, "most": cleanAtOnce}); err != nil {
		return err
	}
	if _, err := s.again(ctx, driver.AccessModeWrite, statement{text: cleanPins}, map[string]any{"pinned": pinned.Milliseconds()}); err != nil {
		return err
	}
	if s.options.LogAge <= 0 {
		return nil
	}
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: cleanLog}, map[string]any{"before": s.options.Now().Add(-s.options.LogAge).UnixMilli(), "most": 20_000})
	return err
}
