package connectors

import (
	"context"
	"time"

	"mereon/schema"
)

// Source answers questions to connectors by name; *Runtime is the real one. Answers are positional and complete: a source
// that fails gives statuses, never an error.
type Source interface {
	// Latest reads the newest measurement of every reference: len(readings) == len(refs). Equal references are asked once.
	Latest(ctx context.Context, connector string, refs []string) Answer[Reading]
	// History reads a range of every reference.
	History(ctx context.Context, connector string, refs []string, w Want) Answer[Range]
	// Histories is History for references with an aggregate each, which are asked for together where the connector can;
	// w.Aggregate does not count.
	Histories(ctx context.Context, connector string, keys []Key, w Want) Answer[Range]
	// Records reads rows per key; w.KeyColumns empty and one empty key for the whole collection. The residual filter,
	// order and limits are applied: the rows are exactly what w asks for.
	Records(ctx context.Context, connector string, keys []Key, w Want) Answer[Rows]
	// Watch keeps references current: push where the connector can, else one shared poller per connector for the union of
	// all watched references. It calls on with every change, including changes of status, never concurrently for one watch,
	// until stop. The first call for each reference comes as soon as something is known.
	Watch(connector string, refs []string, on func(ref string, r Reading)) (stop func())
	// Descriptor returns what a connector offers, from cache when it is known.
	Descriptor(ctx context.Context, connector string) (Descriptor, error)
	// Escape escapes one value inserted into a reference template of that connector.
	Escape(connector, value string) string
	// Now is the connector's clock: the time of day, or the pinned or shifted clock of a replay.
	Now(connector string) time.Time
	// Health lists every configured connector, by name.
	Health() []Health
}

// Answer holds one result per key, and what it took.
type Answer[T any] struct {
	Results []T
	Calls   int // requests to the system made for this answer
	Cached  int // keys answered from cache or a shared call
	Keys    int // distinct keys
	Elapsed time.Duration
	Asks    string // what the system was asked, for people: its statement or request; "" when it was not, or that is not known
	// Failure is set when the system as a whole failed for some keys: Keys it failed for, and the first of them.
	Failure                 *Failure
	FailedKeys, FirstFailed int
}

// Reading is the newest measurement of one series. Status OK has a measurement; STALE has an old one; all others have
// the last one known, when there is one, for its time and age, with a null Value.
type Reading struct {
	Measurement
	Status Status
	Why    string        // for people
	Stale  time.Duration // the connector's own limit after which a value is stale, 0 unknown
}

// Range is a part of one series.
type Range struct {
	Measurements []Measurement
	Status       Status    // OK, EMPTY, TRUNCATED or a failure
	Until        time.Time // covered up to, when TRUNCATED
	Why          string
}

// Rows is the rows of one key: Cells is row-major, len(w.Columns) per row.
type Rows struct {
	Cells  []schema.Value
	Count  int // rows in Cells
	Total  int // matches before PerKey, when asked for; -1 unknown
	More   bool
	Status Status // OK, EMPTY or a failure
	Why    string
}

// Health is how a connector does.
type Health struct {
	Name, Kind             string
	State                  string // "ok", "degraded", "down", "idle"
	Calls                  int64  // since start
	Keys                   int64  // asked for since start, and of them from cache or a shared call
	Shared                 int64
	Errors                 int64
	LatencyP50, LatencyP95 time.Duration
	LastAnswer             time.Time // zero: never
	LastError              string
	LastErrorAt            time.Time
	Watched                int // references watched now
	Push                   bool
}
