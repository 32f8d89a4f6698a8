package neo4j_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

// hostile is part of every value of the test below. It would end a string, a name and a statement.
const hostile = "zq'\"`]) DETACH DELETE n //\\u0027 $x {}"

// heard collects the texts of statements.
type heard struct {
	sync.Mutex
	texts      map[string]int
	parameters map[string]map[string]any // of one time each; nil: they are not kept
}

func (h *heard) add(text string, parameters map[string]any) {
	h.Lock()
	defer h.Unlock()
	if h.texts == nil {
		h.texts = map[string]int{}
	}
	h.texts[text]++
	if h.parameters != nil {
		h.parameters[text] = parameters
	}
}

// all returns what was heard so far; the store goes on asking by itself.
func (h *heard) all() (texts map[string]int, parameters map[string]map[string]any) {
	h.Lock()
	defer h.Unlock()
	return maps.Clone(h.texts), maps.Clone(h.parameters)
}

// mended has a store publish what it finds written and not published.
func mended(t *testing.T, s *tested) {
	t.Helper()
	if err := s.Unpublish(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
}

func TestNoValueReachesTheTextOfAStatement(t *testing.T) {
	o, h := server(t), &heard{}
	o.Trace(h.add)
	s := openWith(t, t.TempDir(), o)
	for n := range 3 {
		useEverything(t, s, fmt.Sprint(hostile, n))
	}
	mended(t, s)
	if err := s.CleanNow(context.Background()); err != nil { // as the keeper does when this takes longer
		t.Error(err)
	}
	before, _ := h.all()
	for n := range 5 {
		useEverything(t, s, fmt.Sprint(hostile, 10+n))
	}
	after, _ := h.all()
	if len(after) != len(before) {
		t.Errorf("other values made other texts: %d, before %d", len(after), len(before))
	}
	odd := regexp.MustCompile("`x_([0-9a-f]+)`")
	for text := range after {
		if strings.Contains(text, "zq") || strings.Contains(text, "DETACH DELETE n //") {
			t.Errorf("a value is in the text %s", text)
		}
		if plain := odd.ReplaceAllString(text, ""); strings.Contains(plain, "x_7a71") {
			t.Errorf("a name is in the text %s", text)
		}
	}
	t.Logf("%d texts for everything a store does", len(after))
}

// useEverything writes and asks in every way with a name as every value.
func useEverything(t *testing.T, s graph.Store, name string) {
	t.Helper()
	ctx := context.Background()
	typ, path, other := schema.TypeName("T"+name), schema.Path("p"+name), graph.EntityID("b"+name)
	id := graph.EntityID(name)
	layout := graph.Layout{Relations: []schema.Relation{{Name: hostile}}, Unique: []graph.UniqueKey{{Scope: typ, Path: path, Types: []schema.TypeName{typ}}},
		Indexes: []graph.Index{{Path: "flow", Types: []schema.TypeName{typ}}}}
	text := schema.StringOf(name)
	values := []graph.PathValue{{Path: "name", Value: text}, {Path: path, Value: text}, {Path: "flow", Value: text}}
	set := graph.ChangeSet{By: name, IdempotencyKey: name, Layout: &layout,
		Entities:      []graph.EntityChange{{ID: id, Type: typ, Values: values}, {ID: other, Type: typ}},
		Relationships: []graph.RelationshipChange{{From: id, Relation: hostile, To: other, Props: []graph.PathValue{{Path: path, Value: schema.IntOf(1)}}}},
		Artifacts:     []graph.ArtifactChange{{Kind: graph.ArtifactKind(name), Name: name, Data: []byte(name)}}}
	ask := func(what string, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	_, err := s.Apply(ctx, set)
	ask("Apply", err)
	v, err := s.View(ctx)
	ask("View", err)
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{id, other}, []schema.Path{path})
	ask("Lookup", err)
	steps := []graph.Step{{Relation: hostile, Direction: graph.Both}}
	for n, op := range []schema.ConditionOp{schema.Eq, schema.Lt, schema.StartsWith, schema.Contains, schema.In, schema.Ne, schema.NotIn, schema.Has, schema.HasAny} {
		c := &schema.Condition{Op: op, Path: "flow", Value: text}
		if op == schema.In || op == schema.NotIn || op == schema.HasAny {
			c.Value = schema.ListOf([]schema.Value{text})
		}
		related := &schema.Condition{Op: schema.RelatedTo, Related: &schema.Related{Relation: hostile, Where: &schema.Condition{Op: op, Path: path, Value: c.Value}}}
		related.Related.Quantifier, related.Related.Count = schema.Quantifier(n%4), &schema.Condition{Op: schema.Gte, Path: "count", Value: schema.IntOf(1)}
		not := &schema.Condition{Op: schema.Not, Args: []*schema.Condition{{Op: schema.Or, Args: []*schema.Condition{related, c}}}}
		page := graph.Page{First: 2, After: &graph.Cursor{Keys: []schema.Value{text}, ID: id}}
		for _, where := range []*schema.Condition{c, related, not, {Op: op, Path: "name", Value: c.Value}, {Op: op, Path: "id", Value: c.Value}} {
			_, err = v.Select(ctx, graph.Selection{Types: []schema.TypeName{typ}, Where: where, Order: []graph.Order{{Path: "name"}}, Page: page, Count: true})
			ask("Select", err)
			_, err = v.Expand(ctx, graph.Expansion{From: b.Rows, Steps: steps, Types: []schema.TypeName{typ}, Where: where, Page: graph.Page{First: 3}})
			ask("Expand", err)
		}
	}
	for _, desc := range []bool{false, true} {
		_, err = v.Select(ctx, graph.Selection{Types: []schema.TypeName{typ}, Order: []graph.Order{{Path: "flow", Desc: desc}}, Page: graph.Page{First: 1}, Budget: 1000})
		ask("Select", err)
	}
	_, err = v.Select(ctx, graph.Selection{Search: name, Page: graph.Page{First: 1}})
	ask("Search", err)
	_, err = v.ByKey(ctx, typ, path, []schema.Value{text}, nil)
	ask("ByKey", err)
	_, err = v.Reach(ctx, graph.Reach{From: b.Rows, Steps: steps, Page: graph.Page{All: true}})
	ask("Reach", err)
	for _, open := range []func(context.Context) (graph.View, error){s.View, func(ctx context.Context) (graph.View, error) { return graph.LateView(ctx, s) }} {
		w, err := open(ctx)
		ask("View", err)
		where := &schema.Condition{Op: schema.Eq, Path: "name", Value: text}
		both := []graph.Next{{Reach: &graph.Reach{Steps: steps}}, {Expand: &graph.Expansion{Steps: steps, Where: where, Page: graph.Page{First: 2}, Count: true}},
			{Expand: &graph.Expansion{Steps: steps, Order: []graph.Order{{Path: "name"}}, Page: graph.Page{Last: 2, Before: &graph.Cursor{Keys: []schema.Value{text}, ID: id}}}}}
		_, err = graph.Foresee(w, both).Lookup(ctx, []graph.EntityID{id}, nil)
		ask("Lookup, foreseeing", err)
		w.Close()
		w, err = open(ctx)
		ask("View", err)
		_, err = graph.Foresee(w, []graph.Next{{Reach: &graph.Reach{Steps: steps, Paths: true}}}).ByKey(ctx, typ, path, []schema.Value{text}, nil)
		ask("ByKey, foreseeing", err)
		w.Close()
	}
	_, err = v.ShortestPaths(ctx, graph.PathQuery{From: b.Rows[0], To: b.Rows[1], Steps: steps})
	ask("ShortestPaths", err)
	_, err = v.Aggregate(ctx, graph.Aggregation{By: []graph.Grouping{{Path: path}}})
	ask("Aggregate", err)
	for _, from := range [][]graph.Row{nil, b.Rows} {
		_, err = v.Aggregate(ctx, graph.Aggregation{From: from, Steps: steps, Of: graph.Selection{Types: []schema.TypeName{typ}, Budget: 100}, By: []graph.Grouping{{Steps: steps, Types: []schema.TypeName{typ}}, {Path: "name"}},
			Measures: []graph.Measure{{Func: schema.FoldMin, Path: "flow"}}})
		ask("Aggregate", err)
	}
	_, err = v.Expand(ctx, graph.Expansion{From: b.Rows, Steps: steps, Count: true})
	ask("Expand", err)
	_, err = v.Relationships(ctx, b.Rows[0], "", graph.Both)
	ask("Relationships", err)
	_, err = v.Artifact(ctx, graph.ArtifactKind(name), name)
	ask("Artifact", err)
	_, err = s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: id}}})
	ask("Apply", err)
}
