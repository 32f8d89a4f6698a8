package main

import (
	"bufio"
	"context"
	"encoding/json"
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
	"sync/atomic"
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

// listener follows a stream of server-sent events and connects again whenever it ends, until ctx does.
type listener struct {
	mu       sync.Mutex
	connects int
	last     string // id of the last event, as a browser sends it
}

func (l *listener) run(ctx context.Context, address func(last string) string, event func(id, data string)) {
	for ctx.Err() == nil {
		l.mu.Lock()
		last := l.last
		l.connects++
		l.mu.Unlock()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address(last), nil)
		if err != nil {
			return
		}
		r.Header.Set("Accept", "text/event-stream")
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		if response, err := http.DefaultClient.Do(r); err == nil {
			l.read(response, event)
			response.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (l *listener) read(response *http.Response, event func(id, data string)) {
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 16<<20)
	id, data := "", ""
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "id: "):
			id = line[4:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && data != "":
			event(id, data)
			if id != "" {
				l.seen(id)
			}
			id, data = "", ""
		}
	}
}

func (l *listener) seen(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = id
}

// connections returns how often the listener connected.
func (l *listener) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.connects
}

// feed is what a subscriber to entityChanges has seen.
type feed struct {
	listener
	t      *testing.T
	counts map[string]int
}

func (f *feed) address(base string) func(string) string {
	return func(last string) string {
		after := "from: 0"
		if last != "" {
			after = fmt.Sprintf("after: %q", last)
		}
		return base + "/graphql?query=" + url.QueryEscape(`subscription { entityChanges(type: "Pump", `+after+`) { cursor kind id } }`)
	}
}

func (f *feed) event(_, data string) {
	var answer struct {
		Data struct {
			EntityChanges struct{ Cursor, Kind, ID string }
		}
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(data), &answer); err != nil || len(answer.Errors) > 0 {
		f.t.Errorf("the feed: %s", data)
		return
	}
	c := answer.Data.EntityChanges
	f.seen(c.Cursor)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[c.Kind+" "+c.ID]++
}

func (f *feed) count(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[what]
}

// frames is what a viewer of a scene has seen.
type frames struct {
	listener
	t   *testing.T
	seq map[string]float64 // the newest of every epoch
}

func (f *frames) event(_, data string) {
	var frame struct {
		Epoch string
		Seq   float64
	}
	if err := json.Unmarshal([]byte(data), &frame); err != nil || frame.Epoch == "" {
		return // the end of a stream
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if last, known := f.seq[frame.Epoch]; known && frame.Seq <= last {
		f.t.Errorf("frame %v of %s came after frame %v", frame.Seq, frame.Epoch, last)
	}
	f.seq[frame.Epoch] = frame.Seq
}

func (f *frames) epochs() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.seq)
}

// writersAtWork are writers that create pumps, each one after the other, and never the same twice.
type writersAtWork struct {
	acknowledged sync.Map
	acks, failed atomic.Int64
	stop         context.CancelFunc
	all          sync.WaitGroup
}

func startLoad(t *testing.T, base string, writers int) *writersAtWork {
	ctx, cancel := context.WithCancel(context.Background())
	l := &writersAtWork{stop: cancel}
	for w := range writers {
		l.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("p-%d-%d", w, n)
				answer := answerOf(base, fmt.Sprintf(`mutation { createPump(input: {id: %q, name: "New", serialNumber: %q}) { id } }`, id, "S-"+id))
				if answer == fmt.Sprintf(`{"data":{"createPump":{"id":%q}}}`, id) {
					l.acknowledged.Store(id, true)
					l.acks.Add(1)
				} else {
					t.Logf("%s failed: %s", id, answer)
					l.failed.Add(1)
				}
			}
		})
	}
	t.Cleanup(cancel)
	return l
}

func (l *writersAtWork) until(t *testing.T, acks int64) {
	t.Helper()
	soon(t, fmt.Sprintf("%d acknowledged creations", acks), func() bool { return l.acks.Load() >= acks })
}

func (l *writersAtWork) end() {
	l.stop()
	l.all.Wait()
}

// soon waits for what comes by itself.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}

// TestAReplicaIsKilledUnderLoad kills one of two servers on one Neo4j, behind a proxy: only what it was answering fails, no
// acknowledged entity is lost, and a feed and a scene go on with the other, without a gap or a repetition. Then it comes back.
func TestAReplicaIsKilledUnderLoad(t *testing.T) {
	const writers = 6
	dir := onNeo4j(t, "wait: 1m")
	dataA, dataB := t.TempDir(), t.TempDir()
	killed, a := serveReplica(t, dir, dataA)
	_, b := serveReplica(t, dir, dataB)
	balancer, base := startBalancer(t, a, b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	changes, viewer := &feed{t: t, counts: map[string]int{}}, &frames{t: t, seq: map[string]float64{}}
	var listening sync.WaitGroup
	defer listening.Wait()
	defer cancel()
	for range 2 { // so that one of each pair is on the server that is killed
		listening.Go(func() {
			(&feed{t: t, counts: map[string]int{}}).run(ctx, changes.address(base), func(_, _ string) {})
		})
	}
	listening.Go(func() { changes.run(ctx, changes.address(base), changes.event) })
	listening.Go(func() {
		viewer.run(ctx, func(string) string { return base + "/scenes/hall-1/events" }, viewer.event)
	})
	soon(t, "a frame", func() bool { return viewer.epochs() > 0 })
	work := startLoad(t, base, writers)
	work.until(t, 60)
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	work.until(t, work.acks.Load()+60)
	if n := work.failed.Load(); n > writers {
		t.Errorf("%d requests failed, and %d writers had one in flight each", n, writers)
	}
	failed := work.failed.Load()
	returned, a := serveReplica(t, dir, dataA)
	balancer.set(a, b)
	work.until(t, work.acks.Load()+30)
	if err := returned.Process.Signal(os.Interrupt); err != nil { // the rolling restart of a deployment
		t.Fatal(err)
	}
	work.until(t, work.acks.Load()+30)
	work.end()
	t.Logf("%d creations acknowledged, %d failed; the feed connected %d times, the scene %d times", work.acks.Load(), work.failed.Load(), changes.connections(), viewer.connections())
	if n := work.failed.Load() - failed; n > writers {
		t.Errorf("%d requests failed in a restart, and %d writers had one in flight each", n, writers)
	}
	_ = returned.Wait()
	work.acknowledged.Range(func(id, _ any) bool {
		if got := answerOf(base, fmt.Sprintf(`{ pump(id: %q) { serialNumber } }`, id)); !strings.Contains(got, `"S-`+id.(string)+`"`) {
			t.Errorf("%s was acknowledged: %s", id, got)
		}
		soon(t, "the feed tells of "+id.(string), func() bool { return changes.count("CREATED "+id.(string)) > 0 })
		return true
	})
	changes.mu.Lock()
	defer changes.mu.Unlock()
	for what, n := range changes.counts {
		if n != 1 && strings.HasPrefix(what, "CREATED") {
			t.Errorf("the feed told %d times: %s", n, what)
		}
	}
}
