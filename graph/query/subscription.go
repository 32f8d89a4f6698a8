package query

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/schema/access"
	"mereon/schema/fault"
)

func (e *Engine) subscribes(field string) bool {
	return field == "entityChanges" || field == "sceneFrames" || e.Owns(ast.Query, field)
}

// subscriptionRoot plans the only root field of a subscription: every root field of Query can be live.
func (p *planner) subscriptionRoot(top *level, m merged) emit {
	switch m.field.Name {
	case "entityChanges":
		return p.entityChanges(top, m)
	case "sceneFrames":
		return constant([]byte("null"))
	}
	return p.queryRoot(top, m)
}

// Subscribe runs a subscription until ctx ends: the first answer at once where there is one, then one for every change of
// what is selected. A mistake or the end of what can be answered is a last Result without Data.
func (p *Plan) Subscribe(ctx context.Context, r Request) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		switch {
		case !access.FromContext(ctx).MayRead():
			yield(failed(fault.New(fault.Forbidden, "reading needs a token with the role viewer or operator")))
		case len(p.fields) != 1 || p.operation.Operation != ast.Subscription:
			yield(failed(fault.New(fault.Invalid, "a subscription has exactly one root field")))
		case p.rootName() == "sceneFrames":
			p.sceneFrames(ctx, r, yield)
		case p.rootName() == "entityChanges":
			p.changes(ctx, r, yield)
		default:
			p.live(ctx, r, yield)
		}
	}
}

// Live says whether the plan is a subscription whose answers are the same for everybody who may see them: a live query.
// Feeds of changes have a position of their own, and frames of scenes are shared already.
func (p *Plan) Live() bool {
	return p.operation.Operation == ast.Subscription && len(p.fields) == 1 && p.rootName() != "sceneFrames" && p.rootName() != "entityChanges"
}

// Revision returns the newest revision of the graph.
func (e *Engine) Revision(ctx context.Context) (graph.Revision, error) {
	view, err := e.store.View(ctx)
	if err != nil {
		return 0, err
	}
	defer view.Close()
	return view.Revision(), nil
}

func (p *Plan) rootName() string { return p.rootField.Name }

// sceneFrames passes on the frames of a scene, which are encoded once for all viewers.
func (p *Plan) sceneFrames(ctx context.Context, r Request, yield func(Result) bool) {
	args, err := argumentsOf(p.rootField, r.Variables)
	if err == nil && p.engine.frames == nil {
		err = fault.New(fault.Unavailable, "this service has no scenes")
	}
	if err != nil {
		yield(failed(err))
		return
	}
	parameters, err := json.Marshal(args["parameters"])
	if err != nil {
		yield(failed(fault.Wrap(fault.Invalid, err, "parameters")))
		return
	}
	from, _ := args["from"].(string)
	for frame, err := range p.engine.frames(ctx, textArgument(args, "scene"), parameters, from) {
		if err != nil {
			yield(failed(err))
			return
		}
		data := append([]byte{'{'}, p.fields[0].key...)
		data = append(append(data, frame...), '}')
		if !yield(Result{Data: data, Roots: []Root{{p.fields[0].name, 1, len(data) - 1}}}) {
			return
		}
	}
}
