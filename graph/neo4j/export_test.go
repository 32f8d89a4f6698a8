package neo4j

import (
	"context"
	"fmt"
	"strings"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/schema"
)

const (
	emptyPart = "CALL { MATCH (n:@%[1]s) WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS in%[1]s }\n"
	// emptied makes a graph as if it had just been made.
	emptied = `MATCH (l:@Layout) WHERE l._since > 0 WITH l LIMIT 2000 DETACH DELETE l WITH count(*) AS layouts
MATCH (m:@Meta {k: 'head'}) SET m = {k: 'head', storage: m.storage, revision: 0, oldest: 0, horizon: 0, layout: 0}
WITH m MATCH (p:@Meta {k: 'published'}) SET p.revision = 0
WITH p MERGE (l:@Layout {_since: 0}) SET l._until = 4611686018427387903, l.layout = '{}'`
)

// Empty removes all of a graph but its constraints, indexes and storage version.
func Empty(ctx context.Context, o Options) error {
	o.EnsureDefaults()
	c, err := connect(&o)
	if err != nil {
		return err
	}
	defer c.driver.Close(ctx)
	text, most := "", []string{}
	for _, label := range []string{"Entity", "State", "Key", "Unique", "Log", "Words", "Artifact", "Repeat", "Blob", "Chunk", "Pin"} {
		text += fmt.Sprintf(emptyPart, label)
		most = append(most, "in"+label)
	}
	text += "RETURN reduce(most = 0, n IN [" + strings.Join(most, ", ") + "] | CASE WHEN n > most THEN n ELSE most END)"
	for { // large graphs in parts: the server is small
		records, err := c.again(ctx, driver.AccessModeWrite, statement{text: text}, nil)
		if err != nil {
			return err
		}
		if n, _ := records[0].Values[0].(int64); n < 2000 {
			break
		}
	}
	_, err = c.again(ctx, driver.AccessModeWrite, statement{text: emptied}, nil)
	return err
}

// Loading makes loads small and dead ones be noticed soon.
func (o *Options) Loading(batch int, alive time.Duration) { o.batch, o.alive = batch, alive }

// CleanNow cleans away what ended up to the newest revision, as if all views were closed.
func (s *Store) CleanNow(ctx context.Context) error {
	newest, err := s.published(ctx)
	if err != nil {
		return err
	}
	if err := s.cleanTo(ctx, newest.revision); err != nil {
		return err
	}
	return s.prune(ctx)
}

// Count counts the nodes with a label.
func (s *Store) Count(ctx context.Context, label string) (int64, error) {
	records, err := s.ask(ctx, statement{text: "MATCH (n:@" + label + ") RETURN count(*)"}, nil)
	if err != nil {
		return 0, err
	}
	n, _ := records[0].Values[0].(int64)
	return n, nil
}

// Trace lets a test hear of every statement.
func (o *Options) Trace(f func(text string, parameters map[string]any)) { o.trace = f }

// SetStorage says that the graph has another storage version.
func (s *Store) SetStorage(ctx context.Context, version int) error {
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: "MATCH (m:@Meta {k: 'head'}) SET m.storage = $version"}, map[string]any{"version": version})
	return err
}

// FirstStorage takes the graph back to the first storage version.
func (s *Store) FirstStorage(ctx context.Context) error {
	for _, text := range []string{"MATCH (w:@Words) MATCH (s:@State {id: w.id, _since: w._since}) SET s._words = w.words DELETE w",
		"DROP INDEX @StateSince", "DROP INDEX @WordsSearch", "DROP CONSTRAINT @WordsSince", "DROP INDEX @WordsEnded", "CREATE INDEX @State FOR (n:@State) ON (n.id)",
		"CREATE FULLTEXT INDEX @Words FOR (n:@State) ON EACH [n._words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"} {
		if _, err := s.again(ctx, driver.AccessModeWrite, statement{text: text}, nil); err != nil {
			return err
		}
	}
	return s.SetStorage(ctx, 1)
}

// WriteOld gives an entity another state with other words, as a process does that knows the second storage version.
func (s *Store) WriteOld(ctx context.Context, id graph.EntityID, words string) error {
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: `MATCH (m:@Meta {k: 'head'}) WITH m.revision + 1 AS since
MATCH (n:@Entity {id: $id})-[:_state]->(s:@State {_until: 4611686018427387903}) CREATE (n)-[:_state]->(z:@State) SET z = properties(s), z._since = since, z._words = $words
SET s._until = 2305843009213693952 + since, s._ended = since`}, map[string]any{"id": string(id), "words": words})
	return err
}

// SaidNow counts the words of entities that have not ended.
func (s *Store) SaidNow(ctx context.Context) (int64, error) {
	records, err := s.ask(ctx, statement{text: "MATCH (w:@Words) WHERE w._until = 4611686018427387903 RETURN count(*)"}, nil)
	if err != nil {
		return 0, err
	}
	n, _ := records[0].Values[0].(int64)
	return n, nil
}

// Outlive makes a hold that is not released one that has lasted too long.
func (s *Store) Outlive(ctx context.Context) error {
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: "MATCH (m:@Meta {k: 'head'}) SET m.holdUntil = timestamp()"}, nil)
	return err
}

// SortKey is what a value is compared by.
func SortKey(v schema.Value) string { return sortKey(v) }

// Storage is the version that this store knows.
const Storage = storage

// Unpublish makes what was published after a revision something that its process did not live to publish.
func (s *Store) Unpublish(ctx context.Context, at graph.Revision) error {
	for s.floor.Load() > 0 {
		if !pause(ctx, time.Millisecond) {
			return ctx.Err()
		}
	}
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: "MATCH (p:@Meta {k: 'published'}) SET p.revision = $at"}, map[string]any{"at": int64(at)})
	return err
}
