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
	l.expect(":", "", "id: 2.0", "")
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
	l.expect("id: 2.1", "event: next", `data: {"data":{"entityChanges":{"kind":"UPDATED","id":"p001"}}}`, "")
}

// feed asks for a feed of changes as a browser does that has the event with an id; "" is the first time.
func (p *plant) feed(t testing.TB, subscription, last string) listener {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", p.URL+"/graphql?query="+url.QueryEscape(subscription), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", mediaEvents)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	return p.stream(t, r)
}

func TestAFeedGoesOnBehindTheLastEventOfWhoComesAgain(t *testing.T) {
	p := newPlant(t, roomy)
	const feed = `subscription { entityChanges(from: 1, type: "Pump") { id } }`
	rename := func(id, name string) {
		p.query(t, fmt.Sprintf(`mutation { updatePump(id: %q, set: {name: %q}) { id } }`, id, name))
	}
	event := func(id, of string) []string {
		return []string{"id: " + id, "event: next", `data: {"data":{"entityChanges":{"id":"` + of + `"}}}`, ""}
	}
	rename("p001", "a")
	p.query(t, `mutation { updatePumps(inputs: [{id: "p002", set: {name: "b"}}, {id: "p003", set: {name: "b"}}]) { id } }`)
	l := p.feed(t, feed, "")
	l.expect(append([]string{":", "", "id: 2.0", ""}, append(event("2.1", "p001"), event("3.1", "p002")...)...)...)
	rename("p004", "c")
	l = p.feed(t, feed, "3.1") // in the middle of a revision
	l.expect(append([]string{":", "", "id: 3.1", ""}, append(event("3.2", "p003"), event("4.1", "p004")...)...)...)
	rename("p005", "d")
	l = p.feed(t, `subscription { entityChanges { id } }`, "4.1") // begins there, not now
	l.expect(append([]string{":", "", "id: 4.1", ""}, event("5.1", "p005")...)...)
	l = p.feed(t, `subscription { entityChanges { id } }`, "") // nothing has come when the connection is lost
	l.expect(":", "", "id: 6.0", "")
	rename("p006", "e")
	l = p.feed(t, `subscription { entityChanges { id } }`, "6.0")
	l.expect(append([]string{":", "", "id: 6.0", ""}, event("6.1", "p006")...)...)
	l = p.feed(t, feed, "from elsewhere")
	l.expect(":", "", "event: next")
	if line := l.line(); !strings.Contains(line, `"INVALID"`) {
		t.Error(line)
	}
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
