package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/exchange/project"
	"mereon/schema"
)

// benchModel is the model of the graph that is measured: two hierarchies and a network.
const benchModel = `
type Part @asset {
  serialNumber: String! @unique
  number: Int @index
  length: Float @unit(code: "mm")
  active: Boolean
  colour: String
  place: Part @relation(name: "locatedIn", inverse: "holds", hierarchy: "place")
  whole: Part @relation(name: "isPartOf", inverse: "parts", hierarchy: "parts")
  feeds: [Part!] @relation(name: "feeds", inverse: "fedBy")
}
`

type bench struct {
	dir      string
	entities int
	progress io.Writer
	rows     []measurement
	model    *schema.Model
	store    *embedded.Store
}

func partID(i int) string { return fmt.Sprintf("part-%07d", i) }

// write makes the entity file: a tree of ten children each, a second tree, and two links, mostly near.
func (b *bench) write() error {
	if err := os.MkdirAll(filepath.Join(b.dir, "entities"), 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(b.dir, "entities", "parts.ndjson"))
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range b.entities {
		fmt.Fprintf(w, `{"assetType":"Part","id":%q,"name":"Part %d","serialNumber":"S-%d","number":%d,"length":%.1f,"active":%t,"colour":"grey"`,
			partID(i), i, i, random.IntN(1000), random.Float64()*100, i%3 == 0)
		if i > 0 {
			fmt.Fprintf(w, `,"place":%q,"whole":%q`, partID((i-1)/10), partID(random.IntN(max(1, i/8))))
		}
		near := min(b.entities-1, i+1+random.IntN(50))
		fmt.Fprintf(w, `,"feeds":[%q,%q]}`+"\n", partID(near), partID(random.IntN(b.entities)))
	}
	return w.Flush()
}

// load imports the file as apply does: read, drafted, checked, committed, all or nothing, with a reader beside it.
func (b *bench) load(ctx context.Context) error {
	if err := b.write(); err != nil {
		return err
	}
	var problems interface{ Err() error }
	b.model, problems = parseBenchModel()
	if err := problems.Err(); err != nil {
		return err
	}
	var err error
	if b.store, err = embedded.Open(ctx, embedded.Options{Dir: filepath.Join(b.dir, "store")}); err != nil {
		return err
	}
	began := time.Now()
	inputs, wrong := project.ReadEntities(os.DirFS(b.dir), "entities/parts.ndjson", b.model)
	if err := wrong.Err(); err != nil {
		return err
	}
	view, err := b.store.View(ctx)
	if err != nil {
		return err
	}
	draft := graph.NewDraft(b.model, view)
	draft.Closed = true
	for _, in := range inputs {
		draft.Put(in)
	}
	clear(inputs)
	changes, mistakes, err := draft.ChangeSet(ctx)
	view.Close()
	if err == nil {
		err = mistakes.Err()
	}
	if err != nil {
		return err
	}
	changes.Layout = graph.LayoutOf(b.model)
	if _, err := b.store.Apply(ctx, changes); err != nil {
		return err
	}
	b.row(float64(b.entities)/time.Since(began).Seconds(), "entities/s", "import of NDJSON, all or nothing")
	return b.store.Close()
}

func parseBenchModel() (*schema.Model, interface{ Err() error }) {
	m, problems := schema.Parse([]schema.File{{Name: "bench.graphql", Text: benchModel}})
	return m, problems
}

// start opens the store again and weighs it.
func (b *bench) start(ctx context.Context) error {
	b.store = nil // the closed store holds its last snapshot
	before := heap()
	began := time.Now()
	var err error
	if b.store, err = embedded.Open(ctx, embedded.Options{Dir: filepath.Join(b.dir, "store")}); err != nil {
		return err
	}
	b.row(time.Since(began).Seconds(), "s", "start with %d entities, warm disk cache", b.entities)
	b.row(float64(heap()-before)/float64(b.entities), "B", "memory an entity, 4 relationships each")
	return nil
}

// heap is what is alive, in bytes.
func heap() int64 {
	runtime.GC() // twice: what pools hold goes with the second
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// questions asks the store: look-ups, a subtree of about 10,000, shortest paths.
func (b *bench) questions(ctx context.Context) error {
	view, err := b.store.View(ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	random := rand.New(rand.NewPCG(3, 4))
	lookup, err := times(2000, func() error {
		_, err := view.Lookup(ctx, []graph.EntityID{graph.EntityID(partID(random.IntN(b.entities)))}, []schema.Path{graph.ColumnName})
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(lookup, 0.5)*1000, "µs", "look-up of one entity, median")
	root, size := 0, b.entities
	for size > 11_112 {
		root, size = root*10+1, size/10
	}
	found := 0
	subtree, err := times(20, func() error {
		top, err := view.Lookup(ctx, []graph.EntityID{graph.EntityID(partID(root))}, nil)
		if err != nil {
			return err
		}
		batch, err := view.Reach(ctx, graph.Reach{From: top.Rows, Steps: []graph.Step{{Relation: "locatedIn", Direction: graph.In}}, Page: graph.Page{All: true}})
		if err == nil {
			found = len(batch.Rows)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(subtree, 0.5), "ms", "subtree of %d entities in the store, median", found)
	paths, err := times(50, func() error {
		ends, err := view.Lookup(ctx, []graph.EntityID{graph.EntityID(partID(random.IntN(b.entities))), graph.EntityID(partID(random.IntN(b.entities)))}, nil)
		if err != nil {
			return err
		}
		_, err = view.ShortestPaths(ctx, graph.PathQuery{From: ends.Rows[0], To: ends.Rows[1], Steps: []graph.Step{{Relation: "feeds", Direction: graph.Both}, {Relation: "locatedIn", Direction: graph.Both}}})
		return err
	})
	if err != nil {
		return err
	}
	b.row(percentile(paths, 0.95), "ms", "shortest path over the whole graph, p95")
	if err := b.routes(ctx, view); err != nil {
		return err
	}
	return b.searches(ctx, view)
}

// times measures f and returns the sorted durations.
func times(n int, f func() error) ([]time.Duration, error) {
	list := make([]time.Duration, n)
	for i := range list {
		began := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		list[i] = time.Since(began)
	}
	slices.Sort(list)
	return list, nil
}

// updates writes single values durably from ten writers for two seconds.
func (b *bench) updates(ctx context.Context) error {
	const writers, length = 10, 2 * time.Second
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var work sync.WaitGroup
	end := time.Now().Add(length)
	for w := range writers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 5))
			for time.Now().Before(end) {
				_, err := b.store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{
					Op: graph.Update, ID: graph.EntityID(partID(random.IntN(b.entities))),
					Values: []graph.PathValue{{Path: "number", Value: schema.IntOf(random.Int64N(1000))}},
				}}})
				if err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	work.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	b.row(float64(done.Load())/length.Seconds(), "/s", "durable single updates, 10 writers")
	return nil
}
