package neo4j_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"

	"mereon/graph/neo4j"
)

// between stands between a store and its server: it counts the connections that the store opens and ends, withholds what the
// server answers to a statement, and goes away. A server that stands alone says in its routing table that it is where it was asked, so
// that neo4j:// leads here too.
type between struct {
	server string
	door   net.Listener

	mu      sync.Mutex
	wires   []*wire
	ended   int      // by the store
	marks   []string // what is waited for in what the store says, one after the other; empty: nothing
	hit     func()   // called once the last is said
	gate    chan struct{}
	running sync.WaitGroup
}

// wire is one connection.
type wire struct {
	store, server net.Conn
	gate          chan struct{} // what the server answers waits for it, when it is not nil
}

// standBetween changes the address in options.
func standBetween(t *testing.T, o *neo4j.Options) *between {
	t.Helper()
	u, err := url.Parse(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &between{server: u.Host, door: door, gate: make(chan struct{})}
	u.Host = door.Addr().String()
	o.URL = u.String()
	b.running.Go(b.accept)
	t.Cleanup(func() {
		door.Close()
		b.release()
		b.running.Wait()
	})
	return b
}

func (b *between) accept() {
	for {
		store, err := b.door.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", b.server)
		if err != nil {
			store.Close()
			continue
		}
		w := &wire{store: store, server: server}
		b.mu.Lock()
		b.wires = append(b.wires, w)
		b.mu.Unlock()
		b.running.Go(func() { b.requests(w) })
		b.running.Go(func() { b.answers(w) })
	}
}

func (b *between) requests(w *wire) {
	defer w.server.Close()
	for buffer := make([]byte, 64<<10); ; {
		n, err := w.store.Read(buffer)
		if err != nil {
			b.mu.Lock()
			b.ended++
			b.mu.Unlock()
			return
		}
		if hit := b.hear(w, buffer[:n]); hit != nil {
			hit()
		}
		if _, err := w.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// hear looks for the marks, each in the first part of what is said at once; it returns what is to be called when the last is
// said.
func (b *between) hear(w *wire, said []byte) (hit func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.marks) == 0 || !bytes.Contains(said, []byte(b.marks[0])) {
		return nil
	}
	if b.marks = b.marks[1:]; len(b.marks) == 0 {
		w.gate, hit = b.gate, b.hit
	}
	return hit
}

func (b *between) answers(w *wire) {
	defer w.store.Close()
	for buffer := make([]byte, 64<<10); ; {
		n, err := w.server.Read(buffer)
		if err != nil {
			return
		}
		b.mu.Lock()
		gate := w.gate
		b.mu.Unlock()
		if gate != nil {
			<-gate
		}
		if _, err := w.store.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// withhold lets the next statement that holds these marks go to the server but not its answer, and calls hit.
func (b *between) withhold(hit func(), marks ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.marks, b.hit = marks, hit
}

// release lets what was withheld pass, and says whether all marks were seen.
func (b *between) release() (seen bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.gate)
	seen, b.gate, b.marks = len(b.marks) == 0, make(chan struct{}), nil
	return seen
}

func (b *between) connections() (opened, ended int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.wires), b.ended
}

// cut ends all connections and lets nobody in any more.
func (b *between) cut() {
	b.door.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wires {
		w.store.Close()
		w.server.Close()
	}
}
