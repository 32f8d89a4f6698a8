package query

import (
	"context"
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
	of     schema.TypeName
	answer *Plan
}

var mutationVerbs = []string{"create", "update", "delete"}

// mutationOf reads the name of a root field: createPump.
func (c *catalog) mutationOf(field string) (verb string, of schema.TypeName, ok bool) {
	if field == "relate" || field == "unrelate" || field == "apply" {
		return field, "", true
	}
	for _, verb := range mutationVerbs {
		if name, is := strings.CutPrefix(field, verb); is {
			if t := c.model.Types[schema.TypeName(name)]; t != nil && t.Exposed && t.Instantiable {
				return verb, t.Name, true
			}
		}
	}
	return "", "", false
}

func (e *Engine) mutates(field string) bool {
	_, _, ok := e.catalog.mutationOf(field)
	return ok
}

// mutationRoot plans a root field of a mutation: the answer is a plan of its own, executed after the change.
func (p *planner) mutationRoot(_ *level, m merged) emit {
	verb, of, ok := p.catalog.mutationOf(m.field.Name)
	if !ok && m.field.Name != "__typename" {
		p.fail(fault.New(fault.Invalid, "the data plane has no mutation %s", m.field.Name))
		return nil
	}
	whole := p.plan
	top := &level{name: m.key, rows: rootRow{}, guards: always}
	p.plan = &Plan{engine: p.engine, schema: whole.schema, operation: whole.operation, conditions: whole.conditions, levels: []*level{top}}
	var e emit
	switch verb {
	case "": // __typename
		e = constantText(typenameOf(m.field))
	case "delete":
		e = func(w *writer, _ *frame, _ int) outcome { return w.text(string(w.x.preset[0])) }
	case "apply":
		inner := objectOf(p, m, reportPart)
		e = func(w *writer, _ *frame, _ int) outcome { return inner(w, w.x.commit) }
	default:
		e = p.one(top, m, lookupSource{}, of, nil)
	}
	p.plan.fields = []outField{p.outField(m, e)}
	p.plan.arrange()
	whole.mutations = append(whole.mutations, mutation{m, verb, of, p.plan})
	p.plan = whole
	return e
}

// applied is what one mutation did.
type appliedChange struct {
	graph.Commit
	dryRun bool
}

func reportPart(_ *planner, m merged) part[appliedChange] {
	ids := func(of func(c *appliedChange) []graph.EntityID) part[appliedChange] {
		return func(w *writer, c *appliedChange) outcome {
			list := of(c)
			return w.list(len(list), true, func(k int) outcome { return w.text(string(list[k])) })
		}
	}
	switch m.field.Name {
	case "dryRun":
		return func(w *writer, c *appliedChange) outcome { return w.bool(c.dryRun) }
	case "revision":
		return func(w *writer, c *appliedChange) outcome { return w.value(schema.IntOf(int64(c.Revision))) }
	case "relationships":
		return func(w *writer, c *appliedChange) outcome { return w.value(schema.IntOf(int64(c.Relationships))) }
	case "created":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Created })
	case "updated":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Updated })
	case "deleted":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Deleted })
	}
	return typenamePart[appliedChange](m)
}

// mutate runs the root fields one after the other; each answer sees the change before it. A change that fails makes its
// field null and leaves the others alone.
func (p *Plan) mutate(ctx context.Context, r Request) Result {
	if !access.FromContext(ctx).MayWrite() {
		return failed(fault.New(fault.Forbidden, "changing needs a token with the role operator"))
	}
	total := Result{Data: []byte{'{'}}
	for i := range p.mutations {
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

func (e *Explain) add(o Explain) {
	e.Batches += o.Batches
	e.Questions += o.Questions
	e.Calls += o.Calls
	e.Keys += o.Keys
	e.Rows += o.Rows
	e.Steps = append(e.Steps, o.Steps...)
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
	subject, commit, err := graph.EntityID(""), &appliedChange{}, error(nil)
	if m.verb != "" {
		subject, commit, err = m.apply(ctx, r)
	}
	if err != nil {
		return Result{Errors: []*Error{newError(err, ast.Path{ast.PathName(m.merged.key)})}}
	}
	x, err := m.answer.start(ctx, r)
	if err != nil {
		return Result{Errors: []*Error{newError(err, ast.Path{ast.PathName(m.merged.key)})}}
	}
	defer x.release()
	x.preset, x.commit = []graph.EntityID{subject}, commit
	x.fetch()
	result := x.answer()
	if result.Revision < commit.Revision {
		result.Revision = commit.Revision
	}
	return result
}

// apply drafts the change, checks it and commits it. It returns the entity that the answer is about.
func (m *mutation) apply(ctx context.Context, r Request) (graph.EntityID, *appliedChange, error) {
	e := m.answer.engine
	args, err := argumentsOf(m.merged.field, r.Variables)
	if err != nil {
		return "", nil, err
	}
	view, err := e.store.View(ctx)
	if err != nil {
		return "", nil, err
	}
	defer view.Close()
	draft := graph.NewDraft(e.catalog.model, view)
	subject, err := m.draft(ctx, e, view, draft, args)
	if err != nil {
		return "", nil, err
	}
	changes, problems, err := draft.ChangeSet(ctx)
	if err != nil {
		return "", nil, err
	}
	if err := problems.Err(); err != nil {
		return "", nil, err
	}
	changes.By = access.FromContext(ctx).Name
	changes.Origin = graph.FromAPI
	changes.DryRun = args["dryRun"] == true
	commit, err := e.store.Apply(ctx, changes)
	if err != nil {
		return "", nil, err
	}
	return subject, &appliedChange{commit, changes.DryRun}, nil
}
