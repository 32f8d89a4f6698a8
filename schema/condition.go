package schema

// Condition is a filter over named values, neutral to who evaluates it: the store, a connector or the engine.
// A nil *Condition always holds. Conditions are immutable once built.
type Condition struct {
	Op   ConditionOp
	Args []*Condition // And, Or, Not (exactly one)
	// Path is the value compared, for all operators below Related.
	Path  Path
	Value Value // Eq ... Contains; a list for In, NotIn and HasAny; a Bool for IsNull and IsEmpty
	// Related is set for Op Related.
	Related *Related
}

// ConditionOp is the operator of a Condition.
type ConditionOp uint8

const (
	And ConditionOp = iota // of nothing: true
	Or                     // of nothing: false
	Not
	Eq
	Ne
	In
	NotIn
	Lt
	Lte
	Gt
	Gte
	StartsWith
	Contains
	IsNull    // Value is the wanted answer
	Has       // a list holds Value
	HasAny    // a list holds one of Value's elements
	IsEmpty   // Value is the wanted answer
	RelatedTo // see Related
)

// Related is a condition over the entities at the other end of a relation.
type Related struct {
	Relation   string
	Inverse    bool
	Types      []TypeName // concrete types counted, nil for all
	Where      *Condition // nil: any
	Quantifier Quantifier
	Count      *Condition // for QuantifierCount: compares the path "count"
}

type Quantifier uint8

const (
	Some Quantifier = iota
	Every
	NoneOf
	CountOf
)

// Truth is a value of three-valued logic; a comparison with null or with a value that is not known is Unknown.
type Truth int8

const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

// Eval evaluates c over the values that get returns (null when absent) and the answers that related gives for RelatedTo.
// A comparison with null is Unknown, except IsNull. related may be nil when c holds no RelatedTo.
func (c *Condition) Eval(get func(Path) Value, related func(*Related) Truth) Truth {
	if c == nil {
		return True
	}
	switch c.Op {
	case And:
		t := True
		for _, a := range c.Args {
			t = min(t, a.Eval(get, related))
			if t == False {
				return False
			}
		}
		return t
	case Or:
		t := False
		for _, a := range c.Args {
			t = max(t, a.Eval(get, related))
			if t == True {
				return True
			}
		}
		return t
	case Not:
		return -c.Args[0].Eval(get, related)
	case RelatedTo:
		return related(c.Related)
	}
	return c.Test(get(c.Path))
}
