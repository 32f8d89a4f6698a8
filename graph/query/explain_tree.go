package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// PlanStep is one step of a plan: rows that are read, with the steps that start from them, or a question to a connector.
type PlanStep struct {
	Step  string      `json:"step"`            // the place in the operation (pumps), or the kind of question (latest)
	From  string      `json:"from"`            // graph, rules, or the name of a connector
	Does  string      `json:"does"`            // what is read there
	Notes []string    `json:"notes,omitempty"` // filters, orders, which side goes first and why
	Asks  string      `json:"asks,omitempty"`  // the statement or request that the system got, values as placeholders
	Cost  int64       `json:"cost,omitempty"`  // values that it may touch, before it has run
	Took  *Took       `json:"took,omitempty"`  // nil: it has not run
	Steps []*PlanStep `json:"steps,omitempty"`
}

// Took is what one step took.
type Took struct {
	Keys   int     `json:"keys"`             // parents, or keys asked for
	Before int     `json:"before,omitempty"` // rows that were looked at to decide Rows; 0 when the source decided
	Rows   int     `json:"rows"`
	Calls  int     `json:"calls"`  // requests to the system; of the graph, batches
	Cached int     `json:"cached"` // keys answered from cache or a shared call
	AgeMs  int64   `json:"ageMs,omitempty"`
	Ms     float64 `json:"ms"`
}

// treeMaker makes the tree of a plan from its levels.
type treeMaker struct {
	catalog *catalog
	of      func(*level) *question // what a level asks; nil: not known before it runs
	shown   func(*level) bool      // nil: all
	asks    bool                   // the questions to connectors that are foreseen
	prices  []float64              // by level; nil: not known
}

func (m *treeMaker) steps(lv *level) []*PlanStep {
	var list []*PlanStep
	for _, child := range lv.children {
		if !m.visible(child) {
			continue
		}
		s := m.step(child)
		if q := m.of(lv); q != nil && slices.ContainsFunc(q.below, func(b inlinedLevel) bool { return b.level == child }) {
			s.Notes = append([]string{"comes with the rows of " + lv.pathName()}, s.Notes...)
		}
		list = append(list, s)
	}
	return list
}

// visible says whether a level is a step: a connection of which only groups are asked is none.
func (m *treeMaker) visible(lv *level) bool {
	if m.shown != nil && !m.shown(lv) {
		return false
	}
	if len(lv.cuts) == 0 || lv.asked {
		return true
	}
	q := m.of(lv)
	return q == nil || !lv.idle(q)
}

func (m *treeMaker) step(lv *level) *PlanStep {
	s := &PlanStep{Step: lv.name, From: "graph", Does: lv.rows.String()}
	if lv.record != nil {
		s.From, s.Does = lv.record.Connector, lv.record.Collection+" "+s.Does
	}
	if !lv.guards.hold(0) {
		s.Notes = append(s.Notes, "only when @include and @skip say so")
	}
	if q := m.of(lv); q != nil {
		s.Notes = append(s.Notes, q.notes()...)
	}
	if m.prices != nil {
		s.Cost = whole(m.prices[lv.id])
	}
	if m.asks {
		s.Steps = m.questions(lv)
	}
	s.Steps = append(s.Steps, m.steps(lv)...)
	return s
}

// questions lists what connectors are asked for the rows of a level, each once.
func (m *treeMaker) questions(lv *level) []*PlanStep {
	var list []*PlanStep
	add := func(kind string, path schema.Path, types []schema.TypeName) {
		if types == nil {
			types = lv.types
		}
		for _, connector := range m.catalog.suppliers(types, path) {
			i := slices.IndexFunc(list, func(s *PlanStep) bool { return s.Step == kind && s.From == connector })
			if i < 0 {
				list = append(list, &PlanStep{Step: kind, From: connector, Does: string(path)})
			} else {
				list[i].Does += ", " + string(path)
			}
		}
	}
	for _, need := range lv.live {
		add("latest", need.path, need.types)
	}
	for _, need := range lv.history {
		add("history", need.path, need.types)
	}
	if lv.states != nil {
		list = append(list, &PlanStep{Step: "states", From: "rules", Does: "results of rule sets"})
	}
	return list
}

