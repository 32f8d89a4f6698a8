package web_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mereon/schema/fault"
	"mereon/web"
)

// smallFolder is a project with one type and no sources; more is added to its configuration.
func smallFolder(t testing.TB, more string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mereon.yaml":         "project: small\n" + more,
		"model/pump.graphql":  "type Pump @asset { serialNumber: String! @unique }\n",
		"entities/pumps.yaml": "- {assetType: Pump, id: pump-1, name: First, serialNumber: S-1}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const tokens = "access: {tokens: [{name: screen, secret: 'env:SCREEN', role: viewer}, {name: plan, secret: 'env:PLAN', role: operator}]}\n"

// guarded serves a project with the tokens view and work.
func guarded(t testing.TB) *running {
	t.Helper()
	t.Setenv("SCREEN", "view")
	t.Setenv("PLAN", "work")
	return serveFolder(t, smallFolder(t, tokens))
}

// send sends one request; headers are name and value in turn, Host among them.
func (r *running) send(t testing.TB, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var refusal struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&refusal); err != nil && response.StatusCode >= 400 {
		t.Errorf("%s %s: %d is no JSON: %v", method, path, response.StatusCode, err)
	}
	if len(refusal.Errors) == 0 {
		return response.StatusCode, ""
	}
	return response.StatusCode, refusal.Errors[0].Extensions.Code
}

// transports are the ways to ask, as method, path, body and headers.
var transports = map[string][]string{
	"POST":   {"POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json"},
	"GET":    {"GET", "/graphql?query=%7B__typename%7D", ""},
	"events": {"GET", "/graphql?query=%7B__typename%7D", "", "Accept", "text/event-stream"},
	"socket": {"GET", "/graphql", "", "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="},
	"frames": {"GET", "/scenes/a/stream", "", "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="},
	"apply":  {"POST", "/project/apply", "", "Content-Type", "application/zip"},
}

func TestHostAndOriginAreCheckedOnEveryTransport(t *testing.T) {
	s := serveFolder(t, smallFolder(t, "access: {hosts: [twin.example]}\n"))
	for name, way := range transports {
		for _, c := range []struct {
			headers []string
			status  int
		}{
			{[]string{"Host", "evil.example"}, http.StatusMisdirectedRequest},
			{[]string{"Host", "127.0.0.1.evil.example:80"}, http.StatusMisdirectedRequest},
			{[]string{"Host", "10.1.2.3"}, http.StatusMisdirectedRequest},
			{[]string{"Origin", "http://evil.example"}, http.StatusForbidden},
			{[]string{"Origin", "null"}, http.StatusForbidden},
			{[]string{"Origin", "http://localhost:1"}, http.StatusForbidden},
			{[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, http.StatusForbidden},
			{[]string{"Host", "twin.example", "Origin", "http://evil.example"}, http.StatusForbidden},
		} {
			status, code := s.send(t, way[0], way[1], way[2], append(way[3:len(way):len(way)], c.headers...)...)
			if status != c.status || code != "FORBIDDEN" {
				t.Errorf("%s with %v: %d %s, want %d FORBIDDEN", name, c.headers, status, code, c.status)
			}
		}
	}
	for _, headers := range [][]string{
		{"Host", "localhost:99"}, {"Host", "[::1]:99"}, {"Host", "127.0.0.2"}, {"Host", "TWIN.example:8080"},
		{"Host", "twin.example", "Origin", "https://twin.example"}, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
	} {
		if status, code := s.send(t, "GET", "/graphql?query=%7B__typename%7D", "", headers...); status != http.StatusOK {
			t.Errorf("%v: %d %s, want 200", headers, status, code)
		}
	}
}

func TestWithTokensOnlyTheirBearersComeIn(t *testing.T) {
	s := guarded(t)
	for name, way := range transports {
		for _, headers := range [][]string{nil, {"Authorization", "Bearer wrong"}, {"Authorization", "Bearer "}, {"Authorization", "view"}, {"Cookie", "mereon_token=wrong"}} {
			if name == "socket" {
				continue // may bring its token in connection_init
			}
			if status, code := s.send(t, way[0], way[1], way[2], append(way[3:len(way):len(way)], headers...)...); status != http.StatusUnauthorized || code != "UNAUTHENTICATED" {
				t.Errorf("%s with %v: %d %s", name, headers, status, code)
			}
		}
	}
	for _, path := range []string{"/metrics", "/project/export", "/project/backup", "/blobs/x.glb"} {
		if status, _ := s.send(t, "GET", path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without token: %d", path, status)
		}
	}
	query := transports["POST"]
	for _, headers := range [][]string{{"Authorization", "Bearer view"}, {"Authorization", "Bearer work"}, {"Cookie", "mereon_token=view"}} {
		if status, code := s.send(t, query[0], query[1], query[2], append(query[3:5:5], headers...)...); status != http.StatusOK || code != "" {
			t.Errorf("%v: %d %s", headers, status, code)
		}
	}
}

func TestAViewerChangesNothing(t *testing.T) {
	s := guarded(t)
	mutation := `{"query":"mutation { updatePump(id: \"pump-1\", set: {name: \"x\"}) { id } }"}`
	for token, want := range map[string]string{"view": "FORBIDDEN", "work": ""} {
		if _, code := s.send(t, "POST", "/graphql", mutation, "Content-Type", "application/json", "Authorization", "Bearer "+token); code != want {
			t.Errorf("%s mutates: %q, want %q", token, code, want)
		}
	}
	for _, path := range []string{"/project/plan", "/project/apply"} {
		if status, code := s.send(t, "POST", path, "", "Content-Type", "application/zip", "Authorization", "Bearer view"); status != http.StatusForbidden || code != "FORBIDDEN" {
			t.Errorf("a viewer's %s: %d %s", path, status, code)
		}
	}
}

func TestASocketBringsItsTokenInConnectionInit(t *testing.T) {
	s := guarded(t)
	for payload, want := range map[string]websocket.StatusCode{
		`{"authorization":"Bearer view"}`:  -1,
		`{"authorization":"Bearer wrong"}`: 4403,
		`{}`:                               4403,
	} {
		conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init","payload":`+payload+`}`)); err != nil {
			t.Fatal(err)
		}
		_, text, err := conn.Read(ctx)
		if got := websocket.CloseStatus(err); got != want || want == -1 && string(text) != `{"type":"connection_ack"}` {
			t.Errorf("%s: %s, closed with %d, want %d", payload, text, got, want)
		}
		_ = conn.CloseNow()
		cancel()
	}
}

func TestNothingBeyondLoopbackListensWithoutTokens(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "somewhere.example:0"} {
		service, err := web.Open(t.Context(), web.Options{Dir: smallFolder(t, ""), Version: "test", Listen: address})
		if err == nil {
			_, _, err = service.Listen(t.Context())
			if closing := service.Close(); closing != nil {
				t.Error(closing)
			}
		}
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "tokens") {
			t.Errorf("%s: %v, want a refusal that asks for tokens", address, err)
		}
	}
}

func TestAServiceIsReachedByTheAddressItListensOn(t *testing.T) {
	t.Setenv("SCREEN", "view")
	t.Setenv("PLAN", "work")
	service, err := web.Open(t.Context(), web.Options{Dir: smallFolder(t, tokens), Version: "test", Listen: "0.0.0.0:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := service.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	url, _, err := service.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://127.0.0.1:" + port + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %d", response.StatusCode)
	}
}
