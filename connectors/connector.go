package connectors

import (
	"context"
	"time"

	"mereon/schema"
)

// Connector is one configured outside system. Methods are safe for concurrent use and honour the deadline of ctx.
type Connector interface {
	// Describe says what the system offers. Its answer may change when the system does; Revision tells.
	Describe(ctx context.Context) (Descriptor, error)
	// Plan says what Fetch will do for a question and what is left for the engine. It is pure: no outside call.
	// Errors: Invalid when the question cannot be answered at all (unknown collection or column).
	Plan(ctx context.Context, w Want) (Accept, error)
	// Fetch answers one batch in one request to the system. Every key gets results or a status through out; a key that
	// gets neither is Empty (series: NoDataYet). It fails as a whole only when nothing could be asked; the runtime then
	// gives every key the status of the error (see Failure).
	Fetch(ctx context.Context, a Accept, b Batch, out Sink) error
	// Close waits for running calls. It is safe to call twice.
	Close(ctx context.Context) error
}

// Watcher is a connector that can push. Watch sends changes of keys to out until ctx ends or an error, the newest value of
// each key first. Keys are added and removed through the returned WatchSet.
type Watcher interface {
	Watch(ctx context.Context, out WatchSink) (WatchSet, error)
}

// WatchSet changes the keys of a running watch. Both are idempotent and return at once.
type WatchSet interface {
	Add(keys ...string)
	Remove(keys ...string)
}

// WatchSink receives pushed measurements. A gap says that changes may have been missed for the key: read it again.
type WatchSink interface {
	Push(key string, m Measurement)
	Gap(key string)
	// Down reports that the source cannot be reached; nil that it can be again.
	Down(err error)
}

// Checker says whether the system is reachable and what rights are missing.
type Checker interface {
	Check(ctx context.Context) error
}

// Escaper escapes one inserted value of a reference template so that it can only be part of a key.
// Without it, values are escaped as a URL path segment.
type Escaper interface {
	EscapeKey(value string) string
}

// Discoverer gives entities and relationships found in the system as neutral rows, for import.
type Discoverer interface {
	Discover(ctx context.Context, out func(DiscoveredRow) error) error
}

// DiscoveredRow is an entity (To == "") or a relationship found in the system.
type DiscoveredRow struct {
	ID, Type, Name string
	Values         map[string]schema.Value
	Relation, To   string
}

// Descriptor says what a system offers.
type Descriptor struct {
	Revision    string
	Series      *SeriesOffer // nil: no series
	Collections []Collection
	BatchWidth  int // keys in one request, 0 = no limit
	// Joins says that to-one joins between its collections are taken (Want.Joins). Without it they are refused.
	Joins bool
}

// SeriesOffer describes the series of a system.
type SeriesOffer struct {
	History    bool
	Aggregates []Aggregate   // computed by the system; the engine computes the others from raw values
	StaleAfter time.Duration // 0: unknown
	Keys       []string      // examples or all, for people; may be empty
}

// Collection is a table of records.
type Collection struct {
	Name        string
	Description string
	Columns     []Column
	RowCount    int  // -1 when unknown
	Estimated   bool // RowCount is about the number of rows
}

// Column is one column of a collection.
type Column struct {
	Name     string
	Type     schema.ValueType
	Unit     string
	Key      bool // can be asked for by many values at once
	Filter   []schema.ConditionOp
	Order    bool
	Describe string
}

// WantKind is what is asked for.
type WantKind uint8

const (
	Latest  WantKind = iota // the newest measurement of every key
	History                 // measurements in a range
	Records                 // rows of a collection
)

// Want is one question, without its keys.
type Want struct {
	Kind WantKind
	// Records:
	Collection string
	Columns    []string
	KeyColumns []string          // rows are wanted per key: equal values in these columns; empty: rows of the whole collection
	Where      *schema.Condition // over column names
	Order      []Order
	Joins      []Join // to-one joins inside the system: Columns, Where and Order may then use "Name.column"
	PerKey     int    // > 0: at most that many rows per key
	Limit      int    // > 0: at most that many rows in all
	Count      bool
	// Group and Measures, when either is set, ask for groups of rows: see GroupBy.
	Group    []GroupBy
	Measures []Measure
	// History: [From, To), UTC.
	From, To  time.Time
	Every     time.Duration // 0: raw
	Aggregate Aggregate     // with Every
	// Aggregates, when not nil, are several, Aggregate the first of them: every key says which is its own (Key.Aggregate).
	// A connector that makes buckets and does not accept that (Accept.AggregatesDone) is asked for one after the other.
	Aggregates []Aggregate
	Location   string // IANA time zone in which day buckets begin
}

