package neo4j_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
)

// own is a server that a test may harm.
type own struct {
	t       *testing.T
	dir     string
	options neo4j.Options
}

func ownServer(t *testing.T) *own {
	t.Helper()
	server(t) // skips where there is none
	s := &own{t: t, dir: filepath.Join(t.TempDir(), "server")}
	for line := range strings.Lines(s.script("start")) {
		if at, ok := strings.CutPrefix(strings.TrimSpace(line), "MEREON_TEST_NEO4J="); ok {
			s.options = reach(t, at)
		}
	}
	s.options.Retry = 3 * time.Second
	t.Cleanup(func() { s.script("stop") })
	return s
}

func (s *own) script(arguments ...string) string {
	s.t.Helper()
	arguments = append([]string{arguments[0], s.dir}, arguments[1:]...)
	c := exec.Command(filepath.Join("..", "..", ".ci", "servers", "neo4j.sh"), arguments...)
	var failures strings.Builder
	c.Stderr = &failures
	out, err := c.Output()
	if err != nil {
		s.t.Fatalf("neo4j.sh %v: %v\n%s", arguments, err, failures.String())
	}
	return string(out)
}

func (s *own) open() *neo4j.Store {
	s.t.Helper()
	store, err := neo4j.Open(context.Background(), s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { store.Close() })
	return store
}

func wantFault(t *testing.T, what string, err error, code fault.Code, says ...string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s = %v (%s), want %s", what, err, fault.CodeOf(err), code)
		return
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s says %q, not %q", what, err, part)
		}
	}
}

// eventually tries for half a minute.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

func TestAWrongPasswordSaysWhatToDo(t *testing.T) {
	o := server(t)
	o.Password = "not-the-password"
	_, err := neo4j.Open(context.Background(), o)
	wantFault(t, "Open", err, fault.Unavailable, "store.password")
	if strings.Contains(fmt.Sprint(err), o.Password) {
		t.Errorf("the password is in %q", err)
	}
}

func TestAServerThatDoesNotAnswerCostsTheDeadline(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err = neo4j.Open(ctx, neo4j.Options{URL: "bolt://" + silent.Addr().String(), User: "neo4j", Password: "x"})
	wantFault(t, "Open", err, fault.Timeout)
}

func TestOptionsThatCannotBe(t *testing.T) {
	for _, o := range []neo4j.Options{{URL: ""}, {URL: "http://db:7687"}, {URL: "neo4j://ann:secret@db:7687"}, {URL: "neo4j://db", Password: "x"}, {URL: "bolt://db", Graph: "a b"}} {
		_, err := neo4j.Open(context.Background(), o)
		wantFault(t, o.URL, err, fault.Invalid)
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("a secret is in %q", err)
		}
	}
}

func TestANewerStorageIsRefused(t *testing.T) {
	o := server(t)
	s := openWith(t, t.TempDir(), o)
	o.Graph = s.name
	if err := s.SetStorage(context.Background(), 99); err != nil {
		t.Fatal(err)
	}
	defer s.SetStorage(context.Background(), 1)
	_, err := neo4j.Open(context.Background(), o)
	wantFault(t, "Open", err, fault.Invalid, "99", "newer")
}

func TestAProcessThatRunsOnDoesNotWriteToANewerStorage(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "before", Type: "A"}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetStorage(ctx, 99); err != nil {
		t.Fatal(err)
	}
	_, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "after", Type: "A"}}})
	wantFault(t, "Apply", err, fault.Unavailable, "99", "newer", "restart")
	if err := s.SetStorage(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "after", Type: "A"}}}); err != nil {
		t.Errorf("Apply to the storage as it was: %v", err)
	}
	if n := count(t, s); n != 2 {
		t.Errorf("%d entities, want 2", n)
	}
}

// TestTheServerGoesAndComesBack is one test for all that needs a server of its own, since a start takes seconds.
func TestTheServerGoesAndComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	s := ownServer(t)
	store := s.open()
	pairs := &pairWriter{store: store}
	watched := s.watchFrom(store)

	t.Run("killed while writing", func(t *testing.T) { pairs.killedWhileWriting(t, s) })
	t.Run("not there at the start, then read-only", func(t *testing.T) { s.notThereAtStart(t, store) })
	t.Run("out of memory", func(t *testing.T) { s.outOfMemory(t, store) })
	eventually(t, "Apply after all that", func() error {
		_, err := store.Apply(context.Background(), graph.ChangeSet{By: "last", Entities: []graph.EntityChange{{ID: "last", Type: "A"}}})
		return err
	})
	pairs.check(t)
	select {
	case <-watched:
	case <-time.After(30 * time.Second):
		t.Error("the watch that began before all that has not seen the last change")
	}
}

