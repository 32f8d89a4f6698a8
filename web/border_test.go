package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"mereon/web"
)

// listening is a service on a port of its own, as mereon serve makes it.
func listening(t testing.TB, dir string) (address string) {
	t.Helper()
	service, err := web.Open(t.Context(), web.Options{Dir: dir, Listen: "127.0.0.1:0", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	url, _, err := service.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := service.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimPrefix(url, "http://")
}

// raw sends bytes and reads the answer to them.
func raw(t testing.TB, address, text string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	go func() { _, _ = io.WriteString(conn, text) }() // the answer may come before all was sent
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil && response.ContentLength >= 0 {
		t.Errorf("%.60q: %v", text, err)
	}
	return response, string(body)
}

func TestEveryRefusalIsJSONWithACodeAndDoesNotEchoItsInput(t *testing.T) {
	address := listening(t, smallFolder(t, ""))
	const marker = "xyzzy"
	host := "Host: " + address + "\r\n"
	long := strings.Repeat(marker, 2000)
	for name, c := range map[string]struct {
		request, code string
		status        int
	}{
		"no request line":        {marker + "\r\n\r\n", "INVALID", 400},
		"another version":        {"GET /graphql HTTP/3.7\r\n" + host + "\r\n", "INVALID", 505},
		"the preface of HTTP/2":  {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "FORBIDDEN", 421},
		"no host":                {"GET /graphql?" + marker + " HTTP/1.1\r\n\r\n", "INVALID", 400},
		"two hosts":              {"GET /graphql HTTP/1.1\r\n" + host + host + "\r\n", "INVALID", 400},
		"a host with a space":    {"GET /graphql HTTP/1.1\r\nHost: a " + marker + "\r\n\r\n", "INVALID", 400},
		"another host":           {"GET /graphql HTTP/1.1\r\nHost: " + marker + "\r\nConnection: close\r\n\r\n", "FORBIDDEN", 421},
		"a name with a space":    {"GET /graphql HTTP/1.1\r\n" + host + "na me: " + marker + "\r\n\r\n", "INVALID", 400},
		"large headers":          {"GET /graphql HTTP/1.1\r\n" + host + "X: " + strings.Repeat(marker, 30_000) + "\r\n\r\n", "LIMIT", 431},
		"a transfer encoding":    {"POST /graphql HTTP/1.1\r\n" + host + "Transfer-Encoding: " + marker + "\r\n\r\n", "INVALID", 501},
		"two lengths":            {"POST /graphql HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "INVALID", 400},
		"a length of letters":    {"POST /graphql HTTP/1.1\r\n" + host + "Content-Length: " + marker + "\r\n\r\n", "INVALID", 400},
		"an expectation":         {"POST /graphql HTTP/1.1\r\n" + host + "Expect: " + marker + "\r\nContent-Length: 2\r\n\r\n{}", "INVALID", 417},
		"a chunk of letters":     {"POST /graphql HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + marker + "\r\n", "INVALID", 400},
		"an escape of letters":   {"GET /graphql%zz" + marker + " HTTP/1.1\r\n" + host + "\r\n", "INVALID", 400},
		"options of everything":  {"OPTIONS * HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"a tunnel":               {"CONNECT example.com:443 HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "FORBIDDEN", 421},
		"a tunnel to itself":     {"CONNECT " + address + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"a tunnel to a path":     {"CONNECT /graphql HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"two slashes":            {"POST //graphql HTTP/1.1\r\n" + host + "Connection: close\r\nContent-Length: 0\r\n\r\n", "NOT_FOUND", 404},
		"a way up":               {"GET /graphql/../" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"a way up at the end":    {"GET /graphql/.. HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"a way up, escaped":      {"GET /graphql/%2e%2e/" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"a folder of the API":    {"GET /project HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"blobs without a name":   {"GET /blobs?" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"a whole address":        {"GET http://" + marker + "/graphql HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "FORBIDDEN", 421},
		"a whole address and //": {"GET http://" + address + "//graphql HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"a host with a path":     {"GET /graphql HTTP/1.1\r\nHost: " + address + "/" + marker + "\r\nConnection: close\r\n\r\n", "INVALID", 400},
		"a host with a user":     {"GET /graphql HTTP/1.1\r\nHost: " + marker + "@" + address + "\r\nConnection: close\r\n\r\n", "INVALID", 400},
		"no path at all":         {"GET ?" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 400},
		"another method":         {"XYZZY /graphql HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"a path under graphql":   {"GET /graphql/" + long + " HTTP/1.1\r\n" + host + "Accept: text/html\r\nConnection: close\r\n\r\n", "NOT_FOUND", 404},
		"an unknown path":        {"GET /" + long + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"an unknown project act": {"POST /project/" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"GET where POST is":      {"GET /project/apply HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"POST where GET is":      {"POST /metrics HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"DELETE of a page":       {"DELETE /" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "INVALID", 405},
		"no such blob":           {"GET /blobs/" + marker + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "NOT_FOUND", 404},
		"an empty body":          {"POST /graphql HTTP/1.1\r\n" + host + "Connection: close\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n", "INVALID", 400},
		"a type of body":         {"POST /graphql HTTP/1.1\r\n" + host + "Connection: close\r\nContent-Type: " + marker + "\r\nContent-Length: 2\r\n\r\n{}", "INVALID", 415},
		"a body that ends early": {"POST /graphql HTTP/1.1\r\n" + host + "Connection: close\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"" + marker + "\"}", "INVALID", 400},
	} {
		t.Run(name, func(t *testing.T) {
			response, body := raw(t, address, c.request)
			var answer struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code string }
				}
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) != 1 || answer.Errors[0].Message == "" {
				t.Fatalf("%s, no refusal as JSON: %.200s", response.Status, body)
			}
			if response.StatusCode != c.status || answer.Errors[0].Extensions.Code != c.code {
				t.Errorf("%s %s, want %d %s", response.Status, body, c.status, c.code)
			}
			if !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
				t.Errorf("Content-Type %q", response.Header.Get("Content-Type"))
			}
			if strings.Contains(strings.ToLower(body), marker) || len(body) > 64<<10 {
				t.Errorf("the refusal echoes its input, or is large: %.300s", body)
			}
		})
	}
}

func TestWhatIsNoRefusalPassesTheBorderAsItIs(t *testing.T) {
	address := listening(t, smallFolder(t, ""))
	response, body := raw(t, address, "GET /healthz HTTP/1.1\r\nHost: "+address+"\r\nConnection: close\r\n\r\n")
	if response.StatusCode != 200 || body != "ok\n" {
		t.Errorf("%s %q", response.Status, body)
	}
}
