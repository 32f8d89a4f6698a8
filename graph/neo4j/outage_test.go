package neo4j_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
)

// TestTheServerGoesAndComesBack is one test for all that needs a server of its own, since a start takes seconds. One store is
// open all the time and one watch runs: neither is ever opened anew.
func TestTheServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts servers")
	}
	s := ownServer(t)
	store := s.open()
	pairs := &pairWriter{store: store, codes: map[fault.Code]int{}}
	watched := s.watchFrom(store)

	t.Run("TLS", func(t *testing.T) { s.encrypted(t) })
	t.Run("read-only", func(t *testing.T) { s.readOnly(t, store) })
	t.Run("the memory of a transaction", func(t *testing.T) { s.transactionMemory(t, store) })
	t.Run("slow", func(t *testing.T) { s.slow(t, pairs) })
	t.Run("killed while writing, and not there at the start", func(t *testing.T) { pairs.killedWhileWriting(t, s) })
	t.Run("full heap", func(t *testing.T) { s.fullHeap(t, pairs) })
	t.Run("full disk", func(t *testing.T) { s.fullDisk(t, pairs) })
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

// encrypted opens the store by TLS: with any certificate, with the authority that signed the server's, and with one that
// did not.
func (s *own) encrypted(t *testing.T) {
	ctx := context.Background()
	_, host, _ := strings.Cut(s.options.URL, "://")
	for _, test := range []struct {
		url string
		tls *tls.Config
		ok  bool
	}{
		{"bolt+ssc://", nil, true}, {"neo4j+ssc://", nil, true}, {"bolt+s://", nil, false},
		{"bolt://", &tls.Config{RootCAs: s.ca}, true}, {"neo4j://", &tls.Config{RootCAs: s.ca}, true},
		{"neo4j://", &tls.Config{RootCAs: s.ca, ServerName: "127.0.0.1"}, true},
		{"bolt://", &tls.Config{RootCAs: x509.NewCertPool()}, false}, {"bolt://", &tls.Config{RootCAs: s.ca, ServerName: "another.host"}, false},
	} {
		o := s.options
		o.URL, o.TLS = test.url+host, test.tls
		store, err := neo4j.Open(ctx, o)
		if !test.ok {
			wantFault(t, "Open "+test.url, err, fault.Unavailable, "certificate", "authority")
			continue
		}
		if err != nil {
			t.Errorf("Open %s: %v", test.url, err)
			continue
		}
		if _, err := store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("tls", time.Now().UnixNano())), Type: "C"}}}); err != nil {
			t.Errorf("Apply by %s: %v", test.url, err)
		}
		store.Close()
	}
}

func (s *own) readOnly(t *testing.T, store graph.Store) {
	ctx := context.Background()
	s.script("set", "read-only=true")
	_, err := store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "C"}}})
	wantFault(t, "Apply to a read-only server", err, fault.Unavailable, "read-only", "make it writable")
	count(t, store)
	s.script("set", "read-only=false")
	writable(t, store)
}

// writable waits until a change is taken.
func writable(t *testing.T, store graph.Store) {
	t.Helper()
	eventually(t, "Apply", func() error {
		_, err := store.Apply(context.Background(), graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("w", time.Now().UnixNano())), Type: "C"}}})
		return err
	})
}

func (s *own) transactionMemory(t *testing.T, store graph.Store) {
	s.script("set", "memory=16777216")
	before := count(t, store)
	_, err := store.Apply(context.Background(), bulky(8000, 2000))
	wantFault(t, "Apply beyond the memory of a transaction", err, fault.Limit, "db.memory.transaction.max", "smaller")
	if n := count(t, store); n != before {
		t.Errorf("a change set that was refused left %d entities", n-before)
	}
	writable(t, store)
	s.script("set", "memory=0")
}

func bulky(entities, size int) (set graph.ChangeSet) {
	for n := range entities {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("m", n)), Type: "C", Values: []graph.PathValue{{Path: "note", Value: schema.StringOf(strings.Repeat("x", size))}}})
	}
	return set
}

// slow stops the server's process for a while: questions and changes cost their deadline, no more, and what was on its way is
// done as a whole or not at all.
func (s *own) slow(t *testing.T, pairs *pairWriter) {
	s.script("pause")
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var asking sync.WaitGroup
	for n := range 4 {
		asking.Go(func() {
			_, err := pairs.store.View(ctx)
			wantFault(t, "View of a server that does not answer", err, fault.Timeout)
		})
		asking.Go(func() {
			id := fmt.Sprintf("slow-%d", n)
			_, err := pairs.store.Apply(ctx, pair(id))
			if code := fault.CodeOf(err); code != fault.Timeout && code != fault.Unavailable {
				t.Errorf("Apply to a server that does not answer: %v (%s)", err, code)
			}
		})
	}
	asking.Wait()
	s.script("resume")
	writable(t, pairs.store)
	pairs.check(t)
}

func (s *own) notThereAtStart(t *testing.T, store graph.Store) (patient *neo4j.Store) {
	ctx := context.Background()
	_, err := neo4j.Open(ctx, s.options)
	wantFault(t, "Open", err, fault.Unavailable, "store.url")
	o := s.options
	o.Patient = true
	patient, err = neo4j.Open(ctx, o)
	if err != nil {
		t.Fatalf("Open that is patient = %v", err)
	}
	_, err = patient.View(ctx)
	wantFault(t, "View", err, fault.Unavailable, "retry")
	_, err = store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "C"}}})
	wantFault(t, "Apply to a server that is down", err, fault.Unavailable)
	return patient
}

// fullDisk fills the disk while pairs are written, and frees it. Neo4j needs a restart after that, Mereon does not.
func (s *own) fullDisk(t *testing.T, pairs *pairWriter) {
	free := s.fill(64 << 10)
	end := pairs.begin(4)
	eventually(t, "a write fails", func() error {
		if code, n := pairs.worst(); n == 0 {
			return fmt.Errorf("%d writes were taken, %s", pairs.count(), code)
		}
		return nil
	})
	_, err := pairs.store.Apply(context.Background(), pair("full-0"))
	wantFault(t, "Apply to a full disk", err, fault.Unavailable, "disk")
	free()
	s.script("kill")
	s.script("restart", "tls="+filepath.Join(s.dir, "tls"))
	pairs.more(t, 10)
	end(t)
}

// fullHeap lets another client use up the heap while pairs are written.
func (s *own) fullHeap(t *testing.T, pairs *pairWriter) {
	s.script("set", "total=0")
	end := pairs.begin(4)
	pairs.more(t, 10)
	s.hog(t)
	pairs.more(t, 10)
	end(t)
}

// hog asks for a list that is larger than the heap.
func (s *own) hog(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	d, err := driver.NewDriverWithContext(s.options.URL, driver.BasicAuth(s.options.User, s.options.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(context.WithoutCancel(ctx))
	session := d.NewSession(ctx, driver.SessionConfig{})
	defer session.Close(context.WithoutCancel(ctx))
	result, err := session.Run(ctx, "UNWIND range(1, 100000000) AS x WITH collect(reduce(text = toString(x), i IN range(1, 18) | text + text)) AS texts RETURN size(texts)", nil)
	if err == nil {
		_, err = result.Collect(ctx)
	}
	t.Logf("the list that is larger than the heap: %v", err)
}
