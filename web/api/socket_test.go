package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"mereon/schema/access"
)

// dialled is a socket of a client that knows no protocol: it sends and reads what the test says.
type dialled struct {
	*websocket.Conn
	t testing.TB
}

func (p *plant) dial(t testing.TB, protocols ...string) dialled {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(p.URL, "http")+"/graphql", &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return dialled{conn, t}
}

// open is a socket whose connection_init was accepted.
func (p *plant) openSocket(t testing.TB) dialled {
	t.Helper()
	d := p.dial(t, socketProtocol)
	d.send(`{"type":"connection_init"}`)
	d.expect(`{"type":"connection_ack"}`)
	return d
}

func (d dialled) send(text string) {
	d.t.Helper()
	if err := d.Write(d.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		d.t.Fatal(err)
	}
}

func (d dialled) read() string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	_, text, err := d.Read(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func (d dialled) expect(want string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.read()); diff != "" {
		d.t.Error(diff)
	}
}

// expectError reads the error message of an operation with that code.
func (d dialled) expectError(id, code string) {
	d.t.Helper()
	text := d.read()
	var m struct {
		ID, Type string
		Payload  []struct{ Extensions map[string]string }
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil || m.ID != id || m.Type != "error" || len(m.Payload) == 0 || m.Payload[0].Extensions["code"] != code {
		d.t.Errorf("%s, want the error %s of %s", text, code, id)
	}
}

// closes reads until the server closes and checks why.
func (d dialled) closes(want websocket.StatusCode) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := d.Read(ctx); err != nil {
			if got := websocket.CloseStatus(err); got != want {
				d.t.Errorf("closed with %d (%v), want %d", got, err, want)
			}
			return
		}
	}
}

func subscribe(id, document string) string {
	return fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":%s}`, id, requestOf(document, nil))
}

func TestSocketsAreClosedAsTheProtocolSays(t *testing.T) {
	p := newPlant(t, roomy)
	p.handler.initTime = 100 * time.Millisecond
	opened := []string{`{"type":"connection_init"}`}
	for _, c := range []struct {
		name string
		send []string
		want websocket.StatusCode
	}{
		{"no JSON", []string{"hello"}, 4400},
		{"JSON with something behind", []string{`{"type":"ping"} x`}, 4400},
		{"an unknown type", []string{`{"type":"start"}`}, 4400},
		{"no type", []string{`{}`}, 4400},
		{"a payload of init that is no object", []string{`{"type":"connection_init","payload":7}`}, 4400},
		{"subscribe without id", append(opened, `{"type":"subscribe","payload":{"query":"{ __typename }"}}`), 4400},
		{"subscribe without payload", append(opened, `{"type":"subscribe","id":"1"}`), 4400},
		{"subscribe without query", append(opened, `{"type":"subscribe","id":"1","payload":{}}`), 4400},
		{"subscribe before init", []string{subscribe("1", "{ __typename }")}, 4401},
		{"nothing", nil, 4408},
		{"pings but no init", []string{`{"type":"ping"}`}, 4408},
		{"one id twice", append(opened, subscribe("1", "subscription { entityChanges { id } }"), subscribe("1", "{ __typename }")), 4409},
		{"two inits", append(opened, opened...), 4429},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := p.dial(t, socketProtocol)
			for _, text := range c.send {
				d.send(text)
			}
			d.closes(c.want)
		})
	}
	for name, protocols := range map[string][]string{"no sub-protocol": nil, "the legacy one": {"graphql-ws"}, "others": {"a", "b"}} {
		t.Run(name, func(t *testing.T) { p.dial(t, protocols...).closes(4406) })
	}
	t.Run("a binary message", func(t *testing.T) {
		d := p.dial(t, socketProtocol)
		if err := d.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		d.closes(4400)
	})
}

func TestASocketAnswersPingsBeforeAndAfterInit(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.dial(t, socketProtocol, "other")
	d.send(`{"type":"ping","payload":{"a":1}}`)
	d.expect(`{"type":"pong","payload":{"a":1}}`)
	d.send(`{"type":"pong"}`)
	d.send(`{"type":"connection_init","payload":null}`)
	d.expect(`{"type":"connection_ack"}`)
	d.send(`{"type":"ping"}`)
	d.expect(`{"type":"pong"}`)
}

