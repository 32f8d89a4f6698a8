package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// onNeo4j writes a project that keeps its graph in the Neo4j of the tests, under a name of its own. Without one the test is
// skipped, and fails when CI is set.
func onNeo4j(t *testing.T, mirror string) (dir string) {
	t.Helper()
	at := os.Getenv("MEREON_TEST_NEO4J")
	if at == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MEREON_TEST_NEO4J names no Neo4j")
		}
		t.Skip("MEREON_TEST_NEO4J names no Neo4j: run it by make test-neo4j")
	}
	u, err := url.Parse(at)
	if err != nil || u.User == nil {
		t.Fatalf("MEREON_TEST_NEO4J must be like neo4j://user:password@host:port")
	}
	password, _ := u.User.Password()
	t.Setenv("MEREON_DB_PASSWORD", password)
	user := u.User.Username()
	u.User = nil
	dir = filepath.Join(t.TempDir(), "plant")
	if out, err := exec.Command("mereon", "init", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file := filepath.Join(dir, "mereon.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Appendf(text, "store: {kind: neo4j, url: %q, user: %s, password: \"env:MEREON_DB_PASSWORD\", graph: P%d, mirror: {%s}}\n", u, user, time.Now().UnixNano(), mirror)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serveReplica serves a folder with data of its own.
func serveReplica(t *testing.T, dir, data string) (*exec.Cmd, *url.URL) {
	t.Helper()
	command, at := startServer(t, dir, "--data", data)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return command, u
}

// balancer is a round-robin proxy, one connection a request. A server that takes no connection is passed over; what breaks
// off is an error for its client.
type balancer struct {
	mu       sync.Mutex
	backends []*url.URL
	next     int
}

func (b *balancer) set(backends ...*url.URL) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = backends
}

// turn makes a server the next one.
func (b *balancer) turn(server int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = server
}

func (b *balancer) dial(ctx context.Context, network, _ string) (connection net.Conn, err error) {
	b.mu.Lock()
	backends, first := b.backends, b.next
	b.next++
	b.mu.Unlock()
	for n := range backends {
		if connection, err = new(net.Dialer).DialContext(ctx, network, backends[(first+n)%len(backends)].Host); err == nil {
			return connection, nil
		}
	}
	return nil, err
}

func startBalancer(t *testing.T, backends ...*url.URL) (*balancer, string) {
	t.Helper()
	b := &balancer{}
	b.set(backends...)
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "localhost", "localhost"
		},
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: b.dial}, FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
		ErrorLog: log.New(io.Discard, "", 0),
	})
	t.Cleanup(proxy.Close)
	return b, proxy.URL
}

// audience listens to two servers through a proxy: a feed and a viewer of a scene on each.
type audience struct {
	feeds   [2]*feed
	viewers [2]*frames
}

func gather(ctx context.Context, t *testing.T, b *balancer, base string, all *sync.WaitGroup) *audience {
	a := &audience{}
	for server := range 2 {
		f, v := &feed{t: t, counts: map[string]int{}}, &frames{t: t}
		a.feeds[server], a.viewers[server] = f, v
		b.turn(server)
		all.Go(func() { f.run(ctx, f.address(base), f.event) })
		soon(t, "the first changes", func() bool { return f.count("CREATED pump-1") > 0 })
		b.turn(server)
		all.Go(func() { v.run(ctx, func(string) string { return base + "/scenes/hall-1/events" }, v.event) })
		soon(t, "a frame", func() bool { return v.began() > 0 })
	}
	return a
}

// check sees that every feed told every acknowledged creation once, and that every viewer shows the newest name.
func (a *audience) check(t *testing.T, acknowledged []string, name string) {
	for server, f := range a.feeds {
		for _, id := range acknowledged {
			soon(t, "the feed tells of "+id, func() bool { return f.count("CREATED "+id) > 0 })
		}
		f.mu.Lock()
		for what, n := range f.counts {
			if n != 1 && strings.HasPrefix(what, "CREATED") {
				t.Errorf("feed %d told %d times: %s", server, n, what)
			}
		}
		f.mu.Unlock()
		soon(t, "the scene shows the newest name", func() bool { return a.viewers[server].shows(name) })
	}
}

// TestAReplicaIsKilledUnderLoad kills one of two servers on one Neo4j, behind a proxy: only what it was answering fails, no
// acknowledged entity is lost, feeds and scenes that it served go on with the other, without a gap or a repetition, and those
// that the other served are not disturbed. Then it comes back, and is restarted as a deployment does.
func TestAReplicaIsKilledUnderLoad(t *testing.T) {
	const writers, clients = 6, 8
	dir := onNeo4j(t, "wait: 1m")
	dataA, dataB := t.TempDir(), t.TempDir()
	killed, a := serveReplica(t, dir, dataA)
	_, b := serveReplica(t, dir, dataB)
	balancer, base := startBalancer(t, a, b)
	ctx, cancel := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	defer listening.Wait()
	defer cancel()
	listeners := gather(ctx, t, balancer, base, &listening)
	work := startLoad(t, base, writers)
	work.until(60)
	before := time.Now()
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	after := time.Now()
	work.until(60)
	if n := work.failed(before, after); n > 2*clients { // one in flight each, and one that a dying listener still took
		t.Errorf("%d requests of %d clients failed", n, clients)
	}
	soon(t, "those whom the dead server served connect again", func() bool {
		return listeners.feeds[0].connections() > 1 && listeners.viewers[0].began() > 1
	})
	if f, v := listeners.feeds[1].connections(), listeners.viewers[1].connections(); f != 1 || v != 1 {
		t.Errorf("those whom the other served connected %d and %d times", f, v)
	}
	returned, a := serveReplica(t, dir, dataA)
	balancer.set(a, b)
	work.until(30)
	before = time.Now()
	if err := returned.Process.Signal(os.Interrupt); err != nil { // the rolling restart of a deployment
		t.Fatal(err)
	}
	_ = returned.Wait()
	after = time.Now()
	work.until(30)
	work.end()
	if n := work.failed(before, after); n > 2*clients {
		t.Errorf("%d requests of %d clients failed in a restart", n, clients)
	}
	for _, id := range work.acknowledged {
		if got := answerOf(base, fmt.Sprintf(`{ pump(id: %q) { serialNumber } }`, id)); !strings.Contains(got, `"S-`+id+`"`) {
			t.Errorf("%s was acknowledged: %s", id, got)
		}
	}
	if got := answerOf(base, `mutation { updatePump(id: "pump-1", set: {name: "Last"}) { name } }`); !strings.Contains(got, "Last") {
		t.Fatal(got)
	}
	listeners.check(t, work.acknowledged, "Last")
	t.Logf("%d creations acknowledged; the feed of the server that was killed connected %d times, its scene %d times",
		len(work.acknowledged), listeners.feeds[0].connections(), listeners.viewers[0].connections())
}
