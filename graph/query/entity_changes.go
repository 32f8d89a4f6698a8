package query

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// entityChange is one change of one entity.
type entityChange struct {
	change *graph.Change
	number int // among the changes of the revision, from 1
	kind   string
	id     graph.EntityID
	t      schema.TypeName
	paths  []string
}

// changeSource is the change that an answer to entityChanges is about.
type changeSource struct{}

func (changeSource) String() string { return "change" }

func (changeSource) read(x *execution, lv *level, _ *question) (*frame, error) {
	return &frame{level: lv, n: 1, change: x.change, offsets: []int32{0, 1}}, nil
}

func (p *planner) entityChanges(top *level, m merged) emit {
	child, _ := p.newLevel(top, levelKey(m.field), m.field, m.guards, nil)
	child.rows, child.types = changeSource{}, typeSet{}
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.changeField(child, s)))
	}
	return func(w *writer, _ *frame, _ int) outcome { return w.object(fields, w.x.frames[child.id], 0) }
}

func (p *planner) changeField(child *level, m merged) emit {
	switch m.field.Name {
	case "cursor":
		return func(w *writer, f *frame, _ int) outcome { return w.text(f.change.cursor()) }
	case "revision":
		return func(w *writer, f *frame, _ int) outcome {
			return w.value(schema.IntOf(int64(f.change.change.Revision)))
		}
	case "at":
		return func(w *writer, f *frame, _ int) outcome { return w.time(f.change.change.At) }
	case "by":
		return func(w *writer, f *frame, _ int) outcome { return w.text(f.change.change.By) }
	case "kind":
		return func(w *writer, f *frame, _ int) outcome { return w.text(f.change.kind) }
	case "id":
		return func(w *writer, f *frame, _ int) outcome { return w.text(string(f.change.id)) }
	case "assetType":
		return func(w *writer, f *frame, _ int) outcome { return w.text(string(f.change.t)) }
	case "paths":
		return func(w *writer, f *frame, _ int) outcome {
			return w.list(len(f.change.paths), true, func(k int) outcome { return w.text(f.change.paths[k]) })
		}
	case "entity":
		return p.one(child, m, idSource{func(f *frame, _ int) graph.EntityID { return f.change.id }}, "", nil)
	}
	return constantText(typenameOf(m.field))
}

// changes follows the change log from a revision, entity by entity.
func (p *Plan) changes(ctx context.Context, r Request, yield func(Result) bool) {
	filter, from, err := p.changeFilter(ctx, r)
	if err != nil {
		yield(failed(err))
		return
	}
	at := r.Feed
	if at == nil {
		at = &FeedPosition{}
	}
	if at.begin(from) && r.Began != nil && !r.Began(at.cursor()) {
		return
	}
	for change, err := range p.engine.store.Watch(ctx, at.revision) {
		if err != nil {
			if ctx.Err() == nil {
				yield(failed(err))
			}
			return
		}
		for i, c := range entityChangesOf(&change) {
			if i < at.delivered {
				continue
			}
			c.number = i + 1
			result, wanted := p.changeResult(ctx, r, filter, c)
			if ctx.Err() != nil || wanted && !yield(result) {
				return
			}
			at.delivered = i + 1
		}
		at.revision, at.delivered = change.Revision, 0
	}
}

// FeedPosition is where a subscription to entityChanges is, so that another, of another model, goes on there without a gap and
// without a repetition. The zero value has not begun. It belongs to one subscription at a time.
type FeedPosition struct {
	begun     bool
	revision  graph.Revision // all changes up to it were delivered
	delivered int            // and so many of the next one
}

// Begun says whether a subscription has begun to follow the feed.
func (p *FeedPosition) Begun() bool { return p.begun }

// begin starts at a position, unless the subscription has begun.
func (p *FeedPosition) begin(from FeedPosition) (first bool) {
	if p.begun {
		return false
	}
	*p = from
	p.begun = true
	return true
}

// cursor is the position as text: the revision that comes next, and how many of its changes were delivered.
func (p *FeedPosition) cursor() string { return fmt.Sprintf("%d.%d", p.revision+1, p.delivered) }

// cursor is the position behind a change, as text.
func (c *entityChange) cursor() string { return fmt.Sprintf("%d.%d", c.change.Revision, c.number) }

// feedAfter reads a cursor.
func feedAfter(cursor string) (FeedPosition, error) {
	revision, number, found := strings.Cut(cursor, ".")
	r, err := strconv.ParseInt(revision, 10, 64)
	n, bad := strconv.Atoi(number)
	if !found || err != nil || bad != nil || r < 1 || n < 0 {
		return FeedPosition{}, fault.New(fault.Invalid, "after (over event streams, Last-Event-ID) is no cursor of a change; take it from the last change that was received")
	}
	return FeedPosition{revision: graph.Revision(r) - 1, delivered: n}, nil
}

