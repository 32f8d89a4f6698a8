package query

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

func (m *mutation) draft(ctx context.Context, e *Engine, view graph.View, draft *graph.Draft, args map[string]any) (graph.EntityID, error) {
	id := graph.EntityID(textArgument(args, "id"))
	switch m.verb {
	case "create":
		return draftCreate(draft, m.of, args["input"]), nil
	case "update", "delete":
		if err := e.mustBe(ctx, view, id, m.of); err != nil {
			return "", err
		}
		if m.verb == "delete" {
			draftDelete(draft, id, args)
			return id, nil
		}
		draftUpdate(draft, id, args)
		return id, nil
	case "relate", "unrelate":
		return draftRelate(draft, m.verb, args)
	}
	for _, item := range listOf(args["changes"]) {
		if err := draftChange(draft, item); err != nil {
			return "", err
		}
	}
	return "", nil
}

// mustBe refuses a change to an entity that is not of the type its mutation is for.
func (e *Engine) mustBe(ctx context.Context, view graph.View, id graph.EntityID, t schema.TypeName) error {
	b, err := view.Lookup(ctx, []graph.EntityID{id}, []schema.Path{graph.ColumnType})
	if err != nil {
		return err
	}
	if b.Rows[0] == graph.NoRow || !slices.Contains(e.catalog.concrete(t), schema.TypeName(b.Cell(0, 0).Text())) {
		return fault.New(fault.NotFound, "there is no %s with the id %q", t, clipped(string(id)))
	}
	return nil
}

func draftCreate(draft *graph.Draft, t schema.TypeName, v any) graph.EntityID {
	fields := maps.Clone(fieldsOf(v))
	in := graph.EntityInput{Type: t, ID: graph.EntityID(textArgument(fields, "id")), Name: textArgument(fields, "name"), Fields: fields}
	if in.ID == "" && fields["id"] == nil {
		in.ID = graph.EntityID(ulid.Make().String())
	}
	delete(fields, "id")
	delete(fields, "name")
	draft.Create(in)
	return in.ID
}

func draftUpdate(draft *graph.Draft, id graph.EntityID, args map[string]any) {
	draft.Update(graph.EntityInput{ID: id, Fields: fieldsOf(args["set"]), IfRevision: revisionArgument(args)})
}

func draftDelete(draft *graph.Draft, id graph.EntityID, args map[string]any) {
	children := graph.RefuseChildren
	switch args["children"] {
	case "DELETE":
		children = graph.DeleteChildren
	case "DETACH":
		children = graph.DetachChildren
	}
	draft.Delete(id, children, revisionArgument(args))
}

func draftRelate(draft *graph.Draft, verb string, args map[string]any) (graph.EntityID, error) {
	from, to, name := graph.EntityID(textArgument(args, "from")), graph.EntityID(textArgument(args, "to")), textArgument(args, "name")
	if verb == "unrelate" {
		draft.Unrelate(from, name, to)
		return from, nil
	}
	props, ok := args["props"].(map[string]any)
	if args["props"] != nil && !ok {
		return "", fault.New(fault.Invalid, "props must be an object")
	}
	draft.Relate(from, name, to, props)
	return from, nil
}

// draftChange adds one ChangeInput: an object with exactly one key.
func draftChange(draft *graph.Draft, v any) error {
	for verb, body := range fieldsOf(v) {
		in := fieldsOf(body)
		id := graph.EntityID(textArgument(in, "id"))
		switch verb {
		case "create":
			if _, ok := in["input"].(map[string]any); !ok {
				return fault.New(fault.Invalid, "input of create must be an object")
			}
			draftCreate(draft, schema.TypeName(textArgument(in, "type")), in["input"])
		case "update":
			draftUpdate(draft, id, in)
		case "delete":
			draftDelete(draft, id, in)
		default:
			if _, err := draftRelate(draft, verb, in); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldsOf(v any) map[string]any {
	fields, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return fields
}

func textArgument(args map[string]any, name string) string {
	switch v := args[name].(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case json.Number:
		return v.String()
	}
	return ""
}

func revisionArgument(args map[string]any) *graph.Revision {
	n, ok := wholeNumber(args["ifRevision"])
	if !ok {
		return nil
	}
	r := graph.Revision(n)
	return &r
}

// clipped shortens a text of the caller before it is repeated in a message.
func clipped(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}
