package api

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// stalledSocket is a client that opens a socket, subscribes to live n times and reads nothing but that it is open.
func (p *plant) stalledSocket(t *testing.T, live string, n int) {
	t.Helper()
	var messages strings.Builder
	for i := range n {
		messages.WriteString(frame(subscribe(fmt.Sprint(i), live)))
	}
	conn := p.stalled(t, "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"+
		frame(`{"type":"connection_init"}`)+messages.String())
	if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 101"))); err != nil {
		t.Fatal(err)
	}
}

func TestASocketThatOwesTooMuchIsClosed(t *testing.T) {
	p := newPlant(t, roomy)
	const limit = 64 << 10
	p.handler.writeTime, p.handler.maxOwed = time.Minute, limit // only what is owed can end the sockets
	live := `subscription { pumps(first: 120) { nodes { id name serialNumber installed ratedFlow assetType revision } } }`
	answer := int64(len(p.query(t, strings.TrimPrefix(live, "subscription ")).text))
	const viewers = 4
	for range viewers {
		p.stalledSocket(t, live, 50)
	}
	most := int64(0)
	for i := 0; p.handler.Streams() > 0; i++ {
		if i > 5000 {
			t.Fatalf("%d sockets are still open, and owe %d bytes", p.handler.Streams(), p.handler.Buffered())
		}
		most = max(most, p.handler.Buffered())
		p.query(t, fmt.Sprintf(`mutation { updatePump(id: "p001", set: {name: %q}) { id } }`, fmt.Sprint("Pump ", i, strings.Repeat(".", 3000))))
	}
	// Each may owe its limit, and holds one answer of each operation until it has been told that it is closed.
	if most > viewers*(limit+50*(answer+4000)) {
		t.Errorf("%d viewers owed %d bytes", viewers, most)
	}
	waitFor(t, func() bool { return p.handler.Buffered() == 0 })
}

func TestReadersAreReleasedWithinTenSeconds(t *testing.T) {
	if writeTime > 10*time.Second || 2*pingEvery > 10*time.Second {
		t.Errorf("who takes nothing is released after %v, who answers no ping after %v", writeTime, 2*pingEvery)
	}
}