func TestASocketAnswersQueriesMutationsAndSubscriptions(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	d.send(subscribe("q", `{ server { role } valves { totalCount } }`))
	d.expect(`{"id":"q","type":"next","payload":{"data":{"server":{"role":"operator"},"valves":{"totalCount":0}}}}`)
	d.expect(`{"id":"q","type":"complete"}`)
	d.send(subscribe("s", `subscription { pump(id: "p001") { name } }`))
	d.expect(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":"Pump 1"}}}}`)
	p.query(t, `mutation { updatePump(id: "p001", set: {name: "Other"}) { id } }`)
	d.expect(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":"Other"}}}}`)
	d.send(`{"id":"s","type":"complete"}`)
	d.send(subscribe("s", `{ __typename }`)) // the id is free at once
	d.expect(`{"id":"s","type":"next","payload":{"data":{"__typename":"Query"}}}`)
	d.expect(`{"id":"s","type":"complete"}`)
	d.send(`{"id":"unknown","type":"complete"}`)
	d.send(subscribe("m", `mutation { updatePump(id: "p001", set: {name: "Last"}) { name } }`))
	d.expect(`{"id":"m","type":"next","payload":{"data":{"updatePump":{"name":"Last"}}}}`)
	d.expect(`{"id":"m","type":"complete"}`)
}

func TestAnInvalidOperationEndsItselfAndNotTheSocket(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	for id, document := range map[string]string{"a": "{", "b": "{ nope }", "c": "subscription { server { role } }", "d": "subscription { a: pumps { totalCount } b: valves { totalCount } }"} {
		d.send(subscribe(id, document))
		d.expectError(id, "INVALID")
	}
	d.send(subscribe("l", "{"+strings.Repeat(" __typename", 2001)+"}"))
	d.expectError("l", "LIMIT")
	d.send(subscribe("a", "{ __typename }"))
	d.expect(`{"id":"a","type":"next","payload":{"data":{"__typename":"Query"}}}`)
}

func TestASocketRunsABoundedNumberOfOperations(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	for i := range maxSubscriptions {
		d.send(subscribe(fmt.Sprint(i), "subscription { entityChanges { id } }"))
	}
	d.send(subscribe("more", "{ __typename }"))
	d.expectError("more", "LIMIT")
	d.send(`{"id":"7","type":"complete"}`)
	d.send(subscribe("more", "{ __typename }"))
	d.expect(`{"id":"more","type":"next","payload":{"data":{"__typename":"Query"}}}`)
}

func TestASocketIsOpenedByTheTokenOfConnectionInit(t *testing.T) {
	p := newPlant(t, roomy)
	p.who = access.Principal{}
	p.handler.authorize = func(ctx context.Context, token string) (context.Context, bool) {
		return access.NewContext(ctx, access.Principal{Name: "screen", Role: access.Viewer}), token == "secret"
	}
	for _, payload := range []string{`{"authorization":"Bearer wrong"}`, `{}`, `null`} {
		d := p.dial(t, socketProtocol)
		d.send(`{"type":"connection_init","payload":` + payload + `}`)
		d.closes(4403)
	}
	d := p.dial(t, socketProtocol)
	d.send(`{"type":"connection_init","payload":{"authorization":"Bearer secret"}}`)
	d.expect(`{"type":"connection_ack"}`)
	d.send(subscribe("1", "{ server { role } }"))
	d.expect(`{"id":"1","type":"next","payload":{"data":{"server":{"role":"viewer"}}}}`)
}

func TestWhatIsNoHandshakeIsRefusedAsJSON(t *testing.T) {
	p := newPlant(t, roomy)
	for name, headers := range map[string][]string{
		"no connection header": {"Upgrade", "websocket"},
		"an old version":       {"Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "8", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="},
		"no key":               {"Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13"},
	} {
		if r := p.ask(t, "GET", "/graphql", nil, headers...); r.status != 400 || r.code() != "INVALID" {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
}

// stalled opens a connection whose client sends the request and reads no byte of the answer.
func (p *plant) stalled(t *testing.T, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// frame is a text message as clients send it, masked with nothing.
func frame(text string) string {
	return string([]byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}) + text
}

func TestViewersThatStopReadingAreReleasedAndOthersNoticeNothing(t *testing.T) {
	p := newPlant(t, roomy)
	p.handler.writeTime = 300 * time.Millisecond
	live := `subscription { pumps(first: 120) { nodes { id name serialNumber installed ratedFlow assetType revision feeds { totalCount nodes { id name } } } } }`
	const viewers = 10
	for range viewers {
		p.stalled(t, "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"+
			frame(`{"type":"connection_init"}`)+frame(subscribe("1", live)))
		body := requestOf(live, nil)
		p.stalled(t, fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	healthy := p.openSocket(t)
	healthy.send(subscribe("h", `subscription { pump(id: "p001") { name } }`))
	healthy.read()
	waitFor(t, func() bool { return p.handler.Streams() == 2*viewers+1 })
	for i := 0; p.handler.Streams() > 1; i++ {
		if i > 3000 {
			t.Fatalf("%d streams are still open", p.handler.Streams())
		}
		name := fmt.Sprint("Pump ", i, strings.Repeat(".", 3000))
		p.query(t, fmt.Sprintf(`mutation { updatePump(id: "p001", set: {name: %q}) { id } }`, name))
		healthy.expect(fmt.Sprintf(`{"id":"h","type":"next","payload":{"data":{"pump":{"name":%q}}}}`, name))
	}
}

func waitFor(t testing.TB, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen within 10 s")
		}
	}
}

func TestCloseEndsSocketsAndStreams(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	d.send(subscribe("1", "subscription { entityChanges { id } }"))
	events := p.listen(t, "subscription { entityChanges { id } }")
	if line := events.line(); line != ":" {
		t.Errorf("first line %q", line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	closed := make(chan error)
	go func() { closed <- p.handler.Close(ctx) }()
	d.closes(websocket.StatusServiceRestart)
	if err := <-closed; err != nil || p.handler.Streams() != 0 {
		t.Errorf("Close: %v, %d streams open", err, p.handler.Streams())
	}
	if r := p.ask(t, "GET", "/graphql?query=%7B__typename%7D", nil, "Accept", mediaEvents); r.status != http.StatusServiceUnavailable || r.code() != "UNAVAILABLE" {
		t.Errorf("after Close: %d %s", r.status, r.text)
	}
}
