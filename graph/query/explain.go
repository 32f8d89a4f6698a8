package query

import (
	"context"
	"strings"
	"time"

	"mereon/schema/access"
	"mereon/schema/fault"
)

// Explain says what an execution took.
type Explain struct {
	Batches    int            // questions to the graph
	Questions  int            // questions to connectors and to running rules: at most one per connector, kind and level
	Connectors map[string]int // questions by connector
	Calls      int            // requests that connectors made to their systems
	Keys       int            // keys asked for
	Rows       int            // rows of the graph
	Looked     int            // rows read or looked at, of the row budget
	Budget     int            // limits.rows
	Cost       int64          // values that the operation could have touched, as counted before it ran
	CostLimit  int64          // limits.cost
	Steps      []StepReport   // in the order in which they began; only when asked for
	Tree       []*PlanStep    // the same as a tree; only when asked for
}

// StepReport is one question that was asked.
type StepReport struct {
	Kind       string // graph, latest, history, records, rules
	Connector  string
	Detail     string
	Keys       int // parents or keys
	Calls      int
	Cached     int
	Rows       int
	Candidates int           // rows that were looked at to decide Rows; 0 when the graph decided
	Why        string        // which side of a federated filter went first, and the numbers that decided it
	Oldest     time.Duration // latest: the age of the oldest measurement
	Asks       string        // what the system was asked, for people: its statement or request; "" unknown
	Started    time.Time
	Elapsed    time.Duration
	at         *level   // the level it was asked for
	rows       bool     // it gave the rows of that level
	also       []*level // and of these
}

// Extension returns what is sent as extensions.plan: numbers of the whole, the tree of steps, and the tree as lines of text.
func (e Explain) Extension() map[string]any {
	out := map[string]any{
		"batches": e.Batches, "questions": e.Questions, "calls": e.Calls, "keys": e.Keys, "rows": e.Rows,
		"connectors": e.Connectors, "looked": e.Looked, "budget": e.Budget, "cost": e.Cost, "costLimit": e.CostLimit,
		"steps": e.Tree, "text": strings.Split(strings.TrimSuffix(Text(e.Tree), "\n"), "\n"),
	}
	return out
}

// pathName is the place of a level in the operation: pumps.feeds.
func (lv *level) pathName() string {
	if lv.parent == nil || lv.parent.parent == nil {
		return lv.name
	}
	return lv.parent.pathName() + "." + lv.name
}

// Tree is the plan before it runs, with what its arguments ask where they are no variables.
func (p *Plan) Tree() []*PlanStep {
	m := treeMaker{p.engine.catalog, func(lv *level) *question { return lv.fixed }, nil, true, nil}
	steps := m.steps(p.levels[0])
	for _, m := range p.mutations {
		steps = append(steps, m.answer.Tree()...)
	}
	return steps
}

// String shows the plan as a tree for people: what is read, in which order, and what each connector is asked for.
func (p *Plan) String() string { return Text(p.Tree()) }

// Preview says how an operation would be answered with these variables: its steps, each with what it may cost. Only counts are
// read. Errors: those of Execute before it reads anything, Limit among them.
func (p *Plan) Preview(ctx context.Context, r Request) (Explain, error) {
	if !access.FromContext(ctx).MayRead() {
		return Explain{}, fault.New(fault.Forbidden, "reading needs a token with the role viewer or operator")
	}
	if p.mutations != nil {
		return Explain{Tree: p.Tree(), CostLimit: int64(p.engine.limits.Cost)}, nil
	}
	x, err := p.start(ctx, r)
	if err != nil {
		return Explain{}, err
	}
	defer x.release()
	if err := x.afford(); err != nil {
		return Explain{}, err
	}
	m := treeMaker{p.engine.catalog, x.question, func(lv *level) bool { return lv.guards.hold(x.guards) }, true, x.prices}
	return Explain{Cost: x.tally.explain.Cost, CostLimit: int64(p.engine.limits.Cost), Budget: p.engine.limits.Rows, Tree: m.steps(p.levels[0])}, nil
}
