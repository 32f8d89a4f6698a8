package api

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"mereon/graph/query"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// operation is one request made ready to run on the snapshot that validated it.
type operation struct {
	handler  *Handler
	snapshot *Snapshot
	request  *Request
	kind     ast.Operation
	context  *graphql.OperationContext
	plan     *query.Plan  // of the data plane's root fields; nil when there are none
	control  []*ast.Field // the control plane's root fields, introspection among them
	keys     []string     // response names of all root fields, in order
}

// prepare parses, validates and plans a request on the current snapshot. Nothing is executed.
func (h *Handler) prepare(ctx context.Context, request *Request) (*operation, *refusal) {
	if !access.FromContext(ctx).MayRead() {
		return nil, refusedBy(fault.New(fault.Unauthenticated, "send a token of this service: Authorization: Bearer ..."))
	}
	return h.prepareOn(ctx, h.current.Load(), request)
}

func (h *Handler) prepareOn(ctx context.Context, snapshot *Snapshot, request *Request) (*operation, *refusal) {
	if refusal := h.check(ctx, snapshot, request.Query); refusal != nil {
		return nil, refusal
	}
	ctx = graphql.StartOperationTrace(ctx)
	now := time.Now()
	context, list := snapshot.exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: request.Query, OperationName: request.OperationName, Variables: request.Variables,
		ReadTime: graphql.TraceTiming{Start: now, End: now},
	})
	if len(list) > 0 {
		return nil, refused(list)
	}
	op := &operation{handler: h, snapshot: snapshot, request: request, kind: context.Operation.Operation, context: context}
	context.DisableIntrospection = false
	if err := op.split(); err != nil {
		return nil, refusedBy(err)
	}
	return op, nil
}

// check applies the limits to a document that the snapshot has not seen yet.
func (h *Handler) check(ctx context.Context, snapshot *Snapshot, text string) *refusal {
	if snapshot.known(ctx, text) {
		return nil
	}
	if err := h.limits.countTokens(text); err != nil {
		return refusedBy(err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil // validation says what is wrong
	}
	if err := h.limits.checkDocument(doc); err != nil {
		return refusedBy(err)
	}
	return nil
}

// split gives every root field to its owner.
func (o *operation) split() error {
	fields := graphql.CollectFields(o.context, o.context.Operation.SelectionSet, []string{rootTypes[o.kind]})
	data := 0
	for _, f := range fields {
		o.keys = append(o.keys, f.Alias)
		switch {
		case o.snapshot.Engine.Owns(o.kind, f.Name):
			data++
		case f.Name != "__typename":
			o.control = append(o.control, f.Field)
		}
	}
	if o.kind == ast.Subscription && len(o.control) > 0 {
		return fault.New(fault.Invalid, "this field cannot be subscribed to")
	}
	if data == 0 && len(o.control) > 0 {
		return nil
	}
	plan, err := o.snapshot.Engine.Plan(o.snapshot.schema, o.context.Operation, o.context.Doc.Fragments, nil)
	o.plan = plan
	return err
}

var rootTypes = map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}
