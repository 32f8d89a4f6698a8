package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
)

// TestEverybodyAtOnceAndNothingIsLeftBehind lets watchers, questions, changes, swaps and sources collide at random; in the
// end the hub tells the truth and, when the last one left, keeps nothing.
func TestEverybodyAtOnceAndNothingIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, loadRules)
		defer p.close()
		books := []*rules.Book{book(t, p.model, loadRules), book(t, p.model, strings.Replace(loadRules, "> 30", "> 40", 1), bearingRules)}
		ids := []graph.EntityID{"pump-7", "pump-8", "hall-1", "nobody"}
		paths := []schema.Path{"flow", "load", "name", "location.temperature", "location.code", "motor.speed", "wrong"}
		var crowd sync.WaitGroup
		for g := range 6 {
			crowd.Go(func() {
				dice := rand.New(rand.NewPCG(7, uint64(g)))
				for i := range 150 {
					switch id := ids[dice.IntN(len(ids))]; dice.IntN(7) {
					case 0, 1:
						inputs := []Input{{Entity: id, Path: paths[dice.IntN(len(paths))]}, {Entity: id, RuleSet: "load"}, {Entity: id, RuleSet: "bearing"}}
						stop := p.hub.Watch(inputs, func([]Update) {})
						time.Sleep(time.Duration(dice.IntN(50)) * time.Millisecond)
						stop()
					case 2:
						if _, err := p.hub.States(context.Background(), []graph.EntityID{id, "pump-7"}); err != nil {
							t.Error(err)
						}
					case 3:
						if err := p.hub.Swap(context.Background(), p.model, books[dice.IntN(2)]); err != nil {
							t.Error(err)
						}
					case 4:
						p.update("pump-7", "serial", schema.StringOf(fmt.Sprint("P-", dice.IntN(3))))
					case 5:
						stop := p.hub.WatchStates([]graph.EntityID{id}, func(graph.EntityID) {})
						time.Sleep(time.Millisecond)
						stop()
					default:
						p.source.push("plant", fmt.Sprintf("pumps/P-%d/flow", dice.IntN(3)), schema.FloatOf(float64(i)))
					}
				}
			})
		}
		crowd.Wait()
		if err := p.hub.Swap(context.Background(), p.model, books[0]); err != nil {
			t.Fatal(err)
		}
		p.update("pump-7", "serial", schema.StringOf("P-7"))
		s, stop := p.watch(Input{Entity: "pump-7", Path: "load"}, Input{Entity: "pump-7", RuleSet: "load"})
		p.push("halls/h1/t", 31)
		p.push("pumps/P-7/flow", 24)
		if u := s.at(0); u.Value.Float() != 2 {
			t.Errorf("load = %+v, want 2", u)
		}
		if u := s.at(1); u.State != "hot" {
			t.Errorf("state = %+v, want hot", u)
		}
		stop()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if c := p.hub.Counters(); c.Cells != 0 || p.source.watched() != 0 {
			t.Errorf("%d cells and %d references are left", c.Cells, p.source.watched())
		}
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		if n, m := len(p.hub.records), len(p.hub.standing); n != 0 || m != 0 {
			t.Errorf("%d records and %d standing entities are left", n, m)
		}
	})
}
