package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

const list100 = `{ pumps(first: 100) { nodes { id name serialNumber ratedFlow installed } } }`

// caller asks over one connection and allocates nothing, so that what is measured is the server.
type caller struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func (p *plant) caller(t testing.TB, document string) *caller {
	t.Helper()
	conn, err := net.Dial("tcp", p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	body := requestOf(document, nil)
	return &caller{conn, bufio.NewReaderSize(conn, 64<<10), fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}
}

// ask sends the request and reads the whole answer; it returns the size of its body.
func (c *caller) ask() (int, error) {
	if _, err := c.conn.Write(c.request); err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) == 2 {
			break
		}
		if name := "Content-Length: "; len(line) > len(name) && string(line[:len(name)]) == name {
			length = 0
			for _, digit := range line[len(name) : len(line)-2] {
				length = 10*length + int(digit-'0')
			}
		}
	}
	_, err := c.reader.Discard(length)
	return length, err
}

func TestAWarmRequestForAListTakesAtMost120Allocations(t *testing.T) {
	p := newPlant(t, roomy)
	c := p.caller(t, list100)
	size := 0
	got := testing.AllocsPerRun(100, func() {
		var err error
		if size, err = c.ask(); err != nil {
			t.Fatal(err)
		}
	})
	if size < 5000 {
		t.Fatalf("an answer of %d bytes", size)
	}
	if got > 120 {
		t.Errorf("%v allocations for the whole request", got)
	}
	t.Logf("%v allocations for the whole request, %d bytes", got, size)
}

func BenchmarkRequest(b *testing.B) {
	p := newPlant(b, roomy)
	for name, document := range map[string]string{"list of 100": list100, "point": `{ pump(serialNumber: "S-77") { id name serialNumber ratedFlow installed } }`} {
		b.Run(name, func(b *testing.B) {
			c := p.caller(b, document)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFloor is the least a request can take: a handler that writes the same bytes from memory.
func BenchmarkFloor(b *testing.B) {
	p := newPlant(b, roomy)
	answer := []byte(p.query(b, list100).text)
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = contentTypes[mediaJSON]
		_, _ = w.Write(answer)
	})
	c := p.caller(b, list100)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ask(); err != nil {
			b.Fatal(err)
		}
	}
}