// changeFilter is which entities a subscription follows.
type changeFilter struct {
	types  typeSet
	within *graph.Within
}

func (p *Plan) changeFilter(ctx context.Context, r Request) (changeFilter, FeedPosition, error) {
	var f changeFilter
	c := p.engine.catalog
	args, err := argumentsOf(p.rootField, r.Variables)
	if err != nil {
		return f, FeedPosition{}, err
	}
	if name := textArgument(args, "type"); name != "" {
		if c.model.Types[schema.TypeName(name)] == nil {
			return f, FeedPosition{}, unknownName("asset type", name, c.typeNames())
		}
		f.types = c.concrete(schema.TypeName(name))
	}
	if within, ok := args["within"].(map[string]any); ok {
		if f.within, err = c.within(within); err != nil {
			return f, FeedPosition{}, err
		}
	}
	from, err := p.feedFrom(ctx, r, args)
	return f, from, err
}

// feedFrom is where the arguments say that a feed begins, else the revision at which it was accepted.
func (p *Plan) feedFrom(ctx context.Context, r Request, args map[string]any) (FeedPosition, error) {
	n, from := wholeNumber(args["from"])
	after, cursor := args["after"].(string)
	switch {
	case r.After != "":
		return feedAfter(r.After)
	case from && cursor:
		return FeedPosition{}, fault.New(fault.Invalid, "give from or after, not both")
	case cursor:
		return feedAfter(after)
	case from:
		return FeedPosition{revision: graph.Revision(n)}, nil
	case r.Accepted > 0:
		return FeedPosition{revision: r.Accepted}, nil
	}
	now, err := p.engine.Revision(ctx)
	return FeedPosition{revision: now}, err
}

// entityChangesOf lists what a commit did to each entity, by id; changes of relationships count for the entity they start
// from.
func entityChangesOf(change *graph.Change) []*entityChange {
	var out []*entityChange
	at := map[graph.EntityID]*entityChange{}
	for _, d := range change.Entities {
		c := &entityChange{change: change, kind: kindOf(d), id: d.ID, t: d.Type}
		for _, path := range d.Paths {
			c.paths = append(c.paths, string(path))
		}
		out, at[d.ID] = append(out, c), c
	}
	for _, d := range change.Relationships {
		c := at[d.From]
		if c == nil {
			c = &entityChange{change: change, kind: "RELATED", id: d.From}
			out, at[d.From] = append(out, c), c
		}
		if !slices.Contains(c.paths, d.Relation) {
			c.paths = append(c.paths, d.Relation)
		}
	}
	slices.SortFunc(out, func(a, b *entityChange) int { return strings.Compare(string(a.id), string(b.id)) })
	for _, c := range out {
		slices.Sort(c.paths)
	}
	return out
}

func kindOf(d graph.EntityDelta) string {
	switch {
	case d.Op == graph.Create:
		return "CREATED"
	case d.Op == graph.Delete:
		return "DELETED"
	case d.Op == graph.Retype:
		return "RETYPED"
	case len(d.Paths) == 0:
		return "RELATED"
	}
	return "UPDATED"
}

// changeResult answers one change, when the filter wants it.
func (p *Plan) changeResult(ctx context.Context, r Request, f changeFilter, c *entityChange) (Result, bool) {
	x, err := p.start(ctx, r)
	if err != nil {
		return failed(err), true
	}
	defer x.release()
	wanted, err := x.follows(f, c)
	if err != nil {
		return failed(err), true
	}
	if !wanted {
		return Result{}, false
	}
	x.change = c
	x.fetch()
	result := x.answer()
	result.Revision, result.Cursor = c.change.Revision, c.cursor()
	return result, true
}

func (x *execution) follows(f changeFilter, c *entityChange) (bool, error) {
	if c.t == "" {
		b, err := x.view.Lookup(x.ctx, []graph.EntityID{c.id}, []schema.Path{graph.ColumnType})
		if err != nil {
			return false, err
		}
		c.t = schema.TypeName(b.Cell(0, 0).Text())
	}
	if f.types != nil && !slices.Contains(f.types, c.t) {
		return false, nil
	}
	if f.within == nil || c.kind == "DELETED" {
		return true, nil
	}
	b, err := x.view.Select(x.ctx, graph.Selection{IDs: []graph.EntityID{c.id}, Within: f.within, Page: graph.Page{First: 1}})
	return err == nil && len(b.Rows) == 1, err
}