// Order is one key of an order; nulls last.
type Order struct {
	Column string
	Desc   bool
}

// Join adds to each row of a question at most one row of another collection of the same system; where there is none, its
// columns are null. A later join may start at the columns of an earlier one ("Name.column" as outer column).
type Join struct {
	Name       string // its columns are "Name.column"; without a dot, unique in the question
	Collection string
	// On is pairs of an outer and an inner column whose values are equal; null equals nothing. Where several inner rows match,
	// the one with the lowest values in the columns that identify a row is taken.
	On [][2]string
}

// Aggregate is how the values of one bucket become one.
type Aggregate string

const (
	Raw   Aggregate = ""
	Avg   Aggregate = "AVG"
	Min   Aggregate = "MIN"
	Max   Aggregate = "MAX"
	Sum   Aggregate = "SUM"
	Count Aggregate = "COUNT"
	First Aggregate = "FIRST"
	Last  Aggregate = "LAST"
)

// Accept is what a connector will do with a Want. It belongs to the plan and may be kept as long as the connector lives.
type Accept struct {
	Want           Want
	Handle         any               // the connector's own
	Residual       *schema.Condition // what the engine must still filter; the engine checks pushed filters too
	OrderDone      bool
	LimitDone      bool   // PerKey and Limit are exact
	AggregateDone  bool   // buckets of history, groups of records: what is sent are the buckets, the groups
	AggregatesDone bool   // buckets of history: each key's are of its own aggregate
	JoinsDone      bool   // rows come with the columns of all of Want.Joins; false refuses a question with joins
	BatchWidth     int    // 0: the descriptor's
	Explain        string // for people: what is pushed down
}

// Key is one thing asked for: a series reference, or the values of the key columns.
type Key struct {
	Ref       string
	Values    []schema.Value
	Aggregate Aggregate // with Want.Aggregates; keys with the same Ref and others may be in the batch
}

// Batch is the keys of one request. With no key columns a Records batch has exactly one Key, empty.
type Batch struct {
	Keys []Key
	Now  time.Time
}

// Sink receives the answers of one Fetch. Calls may come in any order but not concurrently; key is an index into Batch.Keys.
type Sink interface {
	Measurement(key int, m Measurement)   // Latest: once; History: in order of time
	Row(key int, cells []schema.Value)    // one per Want.Columns; cells may be reused by the connector after the call
	Total(key int, count int)             // Want.Count: matches before PerKey
	Status(key int, s Status, why string) // other than OK; why is for people and holds no secret
	Truncated(key int, until time.Time)   // History: not all; covered up to until
}

// Teller is a Sink that wants to know what the system is asked, for people: a statement, or the shape of a request, with
// placeholders for values and without secrets. It is told before the answers; the first thing counts.
type Teller interface {
	Asked(text string)
}

// Measurement is one value of a series. Its unit is the one the series has in the source; "" is the property's own.
type Measurement struct {
	Value   schema.Value
	Time    time.Time // when it was true, UTC
	Unit    string
	Quality Quality
}

// Quality says how far a measurement can be trusted.
type Quality string

const (
	Good      Quality = "GOOD"
	Uncertain Quality = "UNCERTAIN"
	Bad       Quality = "BAD"
)

// Status says what is known of a federated value.
type Status string

const (
	OK          Status = "OK"
	Stale       Status = "STALE"       // older than it should be
	Empty       Status = "EMPTY"       // records: none; history: none in the range
	NoDataYet   Status = "NO_DATA_YET" // the series exists, nothing was measured
	NotBound    Status = "NOT_BOUND"   // the entity lacks a value its reference needs
	NotFound    Status = "NOT_FOUND"   // the source does not know the key
	Denied      Status = "DENIED"
	Throttled   Status = "THROTTLED"
	TimedOut    Status = "TIMEOUT"
	Unavailable Status = "UNAVAILABLE"
	Unsupported Status = "UNSUPPORTED"
	Truncated   Status = "TRUNCATED"
	BadData     Status = "BAD_DATA" // the source sent what it should not
	Pending     Status = "PENDING"  // deferred, or computed when watched
)
