package difference

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// feed reads the changes of everything that was done to a world, once from the start and once with a break in the middle, and
// says what of it does not lead from the entities that there were to those that there are.
func (s *served) feed(t testing.TB) error {
	t.Helper()
	const last = "last of all"
	end := graph.ChangeSet{By: "test", Entities: []graph.EntityChange{{Op: graph.Create, ID: last, Type: schema.TypeName(s.world.concrete()[0]), Values: []graph.PathValue{{Path: graph.ColumnName, Value: schema.StringOf(last)}}}}}
	if _, err := s.store.Apply(t.Context(), end); err != nil {
		return err
	}
	all, err := s.changes("from: 1", last, 1<<30)
	if err != nil {
		return err
	}
	half, err := s.changes("from: 1", last, len(all)/2)
	if err != nil {
		return err
	}
	if n := len(half); n > 0 && n < len(all) {
		rest, err := s.changes(fmt.Sprintf("after: %q", half[n-1].Cursor), last, 1<<30)
		if err != nil {
			return err
		}
		if got := slices.Concat(half, rest); !slices.Equal(got, all) {
			return fmt.Errorf("with a break the changes are %v, without %v", got, all)
		}
	}
	return s.leads(t.Context(), all)
}

// leads says what is wrong with changes: they come in order, each once, and make the entities that there are.
func (s *served) leads(ctx context.Context, all []entityChange) error {
	ids := map[string]bool{}
	for _, e := range s.world.Entities {
		ids[e.ID] = true
	}
	for i, c := range all {
		if i > 0 && cmp.Or(cmp.Compare(all[i-1].Revision, c.Revision), strings.Compare(all[i-1].ID, c.ID)) >= 0 {
			return fmt.Errorf("%v comes after %v", c, all[i-1])
		}
		switch c.Kind {
		case "CREATED":
			ids[c.ID] = true
		case "DELETED":
			delete(ids, c.ID)
		default:
			if !ids[c.ID] {
				return fmt.Errorf("%v is about what is not there", c)
			}
		}
	}
	view, err := s.store.View(ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	b, err := view.Select(ctx, graph.Selection{Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID}})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range b.Rows {
		there[b.Cell(0, i).Text()] = true
	}
	if !maps.Equal(ids, there) {
		return fmt.Errorf("the changes lead to %v, there are %v", slices.Sorted(maps.Keys(ids)), slices.Sorted(maps.Keys(there)))
	}
	return nil
}

type entityChange struct {
	Cursor   string `json:"cursor"`
	Revision int    `json:"revision"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
}

// changes reads the feed up to the change of one entity, or so many.
func (s *served) changes(from, last string, most int) (list []entityChange, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	o := &operation{Query: "query { entityChanges(" + from + ") { cursor revision kind id } }", Variables: map[string]any{}}
	err = s.subscribe(ctx, o, func(events *bufio.Scanner) error {
		for len(list) < most && events.Scan() {
			data, is := strings.CutPrefix(events.Text(), "data: ")
			if !is || data == "" {
				continue
			}
			var event struct {
				Data struct {
					EntityChanges *entityChange `json:"entityChanges"`
				} `json:"data"`
			}
			if err := json.Unmarshal([]byte(data), &event); err != nil || event.Data.EntityChanges == nil {
				return fmt.Errorf("no change: %s", data)
			}
			if list = append(list, *event.Data.EntityChanges); event.Data.EntityChanges.ID == last {
				return nil
			}
		}
		if len(list) < most {
			return fmt.Errorf("the feed ended after %v: %w", list, events.Err())
		}
		return nil
	})
	return list, err
}
