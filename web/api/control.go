package api

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/schema/fault"
)

// runControl runs fields of the control plane through the generated code.
func (o *operation) runControl(ctx context.Context, op *ast.OperationDefinition) part {
	variables := o.variables
	if variables == nil {
		variables = map[string]any{}
	}
	own := &graphql.OperationContext{
		RawQuery: o.request.Query, OperationName: o.request.OperationName, Variables: variables, Doc: o.document.atOnce, Operation: op,
		RecoverFunc:            o.handler.recovered,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}
	ctx = context.WithValue(ctx, handlerKey{}, o.handler)
	ctx = graphql.WithResponseContext(graphql.WithOperationContext(ctx, own), o.handler.present, o.handler.recovered)
	response := o.snapshot.static.Exec(ctx)(ctx)
	list := graphql.GetErrors(ctx)
	p := part{}
	if response != nil {
		p.data = response.Data
		list = append(list, response.Errors...)
	}
	for _, e := range list[:min(len(list), maxErrors)] {
		entry := errorEntry{Message: e.Message, Extensions: e.Extensions}
		if len(e.Path) > 0 {
			entry.Path = e.Path
		}
		p.errors = append(p.errors, entry)
	}
	return p
}

// maxErrors bounds the errors of the control plane in one answer.
const maxErrors = 100

// present gives the control plane's errors their code; what is internal is logged and not shown.
func (h *Handler) present(ctx context.Context, err error) *gqlerror.Error {
	e := graphql.DefaultErrorPresenter(ctx, err)
	cause := err
	if e.Err != nil {
		cause = e.Err
	}
	code := fault.CodeOf(cause)
	if code == fault.Internal {
		h.log.Error("control plane", "error", cause)
	}
	e.Message = Message(cause)
	e.Extensions = map[string]any{"code": code}
	return e
}

func (h *Handler) recovered(_ context.Context, panicked any) error { return h.internal(panicked) }
