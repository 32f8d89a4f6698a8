package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// throttled serves a project with tokens and limits of a caller.
func throttled(t testing.TB, limits string) *running {
	t.Helper()
	t.Setenv("SCREEN", "view")
	t.Setenv("PLAN", "work")
	return serveFolder(t, smallFolder(t, tokens+"limits: {"+limits+"}\n"))
}

func (r *running) events(t testing.TB, token string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/graphql", strings.NewReader(`{"query":"subscription { pump(id: \"pump-1\") { name } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestWhoAsksTooOftenIsToldWhenToAskAgain(t *testing.T) {
	r := throttled(t, "rate: 1, burst: 3")
	ask := func(token string) *http.Response {
		request, _ := http.NewRequestWithContext(t.Context(), "GET", r.URL+"/graphql?query=%7B__typename%7D", nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := r.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	var refused *http.Response
	for range 100 {
		if refused = ask("view"); refused.StatusCode != http.StatusOK {
			break
		}
	}
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct {
				Code         string
				RetryAfterMs int
			}
		}
	}
	if err := json.NewDecoder(refused.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") != "1" || len(answer.Errors) != 1 ||
		answer.Errors[0].Extensions.Code != "LIMIT" || answer.Errors[0].Extensions.RetryAfterMs <= 0 || !strings.Contains(answer.Errors[0].Message, "limits.rate in mereon.yaml") {
		t.Errorf("%d, Retry-After %q, %+v", refused.StatusCode, refused.Header.Get("Retry-After"), answer)
	}
	if other := ask("work"); other.StatusCode != http.StatusOK {
		t.Errorf("another caller: %d", other.StatusCode)
	}
	for range 100 {
		if refused = ask("wrong"); refused.StatusCode != http.StatusUnauthorized {
			break
		}
	}
	if refused.StatusCode != http.StatusTooManyRequests {
		t.Errorf("tokens that are tried out: %d", refused.StatusCode)
	}
}

func TestASocketIsToldWhichOperationWasTooMuchAndGoesOn(t *testing.T) {
	r := throttled(t, "rate: 1, burst: 3, streams: 2")
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(r.URL, "http")+"/graphql", &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Authorization": {"Bearer view"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	exchange := func(text string) string {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		_, answer, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	exchange(`{"type":"connection_init"}`)
	live := `{"id":"%d","type":"subscribe","payload":{"query":"subscription { pump(id: \"pump-1\") { name } }"}}`
	if answer := exchange(fmt.Sprintf(live, 1)); !strings.Contains(answer, `"next"`) {
		t.Errorf("the first subscription: %s", answer)
	}
	if answer := exchange(fmt.Sprintf(live, 2)); !strings.Contains(answer, `"error"`) || !strings.Contains(answer, "limits.streams") {
		t.Errorf("a second one beside the socket: %s", answer)
	}
	answer := ""
	for i := 3; i < 100 && !strings.Contains(answer, "limits.rate"); i++ {
		answer = exchange(fmt.Sprintf(live, i))
	}
	if !strings.Contains(answer, `"code":"LIMIT"`) || !strings.Contains(answer, `"retryAfterMs":`) || !strings.Contains(answer, "limits.rate") {
		t.Errorf("too many operations: %s", answer)
	}
	if answer := exchange(`{"type":"ping"}`); answer != `{"type":"pong"}` {
		t.Errorf("the socket afterwards: %s", answer)
	}
}

func TestACallerHasABoundedNumberOfStreams(t *testing.T) {
	r := throttled(t, "streams: 2")
	first := r.events(t, "view")
	r.events(t, "view")
	if third := r.events(t, "view"); third.StatusCode != http.StatusTooManyRequests || third.Header.Get("Retry-After") == "" {
		t.Errorf("a third stream: %d", third.StatusCode)
	}
	if other := r.events(t, "work"); other.StatusCode != http.StatusOK {
		t.Errorf("a stream of another caller: %d", other.StatusCode)
	}
	if _, err := bufio.NewReader(first.Body).ReadString('\n'); err != nil {
		t.Error(err)
	}
	first.Body.Close()
	for end := time.Now().Add(30 * time.Second); r.events(t, "view").StatusCode != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the place of a stream that was closed is not free")
		}
	}
}
