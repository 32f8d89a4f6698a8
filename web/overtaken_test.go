package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/web"
)

// deaf is a store whose changes are not heard of, as on a replica that is behind.
type deaf struct{ graph.Store }

// Watch implements graph.Store.
func (deaf) Watch(ctx context.Context, _ graph.Revision) iter.Seq2[graph.Change, error] {
	return func(func(graph.Change, error) bool) { <-ctx.Done() }
}

// behind opens a store for a replica that hears of nothing.
func behind(store opener) opener {
	return func(ctx context.Context, config project.Store, o web.StoreOptions) (graph.Store, error) {
		s, err := store(ctx, config, o)
		if err != nil {
			return nil, err
		}
		return deaf{s}, nil
	}
}

// applyModel applies a folder with another model.
func (r *running) applyModel(t testing.TB, dir, model string) graph.Revision {
	t.Helper()
	writeFile(t, dir, "model/pump.graphql", model)
	answer := r.post(t, "/project/apply", "application/zip", zipFolder(t, dir))
	if answer.status != http.StatusOK {
		t.Fatal(answer.text)
	}
	var plan struct{ Revision graph.Revision }
	if err := json.Unmarshal([]byte(answer.text), &plan); err != nil {
		t.Fatal(err)
	}
	return plan.Revision
}

func TestAWriteIsNeverCheckedByAModelThatNoLongerHolds(t *testing.T) {
	onShared(t, testOvertaken)
}

func testOvertaken(t *testing.T, store opener) {
	dir := smallFolder(t, "")
	a, b := replica(t, dir, store), replica(t, dir, behind(store))
	for i, test := range []struct {
		name, model, write string
		want               string // in the answer
		there              bool
	}{
		{"what the new model forbids", `@pattern(regex: "S-[0-9]+")`, `createPump(input: {id: "?", serialNumber: "X"}) { id }`, `"code":"INVALID"`, false},
		{"what both allow", `@pattern(regex: "S-[0-9]*")`, `createPump(input: {id: "?", serialNumber: "S-20"}) { id }`, `"data":{"createPump":{"id":"?"}}`, true},
		{"with an idempotency key", `@pattern(regex: "[A-Z]-[0-9]*")`, `createPump(input: {id: "?", serialNumber: "S-21"}, idempotencyKey: "k") { id }`, `"data":{"createPump":{"id":"?"}}`, true},
		{"several at once", "\n  wear: Int", `one: createPump(input: {serialNumber: "S-22"}) { serialNumber } createPump(input: {id: "?", serialNumber: "S-23"}) { id }`, `"one":{"serialNumber":"S-22"},"createPump":{"id":"?"}`, true},
		{"a field that is gone", "", `createPump(input: {id: "?", serialNumber: "S-25", wear: 7}) { id }`, `\"wear\" is not defined`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := fmt.Sprint("p", i)
			a.applyModel(t, dir, "type Pump @asset {\n  serialNumber: String! @unique "+test.model+"\n}\n")
			answer := b.query(t, "mutation { "+strings.ReplaceAll(test.write, "?", id)+" }", nil)
			if !strings.Contains(answer.text, strings.ReplaceAll(test.want, "?", id)) {
				t.Errorf("answer: %s, want %s", answer.text, test.want)
			}
			there := func(r *running) bool {
				return r.query(t, fmt.Sprintf(`{ pump(id: %q) { id } }`, id), nil).Data["pump"] != nil
			}
			if got := there(b); got != test.there {
				t.Errorf("it is there: %v, want %v", got, test.there)
			}
			eventually(t, "the other replica sees the same", func() bool { return there(a) == test.there })
		})
	}
}

func TestAReplicaOfAnOlderVersionWritesNothingToANewerModel(t *testing.T) {
	onShared(t, func(t *testing.T, store opener) {
		dir := smallFolder(t, "")
		b := replica(t, dir, behind(store))
		shared, err := store(t.Context(), project.Store{}, web.StoreOptions{Data: t.TempDir(), Direct: true})
		if err != nil {
			t.Fatal(err)
		}
		defer shared.Close()
		layout := &graph.Layout{Model: "newer", Unique: []graph.UniqueKey{{Scope: "Pump", Path: "serialNumber", Types: []schema.TypeName{"Pump"}}}}
		newer := graph.ArtifactChange{Kind: graph.ArtifactModel, Name: "model/pump.graphql", Data: []byte("type Pump @asset(of: TOMORROW) { serialNumber: String! @unique }")}
		if _, err := shared.Apply(t.Context(), graph.ChangeSet{Layout: layout, Artifacts: []graph.ArtifactChange{newer}}); err != nil {
			t.Fatal(err)
		}
		answer := b.query(t, `mutation { createPump(input: {id: "p9", serialNumber: "S-9"}) { id } }`, nil)
		if len(answer.Errors) != 1 || answer.Errors[0].Extensions["code"] != "UNAVAILABLE" || !strings.Contains(answer.text, "write to another replica") {
			t.Errorf("the first write after the newer model: %s", answer.text)
		}
		if found := b.query(t, `{ pump(id: "p9") { id } }`, nil); found.Data["pump"] != nil || len(found.Errors) > 0 {
			t.Errorf("reads go on, without what was refused: %s", found.text)
		}
	})
}

// TestWritersMeetModels lets clients of two replicas write numbers while models go from one allowed number to the next. Every
// number that was written must be the one that the model of its revision allows.
func TestWritersMeetModels(t *testing.T) {
	onShared(t, testWritersMeetModels)
}

func testWritersMeetModels(t *testing.T, store opener) {
	const models = 12
	dir := smallFolder(t, "")
	model := func(n int) string {
		return fmt.Sprintf("type Pump @asset { serialNumber: String! @unique\n wear: Int @range(min: %d, max: %d) }\n", n, n)
	}
	a, b := replica(t, dir, store), replica(t, dir, store)
	since := []graph.Revision{a.applyModel(t, dir, model(0))}
	var mu sync.Mutex
	wrote := map[graph.Revision]int64{}
	var now, written, refused atomic.Int64
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		to := []*running{a, b}[w%2]
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				wear := now.Load() + int64(n%2) // the next one, too, which somebody may just be applying
				answer := to.query(t, fmt.Sprintf(`mutation { apply(changes: [{create: {type: "Pump", input: {serialNumber: "%d-%d", wear: %d}}}]) { revision } }`, w, n, wear), nil)
				switch {
				case len(answer.Errors) == 0:
					at := graph.Revision(answer.Data["apply"].(map[string]any)["revision"].(float64))
					mu.Lock()
					wrote[at] = wear
					mu.Unlock()
					written.Add(1)
				case answer.Errors[0].Extensions["code"] == "INVALID", answer.Errors[0].Extensions["code"] == "GRAPHQL_VALIDATION_FAILED":
					refused.Add(1)
				default:
					t.Errorf("%s", answer.text)
				}
			}
		})
	}
	for n := 1; n < models; n++ {
		before := written.Load()
		eventually(t, "writes", func() bool { return written.Load() > before+4 })
		since = append(since, []*running{a, b}[n%2].applyModel(t, dir, model(n)))
		now.Store(int64(n))
	}
	close(stop)
	writers.Wait()
	for at, wear := range wrote {
		holds := int64(-1)
		for n, from := range since {
			if at > from {
				holds = int64(n)
			}
		}
		if wear != holds {
			t.Errorf("revision %d wrote %d and the model allowed %d", at, wear, holds)
		}
	}
	t.Logf("%d written, %d refused, models since %v", written.Load(), refused.Load(), since)
}
