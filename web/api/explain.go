package api

import (
	"context"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query"
	"mereon/schema/fault"
	"mereon/web/api/control/generated"
)

// handlerKey is where resolvers of the control plane find the handler that runs them.
type handlerKey struct{}

// Explain plans an operation as if it had been sent, and runs it when asked to.
func (q *queries) Explain(ctx context.Context, operation string, variables any, operationName *string, run *bool) (*generated.Explanation, error) {
	handler, _ := ctx.Value(handlerKey{}).(*Handler)
	if handler == nil {
		return nil, fault.New(fault.Internal, "explain outside of a request")
	}
	request := &Request{Query: operation}
	if operationName != nil {
		request.OperationName = *operationName
	}
	given, ok := variables.(map[string]any)
	if !ok && variables != nil {
		return nil, fault.New(fault.Invalid, "variables must be an object: {name: value}")
	}
	request.Variables = given
	op, refusal := handler.prepare(ctx, request)
	if refusal != nil {
		return nil, refusal.err()
	}
	return op.explain(ctx, run != nil && *run)
}

// err is the refusal as one error.
func (r *refusal) err() error {
	texts := make([]string, len(r.errors))
	for i, e := range r.errors {
		texts[i] = e.Message
	}
	return fault.New(r.code, "%s", strings.Join(texts, "; "))
}

// explain puts the plans of all legs together. The control plane is only named: it reads what is at hand.
func (o *operation) explain(ctx context.Context, run bool) (*generated.Explanation, error) {
	if run && o.kind() != ast.Query {
		return nil, fault.New(fault.Invalid, "only queries are run to be explained; leave run out to see the plan of a %s", o.kind())
	}
	out := &generated.Explanation{Errors: []string{}}
	var steps []*query.PlanStep
	for _, l := range o.legs {
		if l.plan == nil {
			steps = append(steps, controlStep(l.control))
			continue
		}
		explained, err := o.explainPlan(ctx, l.plan, run, out)
		if err != nil {
			return nil, err
		}
		steps = append(steps, explained.Tree...)
		out.Cost, out.CostLimit = explained.Cost, explained.CostLimit
	}
	out.Text, out.Steps = query.Text(steps), steps
	return out, nil
}

func (o *operation) explainPlan(ctx context.Context, plan *query.Plan, run bool, out *generated.Explanation) (query.Explain, error) {
	if !run {
		return plan.Preview(ctx, query.Request{Variables: o.variables})
	}
	result := plan.Execute(ctx, query.Request{Variables: o.variables, Explain: true})
	for _, e := range o.partOf(result).errors {
		if result.Data == nil {
			code, _ := e.Extensions["code"].(string)
			return query.Explain{}, fault.New(fault.Code(code), "%s", e.Message)
		}
		out.Errors = append(out.Errors, e.Message)
	}
	took := result.Explain.Extension()
	delete(took, "steps")
	delete(took, "text")
	out.Took = took
	return result.Explain, nil
}

func controlStep(op *ast.OperationDefinition) *query.PlanStep {
	var names []string
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); ok {
			names = append(names, f.Name)
		}
	}
	return &query.PlanStep{Step: "control", From: "server", Does: strings.Join(names, ", ")}
}
