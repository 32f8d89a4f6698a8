package live

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

	"github.com/coder/websocket"

	"mereon/scenes"
)

type frame struct {
	Epoch  string
	Seq    uint64
	Prev   *uint64
	Slots  []any
	Scalar struct {
		Slots []int
		V     []float64
	}
}

func decode(t testing.TB, data []byte) frame {
	t.Helper()
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return f
}

func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t testing.TB, base, query string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(limited(t), base+"/scenes/hall/stream"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

func read(t testing.TB, conn *websocket.Conn) frame {
	t.Helper()
	_, data, err := conn.Read(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, data)
}

func TestStreamSendsFirstMessageThenChangesAndResumes(t *testing.T) {
	hub, server, _ := serve(t, 3, Options{}, scenes.Options{Tick: time.Millisecond})
	conn := dial(t, server.URL, "")
	first := read(t, conn)
	if len(first.Slots) != 3 || len(first.Scalar.V) != 3 {
		t.Fatalf("the first message is %+v", first)
	}
	hub.push(1)
	second := read(t, conn)
	if *second.Prev != first.Seq || len(second.Scalar.Slots) != 1 {
		t.Errorf("the second message is %+v", second)
	}
	cursor := scenes.Frame{Epoch: first.Epoch, Seq: first.Seq}.Cursor()
	resumed := read(t, dial(t, server.URL, "?from="+cursor))
	if resumed.Slots != nil || *resumed.Prev != first.Seq || resumed.Seq != second.Seq {
		t.Errorf("resuming from %s gives %+v", cursor, resumed)
	}
}

func TestAPushedValueReachesTheViewerOverTheWholeWay(t *testing.T) {
	source, server := servePushed(t, 3)
	conn := dial(t, server.URL, "")
	first := read(t, conn)
	if len(first.Slots) != 3 {
		t.Fatalf("the first message is %+v", first)
	}
	source.Measure("p1", measured(42))
	for {
		f := read(t, conn)
		for i, v := range f.Scalar.V {
			if f.Scalar.Slots[i] == 1 && v == 42 {
				return
			}
		}
	}
}

func TestEventsSendTheSameAndResumeByTheirId(t *testing.T) {
	hub, server, _ := serve(t, 3, Options{}, scenes.Options{Tick: time.Millisecond})
	get := func(last string) (io.Closer, *bufio.Reader) {
		r, err := http.NewRequestWithContext(limited(t), "GET", server.URL+"/scenes/hall/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Last-Event-ID", last)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
			t.Errorf("Content-Type is %q", kind)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp.Body, bufio.NewReader(resp.Body)
	}
	event := func(b *bufio.Reader) (id string, f frame) {
		for {
			line, err := b.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			line = strings.TrimSuffix(line, "\n")
			if text, ok := strings.CutPrefix(line, "id: "); ok {
				id = text
			}
			if text, ok := strings.CutPrefix(line, "data: "); ok {
				f = decode(t, []byte(text))
			}
			if line == "" {
				return id, f
			}
		}
	}
	_, events := get("")
	id, first := event(events)
	hub.push(2)
	_, second := event(events)
	if len(first.Slots) != 3 || len(second.Scalar.Slots) != 2 {
		t.Errorf("the events are %+v, %+v", first, second)
	}
	_, again := get(id)
	if _, f := event(again); f.Slots != nil || *f.Prev != first.Seq {
		t.Errorf("resuming from %s gives %+v", id, f)
	}
}

func TestRefusalsAreCodedBeforeTheFirstFrame(t *testing.T) {
	_, server, _ := serve(t, 1, Options{Ignore: []string{"as"}}, scenes.Options{})
	for path, want := range map[string]string{
		"/scenes/hal/stream":            `404 {"code":"NOT_FOUND"`,
		"/scenes/hal/events":            `404 {"code":"NOT_FOUND"`,
		"/scenes/hall/events?pmp=x":     `400 {"code":"INVALID"`,
		"/scenes/hall/stream?pmp=x":     `400 {"code":"INVALID"`,
		"/scenes/hall/stream?as=nobody": `403 {"code":"FORBIDDEN"`,
	} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Status[:4] + string(body); !strings.HasPrefix(got, want) {
			t.Errorf("GET %s = %s, want %s", path, got, want)
		}
	}
}

func TestAViewerThatSendsDataIsClosed(t *testing.T) {
	_, server, _ := serve(t, 1, Options{}, scenes.Options{})
	conn := dial(t, server.URL, "")
	read(t, conn)
	if err := conn.Write(limited(t), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := conn.Read(limited(t)); err != nil {
			if code := websocket.CloseStatus(err); code != websocket.StatusPolicyViolation {
				t.Errorf("the connection ends with %v", err)
			}
			return
		}
	}
}

// A viewer that takes nothing is closed, whether its socket is full or only its pongs are missing; others go on.
func TestStalledViewersAreClosed(t *testing.T) {
	hub, server, frames := serve(t, 20_000, Options{Stall: 4 * time.Second}, scenes.Options{Tick: time.Millisecond}) // a busy machine must not make the good one late
	for range 2 {
		stall(t, server.URL, "stream", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
	}
	stall(t, server.URL, "events", "")
	good := dial(t, server.URL, "")
	take := func() { // without decoding, which takes long under the race detector
		if _, _, err := good.Read(limited(t)); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(60 * time.Second); frames.Viewers() != 1; {
		hub.push(0)
		take()
		if time.Now().After(deadline) {
			t.Fatalf("%d viewers are still connected, want 1", frames.Viewers())
		}
	}
	hub.push(1)
	take()
}

// stall connects and never reads.
func stall(t testing.TB, base, lane, headers string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, "GET /scenes/hall/"+lane+" HTTP/1.1\r\nHost: x\r\n"+headers+"\r\n"); err != nil {
		t.Fatal(err)
	}
}

func TestCloseEndsEveryViewer(t *testing.T) {
	_, server, frames := serve(t, 1, Options{}, scenes.Options{})
	conn := dial(t, server.URL, "")
	read(t, conn)
	go func() { _ = frames.Close(context.Background()) }()
	for {
		if _, _, err := conn.Read(limited(t)); err != nil {
			if code := websocket.CloseStatus(err); code != websocket.StatusGoingAway {
				t.Errorf("the connection ends with %v, want going away", err)
			}
			break
		}
	}
	resp, err := http.Get(server.URL + "/scenes/hall/events")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a viewer that comes after the end gets %s", resp.Status)
	}
}
