package neo4j_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// pairWriter writes change sets of two entities and remembers those acknowledged.
type pairWriter struct {
	store  graph.Store
	mu     sync.Mutex
	acked  []string
	codes  map[fault.Code]int
	failed int
	last   error
	began  int
}

func pair(id string) graph.ChangeSet {
	return graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID("a" + id), Type: "A"}, {ID: graph.EntityID("b" + id), Type: "B"}}}
}

// begin starts writers; end ends them, and sees that whatever failed was Unavailable and nothing is there by half.
func (p *pairWriter) begin(writers int) (end func(t *testing.T)) {
	stop := make(chan struct{})
	var running sync.WaitGroup
	p.mu.Lock()
	p.codes, p.failed, p.last = map[fault.Code]int{}, 0, nil
	first := p.began
	p.began += writers
	p.mu.Unlock()
	for w := range writers {
		running.Go(func() { p.write(stop, first+w) })
	}
	return func(t *testing.T) {
		t.Helper()
		close(stop)
		running.Wait()
		for code := range p.codes {
			if code != "" && code != fault.Unavailable {
				t.Errorf("a write failed with %s: %v", code, p.last)
			}
		}
		p.check(t)
		t.Logf("%d writes are acknowledged so far, answers by code: %v, the last failure: %v", p.count(), p.codes, p.last)
	}
}

// worst returns how many writes failed since begin, and the last of these failures.
func (p *pairWriter) worst() (error, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last, p.failed
}

func (p *pairWriter) write(stop <-chan struct{}, writer int) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		id := fmt.Sprintf("%d-%d", writer, n)
		_, err := p.store.Apply(context.Background(), pair(id))
		p.mu.Lock()
		if err == nil {
			p.acked = append(p.acked, id)
		}
		p.codes[fault.CodeOf(err)]++
		if err != nil {
			p.failed++
			p.last = err
		}
		p.mu.Unlock()
	}
}

func (p *pairWriter) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.acked)
}

func (p *pairWriter) killedWhileWriting(t *testing.T, s *own) {
	end := p.begin(4)
	p.more(t, 30)
	s.script("kill")
	patient := s.notThereAtStart(t, p.store)
	defer patient.Close()
	s.script("restart", "tls="+filepath.Join(s.dir, "tls"))
	eventually(t, "View of a store that was opened while the server was down", func() error { _, err := patient.View(context.Background()); return err })
	p.more(t, 10)
	end(t)
}

// more waits for that many more writes.
func (p *pairWriter) more(t *testing.T, n int) {
	t.Helper()
	before := p.count()
	eventually(t, "writes", func() error {
		if done := p.count() - before; done < n {
			return fmt.Errorf("%d writes of %d", done, n)
		}
		return nil
	})
}

// check sees that every acknowledged pair is there and no half of any.
func (p *pairWriter) check(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	var v graph.View
	eventually(t, "View", func() (err error) { v, err = p.store.View(ctx); return err })
	defer v.Close()
	b, err := v.Select(ctx, graph.Selection{Types: []schema.TypeName{"A", "B"}, Page: graph.Page{All: true}, Columns: []schema.Path{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for i := range b.Rows {
		there[b.Cell(0, i).Text()] = true
	}
	delete(there, "last")
	for id := range there {
		if other := map[byte]string{'a': "b", 'b': "a"}[id[0]] + id[1:]; strings.Contains(id, "-") && !there[other] {
			t.Errorf("%s is there without %s", id, other)
		}
	}
	for _, id := range p.acked {
		if !there["a"+id] {
			t.Errorf("the acknowledged write of %s is lost", id)
		}
	}
}
