package query

import (
	"fmt"
	"strings"
	"time"
)

// Explain says what an execution took.
type Explain struct {
	Batches    int            // questions to the graph
	Questions  int            // questions to connectors and to running rules: at most one per connector, kind and level
	Connectors map[string]int // questions by connector
	Calls      int            // requests that connectors made to their systems
	Keys       int            // keys asked for
	Rows       int            // rows of the graph
	Steps      []StepReport   // in the order in which they began; only when asked for
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
	Candidates int    // rows that were looked at to decide Rows; 0 when the graph decided
	Why        string // which side of a federated filter went first, and the numbers that decided it
	Started    time.Time
	Elapsed    time.Duration
}

// Extension returns what is sent as extensions.plan.
func (e Explain) Extension() map[string]any {
	steps := make([]map[string]any, len(e.Steps))
	for i, s := range e.Steps {
		steps[i] = map[string]any{
			"kind": s.Kind, "detail": s.Detail, "keys": s.Keys, "calls": s.Calls, "rows": s.Rows,
			"ms": float64(s.Elapsed.Microseconds()) / 1000,
		}
		if s.Candidates > 0 {
			steps[i]["candidates"] = s.Candidates
		}
		if s.Why != "" {
			steps[i]["why"] = s.Why
		}
		if s.Connector != "" {
			steps[i]["connector"], steps[i]["cached"] = s.Connector, s.Cached
		}
	}
	return map[string]any{
		"batches": e.Batches, "questions": e.Questions, "calls": e.Calls, "keys": e.Keys, "rows": e.Rows,
		"connectors": e.Connectors, "steps": steps,
	}
}

// pathName is the place of a level in the operation: pumps.feeds.
func (lv *level) pathName() string {
	if lv.parent == nil || lv.parent.parent == nil {
		return lv.name
	}
	return lv.parent.pathName() + "." + lv.name
}

// String shows the plan as a tree for people: what is read, in which order, and what each connector is asked for.
func (p *Plan) String() string {
	var b strings.Builder
	for _, lv := range p.levels[0].children {
		lv.write(&b, "")
	}
	return b.String()
}

func (lv *level) write(b *strings.Builder, indent string) {
	fmt.Fprintf(b, "%s%s: %s%s\n", indent, lv.key, lv.rows, lv.guardText())
	inner := indent + "  "
	if lv.record != nil {
		fmt.Fprintf(b, "%sfrom %s %s\n", inner, lv.record.Connector, lv.record.Collection)
	}
	if len(lv.columns) > 0 {
		fmt.Fprintf(b, "%sread %v\n", inner, lv.columns)
	}
	if q := lv.fixed; q != nil {
		q.write(b, inner)
	}
	for _, need := range lv.live {
		fmt.Fprintf(b, "%slatest %s\n", inner, need.path)
	}
	for _, need := range lv.history {
		fmt.Fprintf(b, "%shistory %s\n", inner, need.path)
	}
	if lv.states != nil {
		fmt.Fprintf(b, "%sstates\n", inner)
	}
	for _, child := range lv.children {
		child.write(b, inner)
	}
}

func (lv *level) guardText() string {
	if lv.guards.hold(0) {
		return ""
	}
	return fmt.Sprintf(" if %b", []uint64(lv.guards))
}

func (q *question) write(b *strings.Builder, indent string) {
	if q.err != nil {
		fmt.Fprintf(b, "%serror %v\n", indent, q.err)
	}
	if q.search != "" {
		fmt.Fprintf(b, "%sfound by %q\n", indent, q.search)
	}
	if q.push != nil {
		fmt.Fprintf(b, "%swhere %s\n", indent, conditionText(q.push))
	}
	if q.rest != nil {
		fmt.Fprintf(b, "%sdecide %s\n", indent, q.rest)
	}
	for _, k := range q.order {
		where := ""
		if k.federated && !k.ranked {
			where = " (decided)"
		}
		direction := "ascending"
		if k.desc {
			direction = "descending"
		}
		fmt.Fprintf(b, "%sorder by %s %s%s\n", indent, k.path, direction, where)
	}
	for _, path := range q.extra {
		fmt.Fprintf(b, "%sask first for %s\n", indent, path)
	}
}
