package api

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listener reads an event stream line by line.
type listener struct {
	*bufio.Scanner
	t testing.TB
}

// listen asks for an event stream by POST.
func (p *plant) listen(t testing.TB, document string) listener {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.URL+"/graphql", bytes.NewReader(requestOf(document, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", mediaEvents)
	return p.stream(t, r)
}

func (p *plant) stream(t testing.TB, r *http.Request) listener {
	t.Helper()
	response, err := p.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		t.Fatalf("%d %s", response.StatusCode, got)
	}
	return listener{bufio.NewScanner(response.Body), t}
}

func (l listener) line() string {
	l.t.Helper()
	if !l.Scan() {
		l.t.Fatalf("the stream ended: %v", l.Err())
	}
	return l.Text()
}

// expect reads lines, keep-alives between events left out unless a comment is what is expected.
func (l listener) expect(lines ...string) {
	l.t.Helper()
	var got []string
	for len(got) < len(lines) {
		line := l.line()
		if line == ":" && lines[len(got)] != ":" {
			l.line()
			continue
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		l.t.Error(diff)
	}
}

func TestAQueryAsEventsIsOneNextAndAComplete(t *testing.T) {
	p := newPlant(t, roomy)
	l := p.listen(t, "{ valves { totalCount } }")
	l.expect(":", "", "event: next", `data: {"data":{"valves":{"totalCount":0}}}`, "", "event: complete", "data: ", "")
	if l.Scan() {
		t.Errorf("more follows: %q", l.Text())
	}
}

func TestASubscriptionByGetAnswersEachChange(t *testing.T) {
	p := newPlant(t, roomy)
	r, err := http.NewRequestWithContext(t.Context(), "GET", p.URL+"/graphql?query="+url.QueryEscape(`subscription { entityChanges { kind id } }`), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", mediaEvents)
	l := p.stream(t, r)
	l.expect(":", "")
	stop := make(chan struct{})
	writing := make(chan struct{})
	go func() { // the subscription begins at the revision it finds, which may be any of these
		defer close(writing)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				p.query(t, fmt.Sprintf(`mutation { updatePump(id: "p001", set: {name: "pump %d"}) { id } }`, n))
			}
		}
	}()
	defer func() { close(stop); <-writing }()
	l.expect("event: next", `data: {"data":{"entityChanges":{"kind":"UPDATED","id":"p001"}}}`, "")
}

func TestARefusalIsAnEventToo(t *testing.T) {
	p := newPlant(t, roomy)
	l := p.listen(t, "{ nope }")
	l.expect(":", "", "event: next")
	if line := l.line(); !strings.Contains(line, `"INVALID"`) || strings.Contains(line, `"data":`) {
		t.Errorf("%s", line)
	}
	l.expect("", "event: complete", "data: ", "")
}

func TestLeavingAStreamEndsItsSubscription(t *testing.T) {
	p := newPlant(t, roomy)
	l := p.listen(t, "subscription { entityChanges { id } }")
	l.expect(":", "")
	p.CloseClientConnections()
	waitFor(t, func() bool { return p.handler.Streams() == 0 })
}
