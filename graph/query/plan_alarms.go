package query

import (
	"slices"
	"strings"

	"mereon/graph"
)

// alarmSource gives the active alarms, as the running rules know them.
type alarmSource struct{}

func (alarmSource) String() string { return "alarms" }

func (alarmSource) ask(_ *catalog, _ *level, args map[string]any, q *question) error {
	q.severity = textsOf(args["severity"])
	first, err := pageSize("first", args["first"], 10_000)
	q.page.first = first
	return err
}

func (alarmSource) read(x *execution, lv *level, q *question) (*frame, error) {
	alarms, err := x.engine.states.Alarms(x.ctx)
	if err != nil {
		return nil, err
	}
	if len(q.severity) > 0 {
		alarms = slices.DeleteFunc(slices.Clone(alarms), func(a Alarm) bool {
			return !slices.Contains(q.severity, strings.ToUpper(a.Severity))
		})
	}
	alarms = alarms[:min(len(alarms), q.page.first)]
	return &frame{level: lv, n: len(alarms), alarms: alarms, offsets: []int32{0, int32(len(alarms))}}, nil
}

// idSource finds the entities that the rows above name by id, whatever they are: alarms, changes.
type idSource struct {
	of func(f *frame, i int) graph.EntityID
}

func (idSource) String() string { return "lookup" }

func (s idSource) read(x *execution, lv *level, q *question) (*frame, error) {
	parent := x.frames[lv.parent.id]
	ids := make([]graph.EntityID, parent.n)
	for i := range ids {
		ids[i] = s.of(parent, i)
	}
	b, err := x.view.Lookup(x.ctx, ids, q.columns)
	if err != nil {
		return nil, err
	}
	f := x.positional(lv, b, q.columns)
	f.offsets = make([]int32, f.n+1)
	for i := range f.offsets {
		f.offsets[i] = int32(i)
	}
	return f, nil
}

// alarms plans the root field alarms.
func (p *planner) alarms(top *level, m merged) emit {
	child, isNew := p.newLevel(top, levelKey(m.field), m.field, m.guards, nil)
	if isNew {
		child.rows, child.types = alarmSource{}, typeSet{}
	}
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.alarmField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		return w.list(f.n, true, func(k int) outcome { return w.object(fields, f, k) })
	}
}

func (p *planner) alarmField(child *level, m merged) emit {
	switch m.field.Name {
	case "entity":
		return p.one(child, m, idSource{func(f *frame, i int) graph.EntityID { return f.alarms[i].Entity }}, "", nil)
	case "entityId":
		return func(w *writer, f *frame, i int) outcome { return w.text(string(f.alarms[i].Entity)) }
	case "ruleSet":
		return func(w *writer, f *frame, i int) outcome { return w.text(f.alarms[i].RuleSet) }
	case "state":
		return func(w *writer, f *frame, i int) outcome { return w.text(f.alarms[i].State) }
	case "severity":
		return func(w *writer, f *frame, i int) outcome { return w.severity(f.alarms[i].Severity) }
	case "message":
		return func(w *writer, f *frame, i int) outcome { return w.text(f.alarms[i].Message) }
	case "since":
		return func(w *writer, f *frame, i int) outcome { return w.time(f.alarms[i].Since) }
	}
	return constantText(typenameOf(m.field))
}
