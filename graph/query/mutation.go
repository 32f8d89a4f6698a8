package query

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// mutation is one root field of a mutation, with the plan of what is selected on its result.
type mutation struct {
	merged merged
	verb   string // create, update, delete, relate, unrelate, apply; "" changes nothing: __typename
	many   bool   // createPumps
	of     schema.TypeName
	answer *Plan
	shows  bool // apply: the differences are selected
}

var mutationVerbs = []string{"create", "update", "delete"}

// mutationOf reads the name of a root field: createPump, createPumps.
func (c *catalog) mutationOf(field string) (m mutation, ok bool) {
	if field == "relate" || field == "unrelate" || field == "apply" {
		return mutation{verb: field}, true
	}
	for _, verb := range mutationVerbs {
		name, is := strings.CutPrefix(field, verb)
		if !is || name == "" {
			continue
		}
		if t := c.model.Types[schema.TypeName(name)]; t != nil && t.Exposed && t.Instantiable {
			return mutation{verb: verb, of: t.Name}, true
		}
		for _, plural := range []string{strings.ToLower(name[:1]) + name[1:], name} {
			if r := c.roots[plural]; r.many && r.entity != nil && r.entity.Instantiable {
				return mutation{verb: verb, of: r.entity.Name, many: true}, true
			}
		}
	}
	return mutation{}, false
}

func (e *Engine) mutates(field string) bool {
	_, ok := e.catalog.mutationOf(field)
	return ok
}

// mutationRoot plans a root field of a mutation: the answer is a plan of its own, executed after the change.
func (p *planner) mutationRoot(_ *level, m merged) emit {
	change, ok := p.catalog.mutationOf(m.field.Name)
	if !ok && m.field.Name != "__typename" {
		p.fail(fault.New(fault.Invalid, "the data plane has no mutation %s", m.field.Name))
		return nil
	}
	whole := p.plan
	top := &level{name: m.key, rows: rootRow{}, guards: always}
	p.plan = &Plan{engine: p.engine, schema: whole.schema, operation: whole.operation, conditions: whole.conditions, levels: []*level{top}}
	var e emit
	switch {
	case change.verb == "": // __typename
		e = constantText(typenameOf(m.field))
	case change.verb == "apply":
		inner := objectOf(p, m, reportPart)
		e = func(w *writer, _ *frame, _ int) outcome { return inner(w, w.x.commit) }
		change.shows = p.selects(m, "changes", "text")
	case change.verb == "delete" && change.many:
		e = func(w *writer, _ *frame, _ int) outcome {
			return w.list(len(w.x.preset), true, func(k int) outcome { return w.text(string(w.x.preset[k])) })
		}
	case change.verb == "delete":
		e = func(w *writer, _ *frame, _ int) outcome { return w.text(string(w.x.preset[0])) }
	case change.many:
		e = p.all(top, m, lookupSource{}, nil)
	default:
		e = p.one(top, m, lookupSource{}, change.of, nil)
	}
	p.plan.fields = []outField{p.outField(m, e)}
	p.plan.arrange()
	change.merged, change.answer = m, p.plan
	whole.mutations = append(whole.mutations, change)
	p.plan = whole
	return e
}

// mutate runs the root fields one after the other; each answer sees the change before it. A change that fails makes its
// field null and leaves the others alone.
func (p *Plan) mutate(ctx context.Context, r Request) Result {
	if !access.FromContext(ctx).MayWrite() {
		return failed(fault.New(fault.Forbidden, "changing needs a token with the role operator"))
	}
	total := Result{Data: []byte{'{'}}
	for _, i := range p.turns(r) {
		m := &p.mutations[i]
		if !m.merged.guards.hold(m.answer.guardBits(r.Variables)) {
			continue
		}
		part := m.run(ctx, r)
		if len(total.Data) > 1 {
			total.Data = append(total.Data, ',')
		}
		from := len(total.Data)
		if len(part.Roots) == 1 {
			total.Data = append(total.Data, part.Data[part.Roots[0].From:part.Roots[0].To]...)
		} else {
			total.Data = append(append(total.Data, m.answer.fields[0].key...), "null"...)
		}
		total.Roots = append(total.Roots, Root{m.merged.key, from, len(total.Data)})
		total.Errors = append(total.Errors, part.Errors...)
		total.Revision = max(total.Revision, part.Revision)
		total.Explain.add(part.Explain)
	}
	total.Data = append(total.Data, '}')
	return total
}

// turns returns the indexes of the root fields in the order in which they are executed.
func (p *Plan) turns(r Request) []int {
	turns := make([]int, len(p.mutations))
	for i := range turns {
		turns[i] = i
	}
	if len(turns) > 0 && p.mutations[0].merged.sequence != nil {
		ranks := p.mutations[0].merged.sequence.ranks(p.guardBits(r.Variables))
		slices.SortStableFunc(turns, func(a, b int) int {
			return cmp.Compare(ranks[p.mutations[a].merged.place], ranks[p.mutations[b].merged.place])
		})
	}
	return turns
}

func (e *Explain) add(o Explain) {
	e.Batches += o.Batches
	e.Questions += o.Questions
	e.Calls += o.Calls
	e.Keys += o.Keys
	e.Rows += o.Rows
	e.Looked += o.Looked
	e.Cost += o.Cost
	e.Budget = max(e.Budget, o.Budget)
	e.Steps = append(e.Steps, o.Steps...)
	e.Tree = append(e.Tree, o.Tree...)
	if e.Connectors == nil {
		e.Connectors = o.Connectors
		return
	}
	for name, n := range o.Connectors {
		e.Connectors[name] += n
	}
}

// run makes one change and answers what is selected on its result.
func (m *mutation) run(ctx context.Context, r Request) Result {
	var subjects []graph.EntityID
	commit, err := &appliedChange{}, error(nil)
	if m.verb != "" {
		subjects, commit, err = m.change(ctx, r)
	}
	if err != nil {
		return Result{Errors: []*Error{newError(err, ast.Path{ast.PathName(m.merged.key)})}}
	}
	x, err := m.answer.start(ctx, r)
	if err != nil {
		return Result{Errors: []*Error{newError(err, ast.Path{ast.PathName(m.merged.key)})}}
	}
	defer x.release()
	x.preset, x.commit = subjects, commit
	x.fetch()
	result := x.answer()
	if result.Revision < commit.Revision {
		result.Revision = commit.Revision
	}
	return result
}

// selects says whether one of the fields is selected.
func (p *planner) selects(m merged, names ...string) bool {
	return slices.ContainsFunc(p.children(m.uses), func(u use) bool { return slices.Contains(names, u.field.Name) })
}