// watchFrom watches from the beginning until the change of "last" and closes the channel.
func (s *own) watchFrom(store graph.Store) <-chan struct{} {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	go func() {
		defer close(done)
		at := graph.Revision(0)
		for c, err := range store.Watch(ctx, 0) {
			if err != nil || c.Revision != at+1 {
				s.t.Errorf("Watch: revision %d after %d, %v", c.Revision, at, err)
				return
			}
			if at = c.Revision; c.By == "last" {
				return
			}
		}
	}()
	return done
}

// pairWriter writes change sets of two entities and remembers those acknowledged.
type pairWriter struct {
	store graph.Store
	mu    sync.Mutex
	acked []string
	codes map[fault.Code]int
}

func (p *pairWriter) write(stop <-chan struct{}, writer int) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		id := fmt.Sprintf("%d-%d", writer, n)
		_, err := p.store.Apply(context.Background(), graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID("a" + id), Type: "A"}, {ID: graph.EntityID("b" + id), Type: "B"}}})
		p.mu.Lock()
		if err == nil {
			p.acked = append(p.acked, id)
		}
		p.codes[fault.CodeOf(err)]++
		p.mu.Unlock()
	}
}

func (p *pairWriter) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.acked)
}

func (p *pairWriter) killedWhileWriting(t *testing.T, s *own) {
	p.codes = map[fault.Code]int{}
	stop := make(chan struct{})
	var running sync.WaitGroup
	for w := range 4 {
		running.Go(func() { p.write(stop, w) })
	}
	p.more(t, 30)
	s.script("kill")
	s.script("restart")
	p.more(t, 10)
	close(stop)
	running.Wait()
	for code := range p.codes {
		if code != "" && code != fault.Unavailable {
			t.Errorf("a write failed with %s", code)
		}
	}
	p.check(t)
	t.Logf("%d writes were acknowledged, answers by code: %v", p.count(), p.codes)
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

func (s *own) notThereAtStart(t *testing.T, store graph.Store) {
	ctx := context.Background()
	s.script("kill")
	_, err := neo4j.Open(ctx, s.options)
	wantFault(t, "Open", err, fault.Unavailable, "store.url")
	o := s.options
	o.Patient = true
	patient, err := neo4j.Open(ctx, o)
	if err != nil {
		t.Fatalf("Open that is patient = %v", err)
	}
	defer patient.Close()
	_, err = patient.View(ctx)
	wantFault(t, "View", err, fault.Unavailable, "retry")
	_, err = store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "C"}}})
	wantFault(t, "Apply to a server that is down", err, fault.Unavailable)
	s.script("restart", "read-only")
	for _, one := range []graph.Store{patient, store} {
		eventually(t, "View of a read-only server", func() error { _, err := one.View(ctx); return err })
	}
	_, err = store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "C"}}})
	wantFault(t, "Apply to a read-only server", err, fault.Unavailable, "read-only")
}

func (s *own) outOfMemory(t *testing.T, store graph.Store) {
	ctx := context.Background()
	s.script("kill")
	s.script("restart", "memory=16777216")
	eventually(t, "View", func() error { _, err := store.View(ctx); return err })
	set := graph.ChangeSet{}
	for n := range 8000 {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("m", n)), Type: "C", Values: []graph.PathValue{{Path: "note", Value: schema.StringOf(strings.Repeat("x", 2000))}}})
	}
	_, err := store.Apply(ctx, set)
	wantFault(t, "Apply beyond the memory of a transaction", err, fault.Limit, "memory")
	eventually(t, "a small change", func() error {
		_, err := store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("small", time.Now().UnixNano())), Type: "C"}}})
		return err
	})
}

func TestNothingIsLeftBehindByAStoreThatIsClosed(t *testing.T) {
	o := server(t)
	s := openWith(t, t.TempDir(), o)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			for range s.Watch(ctx, 0) {
			}
		})
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "C"}}}); err != nil {
		t.Error(err)
	}
	cancel()
	running.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(os.TempDir()); err == nil {
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "mereon-blob-") {
				t.Errorf("%s was left behind", e.Name())
			}
		}
	}
}
