package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mereon/web"
)

// logging serves a project whose tokens are view and work, and returns what it logs. The second secret is in a file.
func logging(t *testing.T) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	dir := smallFolder(t, "access: {tokens: [{name: screen, secret: 'env:SCREEN', role: viewer}, {name: plan, secret: 'file:plan.txt', role: operator}]}\n")
	if err := os.WriteFile(filepath.Join(dir, "plan.txt"), []byte("work\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	logged := &bytes.Buffer{}
	service, err := web.Open(t.Context(), web.Options{Dir: dir, Log: slog.New(slog.NewJSONHandler(logged, nil)),
		Getenv: func(name string) string { return map[string]string{"SCREEN": "view"}[name] }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, logged
}

// browse sends a request as a browser does that opens a page or submits a form, and follows nothing.
func browse(t *testing.T, method, address, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,*/*;q=0.8")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestABrowserLogsInWithAForm(t *testing.T) {
	s, logged := logging(t)
	response, page := browse(t, "GET", s.URL+"/query?x=1", "")
	if response.StatusCode != http.StatusUnauthorized || !strings.Contains(page, `value="/query?x=1"`) {
		t.Fatalf("a page without a token: %d %s", response.StatusCode, page)
	}
	if policy := response.Header.Get("Referrer-Policy"); policy != "same-origin" {
		t.Errorf("Referrer-Policy of the form is %q; a browser then sends it with an Origin that is refused", policy)
	}
	form := func(token, next string) (*http.Response, string) {
		return browse(t, "POST", s.URL+"/login", url.Values{"token": {token}, "next": {next}}.Encode())
	}
	if response, page := form("nonsense", "/query"); response.StatusCode != http.StatusUnauthorized || !strings.Contains(page, "not known") {
		t.Errorf("a wrong token: %d %s", response.StatusCode, page)
	}
	for _, secret := range []string{"view", "work"} {
		response, _ = form(secret, "/query?x=1")
		if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/query?x=1" {
			t.Errorf("%s: %d to %s", secret, response.StatusCode, response.Header.Get("Location"))
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/graphql?query=%7B__typename%7D", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(response.Cookies()[0])
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("with the cookie of %s: %d", secret, answer.StatusCode)
		}
	}
	for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, ""} {
		if response, _ := form("view", next); response.Header.Get("Location") != "/" {
			t.Errorf("next %q leads to %s", next, response.Header.Get("Location"))
		}
	}
	if text := logged.String(); strings.Contains(text, `view`) || strings.Contains(text, `work`) {
		t.Errorf("a secret is in the log: %s", text)
	}
}

// Every address that serves something of the project refuses strangers; pages, scripts and health hold nothing of it.
func TestEveryAddressIsBehindTheGuard(t *testing.T) {
	s, _ := logging(t)
	public := map[string]bool{"/": true, "/query": true, "/assets/x": true, "/mereon-scene.js": true, "/healthz": true, "/readyz": true}
	for _, path := range []string{"/", "/query", "/assets/x", "/mereon-scene.js", "/graphql", "/scenes/a/stream", "/scenes/a/events",
		"/blobs/x.glb", "/project/backup", "/project/export", "/metrics", "/healthz", "/readyz"} {
		for _, c := range []struct {
			host, origin string
			want         int
		}{
			{"evil.example", "", http.StatusMisdirectedRequest},
			{"", "http://evil.example", http.StatusForbidden},
			{"", "", http.StatusUnauthorized},
		} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.host != "" {
				r.Host = c.host
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			response, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := response.StatusCode; (got == c.want) == (public[path] && c.want == http.StatusUnauthorized) {
				t.Errorf("%s from host %q, origin %q: %d", path, c.host, c.origin, got)
			}
		}
	}
}
