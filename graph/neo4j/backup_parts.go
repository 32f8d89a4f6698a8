package neo4j

import (
	"context"
	"iter"
	"slices"
	"strings"

	"mereon/graph/record"
)

// readBetween reads the relationships of entities between two ids.
const readBetween = `MATCH (a:@Entity) USING INDEX SEEK a:@Entity(id) WHERE a.id > $after AND a.id <= $to
WITH a MATCH (a)-[e:#]->(b:@Entity) WHERE e._since <= $r AND e._until > $u
RETURN a.id, type(e), b.id, e._props`

// entities writes all entities by id, then all relationships by their sources.
func (b *backup) entities(ctx context.Context) error {
	var ends []string
	err := ahead(ctx, b.parts(ctx, &ends), func(some []record.Entity) error {
		for i := range some {
			if err := b.out.Entity(some[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ahead(ctx, b.edges(ctx, ends), func(some []record.Relationship) error {
		for i := range some {
			if err := b.out.Relationship(some[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// parts gives all entities by id, some at a time, and notes the last id of each part.
func (b *backup) parts(ctx context.Context, ends *[]string) iter.Seq2[[]record.Entity, error] {
	return func(yield func([]record.Entity, error) bool) {
		last := ""
		for {
			err := b.hold(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			some, err := b.v.fetch.entities(ctx, nextStates, map[string]any{"after": last, "limit": int64(chunk)})
			if len(some) > 0 {
				last = string(some[len(some)-1].ID)
				*ends = append(*ends, last)
			}
			if !yield(some, err) || err != nil || len(some) < chunk {
				return
			}
		}
	}
}

// edges gives the relationships of the entities of each part.
func (b *backup) edges(ctx context.Context, ends []string) iter.Seq2[[]record.Relationship, error] {
	relations := relationNames(b.v.layout.Relations)
	return func(yield func([]record.Relationship, error) bool) {
		last := ""
		for _, end := range ends {
			if len(relations) == 0 {
				return
			}
			err := b.hold(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			some, err := b.v.fetch.relationships(ctx, statement{text: readBetween, types: typesOf(relations)}, map[string]any{"after": last, "to": end})
			slices.SortFunc(some, compareEdges)
			if !yield(some, err) || err != nil {
				return
			}
			last = end
		}
	}
}

func compareEdges(a, b record.Relationship) int {
	if c := strings.Compare(string(a.From), string(b.From)); c != 0 {
		return c
	}
	if c := strings.Compare(a.Relation, b.Relation); c != 0 {
		return c
	}
	return strings.Compare(string(a.To), string(b.To))
}

// ahead visits parts; while one is visited the next is fetched.
func ahead[T any](ctx context.Context, parts iter.Seq2[T, error], visit func(T) error) error {
	type part struct {
		some T
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	fetched := make(chan part)
	defer func() {
		cancel()
		for range fetched { // until nothing is fetched any more
		}
	}()
	go func() {
		defer close(fetched)
		for some, err := range parts {
			select {
			case fetched <- part{some, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for p := range fetched {
		if p.err != nil {
			return p.err
		}
		if err := visit(p.some); err != nil {
			return err
		}
	}
	return ended(ctx)
}
