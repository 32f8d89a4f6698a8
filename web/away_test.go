package web_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

// wire leads to a server and can be cut.
type wire struct {
	t        *testing.T
	to, at   string
	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	all      sync.WaitGroup
	encrypt  *tls.Config // nil: it carries what comes
}

// wireTo leads to a server, with TLS when it is given certificates.
func wireTo(t *testing.T, to string, certificates ...tls.Certificate) *wire {
	w := &wire{t: t, to: to, at: "127.0.0.1:0", open: map[net.Conn]bool{}}
	if len(certificates) > 0 {
		w.encrypt = &tls.Config{Certificates: certificates}
	}
	w.mend()
	t.Cleanup(func() { w.cut(); w.all.Wait() })
	return w
}

func (w *wire) mend() {
	w.t.Helper()
	listener, err := net.Listen("tcp", w.at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.at = listener.Addr().String()
	if w.encrypt != nil {
		listener = tls.NewListener(listener, w.encrypt)
	}
	w.listener = listener
	w.mu.Unlock()
	w.all.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			w.all.Go(func() { w.carry(in) })
		}
	})
}

func (w *wire) carry(in net.Conn) {
	out, err := net.Dial("tcp", w.to)
	if err != nil {
		in.Close()
		return
	}
	w.mu.Lock()
	w.open[in], w.open[out] = true, true
	w.mu.Unlock()
	w.all.Go(func() { io.Copy(out, in); out.Close() })
	io.Copy(in, out)
	in.Close()
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener.Close()
	for c := range w.open {
		c.Close()
	}
	w.open = map[net.Conn]bool{}
}

// neo4jAt returns the host and user of the Neo4j of the tests.
func neo4jAt(t *testing.T) (host string, config project.Store, getenv func(string) string) {
	t.Helper()
	once(t)
	name := graphOf(t.Name())
	onNeo4j(t, project.Mirror{}, func(string) string { return name }) // skips without one
	u, err := url.Parse(os.Getenv("MEREON_TEST_NEO4J"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return u.Host, project.Store{Kind: project.StoreNeo4j, User: u.User.Username(), Password: "env:MEREON_DB_PASSWORD", Graph: name},
		func(string) string { return password }
}

func TestAServiceStartsFromItsCopyWhileNeo4jIsAway(t *testing.T) {
	host, config, getenv := neo4jAt(t)
	wire := wireTo(t, host)
	config.URL, config.Mirror = "bolt://"+wire.at, project.Mirror{Wait: slow}
	dir, data := smallFolder(t, ""), t.TempDir()
	serve := func(later time.Duration) (*running, error) {
		service, err := web.Open(t.Context(), web.Options{Dir: dir, Data: data, Version: "test", Now: func() time.Time { return time.Now().Add(later) },
			Store: func(ctx context.Context, _ project.Store, o web.StoreOptions) (graph.Store, error) {
				o.Getenv = getenv
				return web.OpenStore(ctx, config, o)
			}})
		if err != nil {
			return nil, err
		}
		return &running{Service: service, Server: httptest.NewServer(service.Handler()), dir: dir}, nil
	}
	wire.cut()
	if _, err := serve(0); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("without a copy: %v, want it unavailable", err)
	}
	wire.mend()
	s, err := serve(0)
	if err != nil {
		t.Fatal(err)
	}
	create := func(id string) response {
		return s.query(t, fmt.Sprintf(`mutation { createPump(input: {id: %q, serialNumber: %q}) { id } }`, id, "S-"+id), nil)
	}
	there := func(id string) bool {
		return s.query(t, fmt.Sprintf(`{ pump(id: %q) { id } }`, id), nil).Data["pump"] != nil
	}
	if r := create("p1"); len(r.Errors) > 0 {
		t.Fatal(r.text)
	}
	eventually(t, "the service is ready", func() bool { return s.status(t, "/readyz") == http.StatusOK })
	eventually(t, "reads run on the copy", func() bool { return strings.Contains(s.text(t, "/metrics"), `mereon_mirror_state{state="mirrored"} 1`) })
	s.stop()

	wire.cut()
	if s, err = serve(time.Hour); err != nil {
		t.Fatalf("with a copy: %v", err)
	}
	defer func() { s.stop() }()
	if !there("p1") || there("p2") {
		t.Error("the copy does not answer")
	}
	if r := create("p2"); len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "UNAVAILABLE" {
		t.Errorf("a change while Neo4j is away: %s", r.text)
	}
	if status, text := s.status(t, "/readyz"), s.text(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "lags by 1h") {
		t.Errorf("/readyz: %d %s", status, text)
	}
	wire.mend()
	eventually(t, "the service is ready again", func() bool { return s.status(t, "/readyz") == http.StatusOK })
	if r := create("p3"); len(r.Errors) > 0 || !there("p3") || there("p2") {
		t.Errorf("a change after Neo4j is back: %s", r.text)
	}
}

// text is what a path answers.
func (r *running) text(t *testing.T, path string) string {
	t.Helper()
	answer, err := r.Client().Get(r.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (r *running) status(t *testing.T, path string) int {
	t.Helper()
	answer, err := r.Client().Get(r.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
