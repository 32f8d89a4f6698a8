package api

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/graph/query"
	"mereon/schema/fault"
)

// answer executes a query or mutation.
func (o *operation) answer(ctx context.Context) answer {
	if len(o.control) == 0 {
		r := o.plan.Execute(ctx, o.parameters())
		return o.finish(r.Data, o.errorsOf(&r), &r)
	}
	if o.plan == nil {
		if body, ok := o.snapshot.cached(o); ok {
			return answer{body: body}
		}
		data, errors := o.executeControl(ctx)
		a := o.finish(data, errors, nil)
		if len(errors) == 0 && o.introspects() {
			o.snapshot.keep(o, a.body)
		}
		return a
	}
	return o.both(ctx)
}

func (o *operation) parameters() query.Request {
	return query.Request{Variables: o.context.Variables, Explain: o.request.wantsPlan()}
}

// both executes the fields of each plane, side by side for queries, and puts them together in document order.
func (o *operation) both(ctx context.Context) answer {
	var control part
	run := func() { control = o.controlPart(ctx) }
	done := make(chan struct{})
	if o.kind == ast.Mutation {
		run()
		close(done)
	} else {
		go func() { defer close(done); run() }()
	}
	r := o.plan.Execute(ctx, o.parameters())
	<-done
	data := part{errors: o.errorsOf(&r)}
	if r.Roots != nil {
		data.fields = map[string][]byte{}
		for _, root := range r.Roots {
			data.fields[root.Key] = r.Data[root.From:root.To]
		}
	}
	errors := append(data.errors, control.errors...)
	if data.fields == nil || control.fields == nil {
		return o.finish([]byte("null"), errors, &r)
	}
	merged := []byte{'{'}
	for _, key := range o.keys {
		text, ok := data.fields[key]
		if !ok {
			text, ok = control.fields[key]
		}
		if !ok {
			continue
		}
		if len(merged) > 1 {
			merged = append(merged, ',')
		}
		merged = append(merged, text...)
	}
	return o.finish(append(merged, '}'), errors, &r)
}

// executeControl runs the control plane's fields through the generated code.
func (o *operation) executeControl(ctx context.Context) ([]byte, []errorJSONEntry) {
	selection := make(ast.SelectionSet, len(o.control))
	for i, f := range o.control {
		selection[i] = f
	}
	operation := *o.context.Operation
	operation.SelectionSet = selection
	own := &graphql.OperationContext{
		RawQuery: o.context.RawQuery, OperationName: o.context.OperationName, Variables: o.context.Variables, Doc: o.context.Doc, Operation: &operation,
		RecoverFunc: o.handler.recovered, ResolverMiddleware: o.context.ResolverMiddleware, RootResolverMiddleware: o.context.RootResolverMiddleware,
	}
	ctx = graphql.WithResponseContext(graphql.WithOperationContext(ctx, own), o.handler.present, o.handler.recovered)
	response := o.snapshot.static.Exec(ctx)(ctx)
	list := graphql.GetErrors(ctx)
	var data []byte
	if response != nil {
		data = response.Data
		list = append(list, response.Errors...)
	}
	errors := make([]errorJSONEntry, len(list))
	for i, e := range list {
		errors[i] = errorJSONEntry{Message: e.Message, Extensions: e.Extensions}
		if len(e.Path) > 0 {
			errors[i].Path = e.Path
		}
	}
	return data, errors
}

// controlPart is executeControl taken apart by root field.
func (o *operation) controlPart(ctx context.Context) part {
	data, errors := o.executeControl(ctx)
	p := part{errors: errors}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
		return p
	}
	p.fields = map[string][]byte{}
	for decoder.More() {
		key, err := decoder.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			break
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
		quoted, _ := json.Marshal(name)
		p.fields[name] = append(append(quoted, ':'), value...)
	}
	return p
}

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
	e.Extensions = map[string]any{"code": string(code)}
	return e
}

func (h *Handler) recovered(_ context.Context, panicked any) error {
	return fault.New(fault.Internal, "panic: %v", panicked)
}

// stream gives the answers of any operation: one for a query or mutation, many for a subscription. A subscription goes on
// over exchanges of the model as long as it is valid. stop must be called; it waits.
func (h *Handler) stream(ctx context.Context, op *operation) (<-chan answer, func()) {
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan answer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(answers)
		for a := range h.answers(ctx, op) {
			select {
			case answers <- a:
			case <-ctx.Done():
				return
			}
		}
	}()
	return answers, func() { cancel(); <-done }
}

func (h *Handler) answers(ctx context.Context, op *operation) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		if op.kind != ast.Subscription {
			ctx, cancel := h.deadline(ctx)
			defer cancel()
			yield(op.answer(ctx))
			return
		}
		for {
			again, ok := op.subscribe(ctx, yield)
			if !again || !ok {
				return
			}
			next, refused := h.prepare(ctx, op.request)
			if refused != nil {
				yield(answer{body: refused.body()})
				return
			}
			op = next
		}
	}
}

// subscribe runs a subscription on its snapshot; again says that the snapshot was exchanged meanwhile.
func (o *operation) subscribe(ctx context.Context, yield func(answer) bool) (again, ok bool) {
	exchanged := o.handler.swaps.next()
	if o.handler.Current() != o.snapshot {
		return true, true
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		select {
		case <-exchanged:
			cancel()
		case <-running.Done():
		}
	}()
	ok = true
	for r := range o.plan.Subscribe(running, o.parameters()) {
		if running.Err() != nil {
			break
		}
		if ok = yield(o.finish(r.Data, o.errorsOf(&r), &r)); !ok {
			break
		}
	}
	cancel()
	<-watching
	select {
	case <-exchanged:
		return ctx.Err() == nil, ok
	default:
		return false, ok
	}
}