// notes says what a question filters, orders and pages.
func (q *question) notes() []string {
	if q.err != nil {
		return []string{"refused: " + q.err.Error()}
	}
	var notes []string
	if q.within != nil {
		notes = append(notes, "within "+string(q.within.Root))
	}
	if q.search != "" {
		notes = append(notes, fmt.Sprintf("found by %q", q.search))
	}
	if q.push != nil {
		notes = append(notes, "where "+brief(conditionText(q.push)))
	}
	if q.rest != nil {
		notes = append(notes, "decided here: "+brief(q.rest.String()))
		for _, way := range q.rest.drives(false) {
			notes = append(notes, "may go first: rows of "+way.names())
		}
	}
	if q.cut != nil {
		return append(notes, q.cut.notes()...)
	}
	for _, j := range q.joins {
		notes = append(notes, "joined there: "+j.Name+" ("+j.Collection+")")
	}
	var keys []string
	for _, k := range q.order {
		text := string(k.path)
		if k.desc {
			text += " descending"
		}
		if k.federated && !k.ranked {
			text += " (decided here)"
		}
		keys = append(keys, text)
	}
	if len(keys) > 0 {
		notes = append(notes, "order by "+strings.Join(keys, ", ")+", nulls last")
	}
	if len(q.extra) > 0 {
		notes = append(notes, "asked before paging: "+paths(q.extra))
	}
	if len(q.columns) > 0 {
		notes = append(notes, "reads "+paths(q.columns))
	}
	if len(q.folds) > 0 {
		notes = append(notes, "all rows are read, groups are made of them")
	}
	switch {
	case q.page.last > 0:
		notes = append(notes, fmt.Sprintf("last %d", q.page.last))
	case q.page.first > 0:
		notes = append(notes, fmt.Sprintf("first %d", q.page.first))
	}
	return notes
}

func paths(list []schema.Path) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// brief cuts what is too long for a person.
func brief(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}

// tree puts what steps took to their places in the plan.
func (x *execution) tree() []*PlanStep {
	shown := func(lv *level) bool { return lv.guards.hold(x.guards) }
	m := treeMaker{x.engine.catalog, func(lv *level) *question { return x.questions[lv.id] }, shown, false, nil}
	top, places := x.plan.levels[0], map[*level]*PlanStep{}
	root := &PlanStep{Steps: m.steps(top)}
	m.place(top, root, places)
	for k := range x.tally.explain.Steps {
		x.tally.explain.Steps[k].put(root, places)
	}
	return root.Steps
}

// place notes which step belongs to which level.
func (m *treeMaker) place(lv *level, s *PlanStep, places map[*level]*PlanStep) {
	places[lv] = s
	at := 0
	for _, child := range lv.children {
		if m.visible(child) {
			m.place(child, s.Steps[at], places)
			at++
		}
	}
}

func (s *StepReport) put(root *PlanStep, places map[*level]*PlanStep) {
	took := &Took{
		Keys: s.Keys, Before: s.Candidates, Rows: s.Rows, Calls: s.Calls, Cached: s.Cached, AgeMs: s.Oldest.Milliseconds(),
		Ms: float64(s.Elapsed.Microseconds()) / 1000,
	}
	at := places[s.at]
	if at != nil && s.rows && at.Took == nil {
		at.Took, at.Asks = took, s.Asks
		if s.Why != "" {
			at.Notes = append(at.Notes, s.Why)
		}
		for _, lv := range s.also {
			if other := places[lv]; other != nil {
				other.Notes = append(other.Notes, "asked together with "+s.at.pathName())
			}
		}
		return
	}
	for lv := s.at; at == nil && lv != nil; lv = lv.parent {
		at = places[lv]
	}
	if at == nil {
		at = root
	}
	from := s.Connector
	if from == "" {
		from = s.Kind
	}
	asked := &PlanStep{Step: s.Kind, From: from, Does: s.Detail, Asks: s.Asks, Took: took}
	at.Steps = slices.Insert(at.Steps, at.asked(), asked)
}

// asked is where a further question to connectors stands: after those there are, before the levels below.
func (s *PlanStep) asked() int {
	for i, step := range s.Steps {
		if !step.isQuestion() {
			return i
		}
	}
	return len(s.Steps)
}

func (s *PlanStep) isQuestion() bool {
	return s.Took != nil && s.From != "graph" && (s.Step == "latest" || s.Step == "history" || s.Step == "records" || s.Step == "rules")
}

// oldest is how old the oldest measurement of an answer is.
func oldest[T any](results []T, now time.Time) time.Duration {
	var age time.Duration
	for i := range results {
		if r, ok := any(&results[i]).(*connectors.Reading); ok && !r.Time.IsZero() {
			age = max(age, now.Sub(r.Time))
		}
	}
	return age
}
