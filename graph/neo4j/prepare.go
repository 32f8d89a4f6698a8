package neo4j

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/schema/fault"
)

// storage is the version of how the graph is kept. A newer one is refused, an older one is brought forward.
const storage = 3

// migrations[n] brings the storage from version n to n+1: each statement by itself, and each harmless when repeated. What a
// process that knows n still writes meanwhile is for closings.
var migrations = [storage][]string{{
	"CREATE CONSTRAINT @Meta IF NOT EXISTS FOR (n:@Meta) REQUIRE n.k IS UNIQUE",
	"CREATE CONSTRAINT @Entity IF NOT EXISTS FOR (n:@Entity) REQUIRE n.id IS UNIQUE",
	"CREATE CONSTRAINT @Unique IF NOT EXISTS FOR (n:@Unique) REQUIRE n.value IS UNIQUE",
	"CREATE CONSTRAINT @Log IF NOT EXISTS FOR (n:@Log) REQUIRE n.revision IS UNIQUE",
	"CREATE CONSTRAINT @Layout IF NOT EXISTS FOR (n:@Layout) REQUIRE n._since IS UNIQUE",
	"CREATE CONSTRAINT @Repeat IF NOT EXISTS FOR (n:@Repeat) REQUIRE n.key IS UNIQUE",
	"CREATE CONSTRAINT @Blob IF NOT EXISTS FOR (n:@Blob) REQUIRE n.digest IS UNIQUE",
	"CREATE CONSTRAINT @Chunk IF NOT EXISTS FOR (n:@Chunk) REQUIRE (n.digest, n.at) IS UNIQUE",
	"CREATE INDEX @Type IF NOT EXISTS FOR (n:@State) ON (n.assetType, n.id)",
	stateIndex,
	"CREATE INDEX @StateEnded IF NOT EXISTS FOR (n:@State) ON (n._ended)",
	"CREATE INDEX @Key IF NOT EXISTS FOR (n:@Key) ON (n.key, n.id)",
	"CREATE INDEX @KeyEnded IF NOT EXISTS FOR (n:@Key) ON (n._ended)",
	"CREATE INDEX @Artifact IF NOT EXISTS FOR (n:@Artifact) ON (n.kind, n.name)",
	"CREATE INDEX @RepeatAt IF NOT EXISTS FOR (n:@Repeat) ON (n.at)",
	"UNWIND ['@Type', '@StateSince', '@StateEnded', '@Key', '@KeyEnded', '@Artifact', '@RepeatAt'] AS name " + awaitIndex,
	`MERGE (m:@Meta {k: 'head'}) ON CREATE SET m.storage = 0, m.revision = 0, m.oldest = 0, m.horizon = 0, m.layout = 0
MERGE (p:@Meta {k: 'published'}) ON CREATE SET p.revision = 0
MERGE (l:@Layout {_since: 0}) ON CREATE SET l._until = 4611686018427387903, l.layout = '{}'`,
}, {
	stateIndex,
	"DROP INDEX @State IF EXISTS",
	"UNWIND ['@StateSince'] AS name " + awaitIndex,
}, {
	"DROP INDEX @Words IF EXISTS",
	"DROP INDEX @Search IF EXISTS",
	"CREATE CONSTRAINT @WordsSince IF NOT EXISTS FOR (n:@Words) REQUIRE (n.id, n._since) IS UNIQUE",
	"CREATE INDEX @WordsEnded IF NOT EXISTS FOR (n:@Words) ON (n._ended)",
	wordsIndex,
	"UNWIND ['@WordsEnded', '@WordsSearch'] AS name " + awaitIndex,
	"MATCH (s:@State) WHERE s._words IS NOT NULL " + moveWords + " IN TRANSACTIONS OF 5000 ROWS",
}}

// closings[n] ends the step from n to n+1, in the transaction that writes the version, under the lock of writers.
var closings = [storage]string{2: "CALL { MATCH (s:@State) WHERE s._words IS NOT NULL " + moveWords + endWords + " }"}

const (
	// Indexes are awaited by name: others, of another graph in the database, may be those of a constraint that waits for this
	// transaction to end.
	awaitIndex = "CALL db.awaitIndex(name, 120) RETURN count(*)"
	// An entity that changes all the time has many states: the newest of a view is the first in this index, backwards.
	stateIndex = "CREATE INDEX @StateSince IF NOT EXISTS FOR (n:@State) ON (n.id, n._since)"
	// Commits do not wait for what is searched, searches do.
	wordsIndex = "CREATE FULLTEXT INDEX @WordsSearch IF NOT EXISTS FOR (n:@Words) ON EACH [n.words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true}}"
	// Words stood at the states once.
	moveWords = `CALL { WITH s MERGE (w:@Words {id: s.id, _since: s._since})
SET w.words = s._words, w._until = s._until, w._ended = s._ended REMOVE s._words }`
	// Who still wrote them there did not end those that had been moved.
	endWords = ` CALL { WITH s MATCH (o:@Words) USING INDEX SEEK o:@Words(id, _since) WHERE o.id = s.id AND o._since < s._since AND o._until = 4611686018427387903
SET o._until = 2305843009213693952 + s._since, o._ended = s._since }`
)

const (
	readStorage  = "MATCH (m:@Meta {k: 'head'}) RETURN m.storage"
	writeStorage = "MATCH (m:@Meta {k: 'head'}) SET m._lock = 'storage' WITH m WHERE m.storage < $storage\n%s SET m.storage = $storage"
)

// mayWrite refuses to write to a storage of another version than this one: beside what a newer version writes it would be wrong.
func mayWrite(have int64) error {
	if have == storage {
		return nil
	}
	return fault.New(fault.Unavailable, "the graph in Neo4j has the storage version %d now and this process knows %d: a newer version of Mereon has taken it over. Nothing was changed; restart this process with that version", have, storage)
}

// prepare makes the graph's constraints and indexes, or brings an older storage forward. It is safe in several processes
// at once.
func (c *connection) prepare(ctx context.Context) error {
	have := int64(0)
	records, err := c.again(ctx, driver.AccessModeWrite, statement{text: readStorage}, nil)
	if err != nil {
		return err
	}
	if len(records) > 0 {
		have, _ = records[0].Values[0].(int64)
	}
	if have > storage {
		return fault.New(fault.Invalid, "the graph in Neo4j has the storage version %d and this version knows %d: it was written by a newer version of Mereon, use that one. Nothing was changed", have, storage)
	}
	for ; have < storage; have++ {
		for _, text := range migrations[have] {
			if err := c.migrate(ctx, text); err != nil {
				return err
			}
		}
		if _, err := c.again(ctx, driver.AccessModeWrite, statement{text: fmt.Sprintf(writeStorage, closings[have])}, map[string]any{"storage": have + 1}); err != nil {
			return err
		}
	}
	return nil
}

// migrate runs one statement of a migration. While another process makes the same constraint or index, Neo4j says that it exists
// in spite of IF NOT EXISTS: it is asked again until that is made.
func (c *connection) migrate(ctx context.Context, text string) (err error) {
	for range 600 {
		_, err = c.again(ctx, driver.AccessModeWrite, statement{text: text}, nil)
		answer, said := errors.AsType[*driver.Neo4jError](err)
		if !said || !strings.HasPrefix(answer.Code, "Neo.ClientError.Schema.") || !strings.HasSuffix(answer.Code, "AlreadyExists") || !pause(ctx, 100*time.Millisecond) {
			break
		}
	}
	return err
}
