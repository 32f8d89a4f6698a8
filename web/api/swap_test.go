package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

// numbered is the plant's model with one more type, whose name tells the models apart.
func numbered(t testing.TB, n int) *schema.Model {
	t.Helper()
	return parseModel(t, fmt.Sprintf("%s\ntype Extra%d implements Equipment @asset { size: Int }\n", plantModel, n))
}

func TestEveryAnswerBelongsToOneModelWhileModelsAreExchanged(t *testing.T) {
	p := newPlant(t, roomy)
	const exchanges = 200
	var snapshots []*Snapshot
	extras := sync.Map{} // model hash -> the type that only it has
	for n := range exchanges {
		model := numbered(t, n)
		extras.Store(model.Hash, fmt.Sprintf("Extra%d", n))
		snapshots = append(snapshots, p.snapshot(t, model))
	}
	ctx, stop := context.WithCancel(t.Context())
	var asked atomic.Int64
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			for ctx.Err() == nil {
				r := p.query(t, `{ server { model } __schema { types { name } } equipments(first: 2) { nodes { __typename id } totalCount } }`)
				if len(r.Errors) > 0 || r.status != http.StatusOK {
					t.Errorf("%d %.300s", r.status, r.text)
					return
				}
				asked.Add(1)
				checkOneModel(t, r, &extras)
			}
		})
	}
	for _, s := range snapshots {
		before := asked.Load()
		p.handler.Swap(s)
		waitFor(t, func() bool { return asked.Load() > before || t.Failed() })
	}
	stop()
	work.Wait()
	t.Logf("%d answers during %d exchanges", asked.Load(), exchanges)
}

// checkOneModel compares the model named by the control plane with the types named by introspection.
func checkOneModel(t *testing.T, r reply, extras *sync.Map) {
	hash := r.Data["server"].(map[string]any)["model"].(string)
	want, known := extras.Load(hash)
	for _, item := range r.Data["__schema"].(map[string]any)["types"].([]any) {
		name := item.(map[string]any)["name"].(string)
		if strings.HasPrefix(name, "Extra") && !strings.ContainsAny(name[5:], "abcdefghijklmnopqrstuvwxyz") && (!known || name != want) {
			t.Errorf("the model %s answers with the type %s, want %v", hash, name, want)
		}
	}
}

func TestSubscriptionsGoOnOverAnExchange(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	d.send(subscribe("s", `subscription { pump(id: "p001") { name } }`))
	d.expect(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":"Pump 1"}}}}`)
	for n := range 5 {
		p.handler.Swap(p.snapshot(t, numbered(t, n)))
		name := fmt.Sprint("Renamed ", n)
		p.query(t, fmt.Sprintf(`mutation { updatePump(id: "p001", set: {name: %q}) { id } }`, name))
		d.expect(fmt.Sprintf(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":%q}}}}`, name))
	}
}

func TestASubscriptionThatANewModelForbidsEndsWithTheReason(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	d.send(subscribe("s", `subscription { pump(id: "p001") { ratedFlow } }`))
	d.expect(`{"id":"s","type":"next","payload":{"data":{"pump":{"ratedFlow":1.5}}}}`)
	p.handler.Swap(p.snapshot(t, parseModel(t, strings.Replace(plantModel, "ratedFlow: Float", "", 1))))
	d.expectError("s", "INVALID")
	d.send(subscribe("s", "{ __typename }"))
	d.expect(`{"id":"s","type":"next","payload":{"data":{"__typename":"Query"}}}`)
}

func TestTheFeedOfChangesHasNoGapAndNoRepetitionOverExchanges(t *testing.T) {
	p := newPlant(t, roomy)
	view, err := p.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from := view.Revision()
	view.Close()
	d := p.openSocket(t)
	d.send(subscribe("f", fmt.Sprintf(`subscription { entityChanges(from: %d) { id revision } }`, from)))
	const commits, perCommit = 60, 5
	var work sync.WaitGroup
	work.Go(func() {
		for n := range commits {
			var set graph.ChangeSet
			for k := range perCommit {
				set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Update, ID: graph.EntityID(fmt.Sprintf("p%03d", k)), Values: []graph.PathValue{{Path: "name", Value: schema.StringOf(fmt.Sprint(n))}}})
			}
			if _, err := p.store.Apply(t.Context(), set); err != nil {
				t.Error(err)
				return
			}
		}
	})
	work.Go(func() {
		for n := range 20 {
			p.handler.Swap(p.snapshot(t, numbered(t, n)))
		}
	})
	for i := range commits * perCommit {
		var m struct {
			Payload struct {
				Data struct {
					EntityChanges struct {
						ID       graph.EntityID
						Revision int
					}
				}
			}
		}
		text := d.read()
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		got, want := m.Payload.Data.EntityChanges, int(from)+1+i/perCommit
		if got.Revision != want || got.ID != graph.EntityID(fmt.Sprintf("p%03d", i%perCommit)) {
			t.Fatalf("change %d: %s, want revision %d", i, text, want)
		}
	}
	work.Wait()
}
