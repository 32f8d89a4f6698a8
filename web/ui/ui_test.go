package ui

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mereon/web/api"
)

// siteOf is the site of files that refuses as the service does.
func siteOf(files fs.FS) *site { return newSite(files, api.Refuse) }

func built() http.Handler {
	return siteOf(fstest.MapFS{
		".gitkeep":               {},
		"index.html":             {Data: []byte("<p>page</p>")},
		"assets/main-1a2b.js":    {Data: []byte("plain script")},
		"assets/main-1a2b.js.gz": {Data: []byte("packed script")},
		"mereon-scene.js":        {Data: []byte("element")},
	})
}

func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b := make([]byte, 1<<12)
	n, _ := r.Body.Read(b)
	return string(b[:n])
}

func TestEveryAddressOfTheApplicationIsItsPage(t *testing.T) {
	for _, target := range []string{"/", "/index.html", "/scenes/hall-1", "/entities/a.b", "/query?operation=x"} {
		r := get(t, built(), target, "Accept", "text/html,*/*")
		if diff := cmp.Diff([]any{200, "<p>page</p>", revalidate}, []any{r.StatusCode, body(t, r), r.Header.Get("Cache-Control")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

func TestAMissingFileIsNotThePage(t *testing.T) {
	for _, target := range []string{"/assets/gone.js", "/favicon.ico", "/../../etc/passwd", "/.gitkeep", "/assets/main-1a2b.js.gz"} {
		if r := get(t, built(), target); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	if r := get(t, built(), "/assets/gone.js", "Accept", "text/html"); r.StatusCode != http.StatusNotFound {
		t.Errorf("a navigation to a missing asset: %d", r.StatusCode)
	}
}

func TestHashedFilesAreImmutableAndPacked(t *testing.T) {
	for accept, want := range map[string]string{
		"gzip, br": "packed script", "br;q=1.0, gzip;q=0.8": "packed script",
		"": "plain script", "gzip;q=0": "plain script", "gzip;q=0.0": "plain script", "br": "plain script",
	} {
		r := get(t, built(), "/assets/main-1a2b.js", "Accept-Encoding", accept)
		if got := body(t, r); got != want || r.Header.Get("Cache-Control") != immutable || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q %v", accept, got, r.Header)
		}
	}
	if r := get(t, built(), "/mereon-scene.js"); r.Header.Get("Cache-Control") != revalidate {
		t.Errorf("a file without a hash in its name: %v", r.Header)
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	first := get(t, built(), "/mereon-scene.js")
	again := get(t, built(), "/mereon-scene.js", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("status %d", again.StatusCode)
	}
}

func TestThePolicyNamesNoOtherHost(t *testing.T) {
	for _, target := range []string{"/", "/query", "/assets/main-1a2b.js"} {
		p := get(t, built(), target).Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "http") || strings.Contains(p, "'unsafe-eval'") {
			t.Errorf("%s: %s", target, p)
		}
		if strings.Contains(p, "unsafe-inline") != (target == "/query") {
			t.Errorf("%s: %s", target, p)
		}
	}
}

func TestWithoutABuildThePageSaysHowToMakeOne(t *testing.T) {
	r := get(t, siteOf(fstest.MapFS{".gitkeep": {}}), "/", "Accept", "text/html")
	if got := body(t, r); r.StatusCode != http.StatusNotFound || !strings.Contains(got, "make build") {
		t.Errorf("%d %q", r.StatusCode, got)
	}
}

func TestOnlyReading(t *testing.T) {
	w := httptest.NewRecorder()
	built().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x")))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
