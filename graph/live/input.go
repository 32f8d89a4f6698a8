package live

import (
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// Input names one thing to keep current: a value or the result of a rule set.
type Input struct {
	Entity graph.EntityID
	// Path is a property (static, live or computed, also inside components), id or name, or one across relationships with
	// one target: location.temperature. "" when RuleSet is given.
	Path schema.Path
	// RuleSet is the name of a rule set of the entity's type; "" when Path is given.
	RuleSet string
}

// Update is what is known of one input now.
type Update struct {
	Input int // index into the inputs given to Watch
	// Value is the value of a path: when STALE the last one known, or computed from it; null for every other status but OK.
	Value schema.Value
	Unit  string // UCUM code, "" for none
	// State is the state of a rule set that holds, "" when it is unknown, an error, or the set has no states.
	State string
	// Scalar is the scalar of a rule set; nil when it has none or it is not known. It must not be changed.
	Scalar *float64
	Since  time.Time // of the state; zero: no change was seen since the start
	// Time is when the value was measured; of a computed value the oldest time, of a rule set the newest among its inputs.
	// Zero for stored values.
	Time time.Time
	// Status is OK, or why there is no fresh value: of a rule set that is unknown, the status of the first missing input;
	// BAD_DATA when its evaluation failed; NOT_FOUND when the entity, the path or the rule set does not exist.
	Status  connectors.Status
	Quality connectors.Quality // worst among the inputs; "" when nothing was measured
	Why     string             // for people, when Status is not OK
}
