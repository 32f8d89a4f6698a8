package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"mereon/graph"
	"mereon/schema"
)

// searches looks for texts as people type them: a number, words of a name, a whole id, the beginning of a word that all
// entities have, one in four with a count.
func (b *bench) searches(ctx context.Context, view graph.View) error {
	random := rand.New(rand.NewPCG(5, 6))
	n := 0
	took, err := times(200, func() error {
		part := random.IntN(b.entities)
		text := []string{fmt.Sprint(part), fmt.Sprintf("PART %d", part/10), partID(part), fmt.Sprintf("grey s-%d", part/100), "pärt"}[n%5]
		n++
		_, err := view.Select(ctx, graph.Selection{Search: text, Page: graph.Page{First: 100}, Count: n%4 == 0, Columns: []schema.Path{graph.ColumnName}})
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(took, 0.95), "ms", "search over names, ids and texts, best 100, p95")
	return nil
}

// routes asks for all shortest paths and for what can be reached over two relationships, cut at 10,000 entities.
func (b *bench) routes(ctx context.Context, view graph.View) error {
	random := rand.New(rand.NewPCG(7, 8))
	feeds := []graph.Step{{Relation: "feeds", Direction: graph.Both}}
	all, err := times(50, func() error {
		ends, err := view.Lookup(ctx, []graph.EntityID{graph.EntityID(partID(random.IntN(b.entities))), graph.EntityID(partID(random.IntN(b.entities)))}, nil)
		if err != nil {
			return err
		}
		_, err = view.ShortestPaths(ctx, graph.PathQuery{From: ends.Rows[0], To: ends.Rows[1], Steps: feeds, Most: 100})
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(all, 0.95), "ms", "all shortest paths, up to 100, p95")
	reach, err := times(20, func() error {
		from, err := view.Lookup(ctx, []graph.EntityID{graph.EntityID(partID(random.IntN(b.entities)))}, nil)
		if err != nil {
			return err
		}
		_, err = view.Reach(ctx, graph.Reach{From: from.Rows, Steps: feeds, Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnName}, Budget: 10_000})
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(reach, 0.5), "ms", "reach over a network, the nearest 10,000, median")
	return nil
}
