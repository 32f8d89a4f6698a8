package api

import (
	"context"
	"runtime/debug"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"mereon/graph"
	"mereon/graph/query"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// operation is one request made ready to run on the snapshot that validated it.
type operation struct {
	*route
	handler   *Handler
	snapshot  *Snapshot
	document  *document
	request   *Request
	variables map[string]any
	accepted  graph.Revision // a subscription's: what is written later is not missed
}

// prepare makes a request ready on the current snapshot. Nothing is executed.
func (h *Handler) prepare(ctx context.Context, request *Request) (_ *operation, refusal *refusal) {
	defer func() {
		if panicked := recover(); panicked != nil {
			refusal = refusedBy(h.internal(panicked))
		}
	}()
	if !access.FromContext(ctx).MayRead() {
		return nil, refusedBy(fault.New(fault.Unauthenticated, "send a token of this service: Authorization: Bearer ..."))
	}
	snapshot := h.current.Load()
	d, refusal := h.document(ctx, snapshot, request)
	if refusal != nil {
		return nil, refusal
	}
	route, err := d.route(snapshot, request.OperationName)
	if err != nil {
		return nil, refusedBy(err)
	}
	op := &operation{route: route, handler: h, snapshot: snapshot, document: d, request: request}
	if len(route.operation.VariableDefinitions) > 0 {
		if op.variables, err = validator.VariableValues(snapshot.schema, route.operation, request.Variables); err != nil {
			return nil, refused(gqlerror.List{variableMistake(snapshot.schema, route.operation, err)})
		}
	}
	if op.kind() == ast.Subscription {
		op.accepted, _ = snapshot.Engine.Revision(ctx) // 0, where the store is away: it begins later
	}
	return op, nil
}

func (o *operation) kind() ast.Operation { return o.route.operation.Operation }

// answer executes a query or mutation. One that changed nothing, since another model was applied meanwhile, is made ready
// and executed again on that model.
func (o *operation) answer(ctx context.Context) answer {
	for {
		a, overtaken := o.attempt(ctx)
		if !overtaken || ctx.Err() != nil {
			return a
		}
		next, refusal := o.handler.prepare(ctx, o.request)
		if refusal != nil {
			return refusal.answer()
		}
		if next.snapshot == o.snapshot {
			return a
		}
		o = next
	}
}

// attempt executes the operation on its snapshot.
func (o *operation) attempt(ctx context.Context) (a answer, overtaken bool) {
	defer func() {
		if panicked := recover(); panicked != nil {
			a = o.handler.panicked(panicked)
		}
	}()
	if err := o.awaitRevision(ctx); err != nil {
		return refusedBy(err).answer(), false
	}
	defer o.turn(ctx)()
	if o.schema {
		if body, ok := o.snapshot.introspections.Get(ctx, o.introspectionKey()); ok {
			return answer{body: body}, false
		}
		p := o.run(ctx, o.legs[0])
		if a = o.finish(p); len(p.errors) == 0 {
			o.snapshot.introspections.Add(ctx, o.introspectionKey(), a.body)
		}
		return a, false
	}
	if len(o.legs) == 1 {
		p := o.run(ctx, o.legs[0])
		return o.finish(p), p.result != nil && p.result.Overtaken()
	}
	return o.finish(merge(o.order(), o.runAll(ctx))), false
}

func (o *operation) introspectionKey() string {
	return o.request.OperationName + "\n" + o.request.Query
}

// runAll runs every leg: those of a mutation in order, until one fails as a whole.
func (o *operation) runAll(ctx context.Context) []part {
	parts := make([]part, len(o.legs))
	if o.kind() == ast.Mutation {
		for i, l := range o.legs {
			if parts[i] = o.run(ctx, l); parts[i].isNull() {
				return parts[:i+1]
			}
		}
		return parts
	}
	var beside sync.WaitGroup
	for i, l := range o.legs {
		beside.Go(func() { parts[i] = o.run(ctx, l) })
	}
	beside.Wait()
	return parts
}

func (o *operation) run(ctx context.Context, l leg) (p part) {
	defer func() {
		if panicked := recover(); panicked != nil {
			p = part{errors: []errorEntry{entryOf(o.handler.internal(panicked))}}
		}
	}()
	if l.plan == nil {
		return o.runControl(ctx, l.control)
	}
	return o.partOf(l.plan.Execute(ctx, o.planRequest()))
}

func (o *operation) planRequest() query.Request {
	return query.Request{Variables: o.variables, Explain: o.request.wantsPlan(), IdempotencyKey: o.request.key}
}

// internal logs a panic and returns what may be said of it.
func (h *Handler) internal(panicked any) error {
	h.log.Error("panic while answering", "panic", panicked, "stack", string(debug.Stack()))
	return fault.New(fault.Internal, "panic")
}

func (h *Handler) panicked(panicked any) answer {
	return refusedBy(h.internal(panicked)).answer()
}
