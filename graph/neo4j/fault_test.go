package neo4j_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema/fault"
)

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

// eventually tries for a minute.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
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
	if err := s.SetStorage(ctx, neo4j.Storage); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "after", Type: "A"}}}); err != nil {
		t.Errorf("Apply to the storage as it was: %v", err)
	}
	if n := count(t, s); n != 2 {
		t.Errorf("%d entities, want 2", n)
	}
}

func TestNothingIsLeftBehindByAStoreThatIsClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // what others leave is none of its business
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
