package query

import (
	"context"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// States answers for running rule sets; graph/live is the real one, joined by the wiring.
type States interface {
	// States returns the states of every entity: len(answers) == len(ids), one State per rule set that applies, by name.
	States(ctx context.Context, ids []graph.EntityID) ([][]State, error)
	// Alarms returns the active alarms, worst first, then by since and entity.
	Alarms(ctx context.Context) ([]Alarm, error)
	// WatchStates calls on when a state of one of ids changes (nil ids: of any), and WatchAlarms when the active alarms do,
	// until stop. Calls are not concurrent for one watch and must return soon.
	WatchStates(ids []graph.EntityID, on func(graph.EntityID)) (stop func())
	WatchAlarms(on func()) (stop func())
}

// State is the result of one rule set for one entity.
type State struct {
	RuleSet  string
	State    string    // the state that holds; "" when unknown or an error
	Scalar   *float64  // of the rule set's scalar, nil when it has none or it is unknown
	Since    time.Time // zero: before the service started
	Unknown  []string  // the inputs that are missing, when the state is unknown
	Error    string    // why evaluation failed, "" when it did not
	Severity string    // "", or of the alarm: info, warning, critical
	Message  string    // of the alarm
	Inputs   []Input   // with time and quality
	Steps    []Step    // every statement in order and what it gave
}

// Input is one input of a rule set as it was used.
type Input struct {
	Name   string
	Path   string
	Value  schema.Value
	Unit   string
	Time   time.Time
	Status string
	// Quality is GOOD, UNCERTAIN or BAD; "" for stored values and parameters.
	Quality string
}

// Step is one statement of a rule set: true, false, unknown or error.
type Step struct {
	State   string
	When    string
	Result  string
	Winner  bool
	Holding time.Duration // how long the condition has held of its hold time
}

// Alarm is one active alarm.
type Alarm struct {
	Entity   graph.EntityID
	RuleSet  string
	State    string
	Severity string // critical, warning, info
	Message  string
	Since    time.Time
}
