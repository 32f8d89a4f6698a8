package rules

import (
	"time"

	"mereon/schema"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

// Set is a compiled rule set. It is immutable and safe for concurrent use.
type Set struct {
	Name        string
	On          schema.TypeName // it applies to this asset type and those below it
	Description string
	// Inputs are what it reads: those declared, in the order written, then the properties its expressions and its message name directly.
	Inputs []Input
	Params []Param
	// States are the states it can give, in the order written, each once.
	States   []string
	Alarm    *Alarm // nil: it raises none
	Position fault.Position
	// Hash is equal for sets that behave the same; running states survive a change of the book when it is.
	Hash string

	statements []statement
	table      *table
	scalar     *scalar
	message    *message
	holds      bool // some statement has a hold or clear: conditions are remembered
}

// Input is one value a rule set reads.
type Input struct {
	Name  string      // in expressions
	Path  schema.Path // as written: location.temperature, or the name of what is counted
	Type  schema.ValueType
	Unit  string
	Route Route  // where the value is; unused for a count
	Count *Count // not nil: the number of records or related entities
	// Declared is false for a property that an expression names directly.
	Declared bool
}

// Count is the number of neighbours of an entity: records over Join, or entities over Relationship; one of them is set.
type Count struct {
	Join         *schema.Join
	Record       *schema.RecordType
	Relationship *schema.Relationship
	Where        *expr.Program // nil: all; reads fields of the neighbour
}

// Param is a parameter that an entity may override.
type Param struct {
	Name        string
	Description string
	Type        schema.ValueType
	Unit        string
	Default     schema.Value // null: every entity must give one
	Min, Max    *float64
}

// Severities of alarms, worst first.
var Severities = []string{"critical", "warning", "info"}

// Alarm says which states are alarms.
type Alarm struct {
	On       []string
	Severity string // one of Severities
	Message  string // as written, with {placeholders}; "": the state of the entity
}

// Raises says whether state is an alarm of the set.
func (s *Set) Raises(state string) bool {
	if s.Alarm == nil || state == "" {
		return false
	}
	for _, on := range s.Alarm.On {
		if on == state {
			return true
		}
	}
	return false
}

// HasScalar says whether the set gives a number beside its state.
func (s *Set) HasScalar() bool { return s.scalar != nil }

// statement is one line of states.
type statement struct {
	state string
	when  *condition // nil: always
	hold  time.Duration
	clear *condition // nil: when no longer holds
}

// condition is an expression bound to the slots of its set.
type condition struct {
	program *expr.Program
	at      []int
}

func (c *condition) eval(values []schema.Value) expr.Result { return c.program.EvalAt(values, c.at) }
