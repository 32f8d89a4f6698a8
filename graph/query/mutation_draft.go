package query

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// drafting turns the arguments of one mutation into a draft.
type drafting struct {
	*graph.Draft
	engine   *Engine
	view     graph.View
	newID    func() graph.EntityID
	subjects []graph.EntityID // what the answer is about
	made     []graph.EntityID
	kinds    map[graph.EntityID]schema.TypeName // of made
	removed  map[graph.EntityID]bool
	size     int
}

func (e *Engine) drafting(view graph.View, key string) *drafting {
	d := &drafting{Draft: graph.NewDraft(e.catalog.model, view), engine: e, view: view, newID: newID(key), removed: map[graph.EntityID]bool{}, kinds: map[graph.EntityID]schema.TypeName{}}
	d.CheckStored()
	return d
}

// maxNested is how deep new entities may be nested in each other.
const maxNested = 15

// create drafts a new entity and those that are created along, and returns its id.
func (d *drafting) create(t schema.TypeName, v any, place string, depth int) graph.EntityID {
	fields, ok := v.(map[string]any)
	if !ok || depth > maxNested {
		d.Refuse(fault.Invalid, place, "", "must be an object, nested at most %d deep", maxNested)
		return ""
	}
	fields = maps.Clone(fields)
	in := graph.EntityInput{Type: t, ID: graph.EntityID(textArgument(fields, "id")), Name: textArgument(fields, "name"), Fields: fields, Place: place}
	if in.ID == "" && fields["id"] == nil {
		in.ID, in.Unnamed = d.newID(), true
	}
	delete(fields, "id")
	delete(fields, "name")
	d.made = append(d.made, in.ID)
	d.kinds[in.ID] = t
	d.size++
	after := d.along(t, in.ID, fields, place, depth, true)
	d.Create(in)
	after()
	return in.ID
}

func (d *drafting) update(t schema.TypeName, id graph.EntityID, args map[string]any, place string) {
	set := "set"
	if place != "" {
		set = place + ".set"
	}
	fields := maps.Clone(fieldsOf(args["set"]))
	after := d.along(t, id, fields, set, 0, false)
	d.Update(graph.EntityInput{ID: id, Fields: fields, IfRevision: revisionArgument(args), Place: set})
	d.size++
	after()
}

// delete drafts the removal of the entity whose id is at a place.
func (d *drafting) delete(id graph.EntityID, args map[string]any, place string) {
	children := graph.RefuseChildren
	switch args["children"] {
	case "DELETE":
		children = graph.DeleteChildren
	case "DETACH":
		children = graph.DetachChildren
	}
	d.removed[id] = true
	d.size++
	d.At(place)
	d.Delete(id, children, revisionArgument(args))
}

// relate drafts a relationship that is added or removed by the arguments at a place.
func (d *drafting) relate(verb string, args map[string]any, place string) graph.EntityID {
	d.At(place)
	from, to, name := graph.EntityID(textArgument(args, "from")), graph.EntityID(textArgument(args, "to")), textArgument(args, "name")
	d.size++
	if verb == "unrelate" {
		d.Unrelate(from, name, to)
		return from
	}
	props, ok := args["props"].(map[string]any)
	if args["props"] != nil && !ok {
		d.Refuse(fault.Invalid, strings.TrimPrefix(place+".props", "."), "", "props must be an object")
	}
	d.Relate(from, name, to, props)
	return from
}

// change drafts one ChangeInput: an object with exactly one key.
func (d *drafting) change(v any, i int) {
	for verb, body := range fieldsOf(v) {
		in, place := fieldsOf(body), element("changes", i)+"."+verb
		id := graph.EntityID(textArgument(in, "id"))
		switch verb {
		case "create":
			d.create(schema.TypeName(textArgument(in, "type")), in["input"], place+".input", 0)
		case "update":
			d.update(d.typeOf(id), id, in, place)
		case "delete":
			d.delete(id, in, place+".id")
		default:
			d.relate(verb, in, place)
		}
	}
}

// typeOf is the asset type of an entity that may have neighbours created along; "" when it is not known yet.
func (d *drafting) typeOf(id graph.EntityID) schema.TypeName {
	if t := d.kinds[id]; t != "" {
		return t
	}
	b, err := d.view.Lookup(context.Background(), []graph.EntityID{id}, []schema.Path{graph.ColumnType})
	if err != nil || b.Rows[0] == graph.NoRow {
		return ""
	}
	return schema.TypeName(b.Cell(0, 0).Text())
}

// mustBe refuses changes to what is no entity of the type a mutation is for; it says which ids are.
func (d *drafting) mustBe(ctx context.Context, t schema.TypeName, list []input) ([]bool, error) {
	ids := make([]graph.EntityID, len(list))
	for i, in := range list {
		ids[i] = graph.EntityID(plainText(in.value))
	}
	b, err := d.view.Lookup(ctx, ids, []schema.Path{graph.ColumnType})
	if err != nil {
		return nil, err
	}
	known := make([]bool, len(ids))
	concrete := d.engine.catalog.concrete(t)
	for i := range ids {
		known[i] = b.Rows[i] != graph.NoRow && slices.Contains(concrete, schema.TypeName(b.Cell(0, i).Text()))
		if !known[i] {
			d.Refuse(fault.NotFound, list[i].place, "", "there is no %s with the id %q", t, clipped(string(ids[i])))
		}
	}
	return known, nil
}

// takesNeighbours says whether new is a word of the API in inputs of the type, and no field of the model.
func takesNeighbours(t *schema.AssetType) bool {
	return t != nil && !slices.Contains(t.Fields, sdl.Along)
}

func element(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func fieldsOf(v any) map[string]any {
	fields, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return fields
}

func textArgument(args map[string]any, name string) string { return plainText(args[name]) }

func plainText(v any) string {
	switch v := v.(type) {
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
		return strings.ToValidUTF8(s[:80], "") + "..."
	}
	return s
}
