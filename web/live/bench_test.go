package live

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mereon/scenes"
)

// BenchmarkSourceToFrame measures the way of one value from a connector that pushes it to the frame a viewer has read, at
// 5,000 slots of which about 500 change in a tick: through the connectors' runtime, the hub, the scene and the socket.
// One operation is one tick of 100 ms.
func BenchmarkSourceToFrame(b *testing.B) {
	const pumps, perTick = 5000, 500
	source, server := servePushed(b, pumps)
	conn := dial(b, server.URL, "")
	read(b, conn)
	sent := &sentTimes{at: map[float64]time.Time{}}
	done := make(chan []time.Duration)
	go func() { done <- sent.follow(conn) }()
	serial := 0.0
	for b.Loop() {
		for range 10 { // ten bursts a tick, at any moment of it
			time.Sleep(9 * time.Millisecond)
			for range perTick / 10 {
				serial++
				now := time.Now()
				sent.put(serial, now)
				source.Measure(fmt.Sprintf("p%d", rand.IntN(pumps)), measured(serial))
			}
		}
	}
	time.Sleep(500 * time.Millisecond)
	_ = conn.CloseNow()
	took := <-done
	slices.Sort(took)
	if len(took) == 0 {
		b.Fatal("no value arrived")
	}
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(len(took))/serial, "arrived/sent") // below 1 where a newer value of the same pump came in time
}

// sentTimes remembers when each value was pushed.
type sentTimes struct {
	mu sync.Mutex
	at map[float64]time.Time
}

func (s *sentTimes) put(v float64, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[v] = at
}

// follow reads frames and returns how long each value was under way.
func (s *sentTimes) follow(conn *websocket.Conn) (took []time.Duration) {
	for {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return took
		}
		now := time.Now()
		var f frame
		if json.Unmarshal(data, &f) != nil {
			return nil
		}
		s.mu.Lock()
		for _, v := range f.Scalar.V {
			if at, ok := s.at[v]; ok {
				took = append(took, now.Sub(at))
			}
		}
		s.mu.Unlock()
	}
}

// BenchmarkFanOut compares the CPU of serving 1,000 viewers of one scene at 10 Hz with 500 changes a frame with that of
// writing the same bytes bare to as many sockets of the same kind. The viewers are a process of their own. One operation is one
// frame to all of them.
func BenchmarkFanOut(b *testing.B) {
	const viewers, changes = 1000, 500
	pushed, server, frames := serve(b, 2*changes, Options{Stall: time.Hour}, scenes.Options{Tick: time.Millisecond})
	bare := newBroadcast()
	plain := httptest.NewServer(bare)
	defer plain.Close()
	defer bare.close()
	sample := dial(b, server.URL, "")
	read(b, sample)
	pushed.push(changes)
	_, bytes, err := sample.Read(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	_ = sample.CloseNow()

	crowd(b, server.URL, viewers)
	await(b, func() bool { return frames.Viewers() == viewers })
	shared := cpu(b, b.N, func() { pushed.push(changes) })
	crowd(b, plain.URL, viewers)
	await(b, func() bool { return bare.count() == viewers })
	direct := cpu(b, b.N, func() { bare.send(bytes) })
	b.ReportMetric(float64(shared.Microseconds())/float64(b.N)/1000, "cpu-ms/frame")
	b.ReportMetric(float64(direct.Microseconds())/float64(b.N)/1000, "bare-cpu-ms/frame")
	b.ReportMetric(float64(shared)/float64(direct), "ratio")
	b.ReportMetric(float64(len(bytes)), "bytes/frame")
}

// cpu returns the CPU time of this process for n steps, ten a second.
func cpu(b *testing.B, n int, step func()) time.Duration {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	before := usage(b)
	for range n {
		<-ticker.C
		step()
	}
	<-ticker.C
	return usage(b) - before
}

func usage(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func await(b *testing.B, done func() bool) {
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("not all viewers connected")
		}
	}
}

// broadcast writes the same bytes to all sockets, one after the other.
type broadcast struct {
	mu    sync.Mutex
	conns []*websocket.Conn
	ended chan struct{}
}

func newBroadcast() *broadcast { return &broadcast{ended: make(chan struct{})} }

func (s *broadcast) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	<-s.ended
}

func (s *broadcast) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *broadcast) send(data []byte) {
	for _, conn := range s.conns {
		_ = conn.Write(context.Background(), websocket.MessageText, data)
	}
}

func (s *broadcast) close() { close(s.ended) }

// crowdAddress names the server to the process of viewers.
const crowdAddress = "MEREON_BENCH_CROWD"

// crowd starts a process of viewers that read and forget, until the benchmark ends.
func crowd(b *testing.B, base string, viewers int) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	process := exec.Command(self, "-test.run=^TestCrowd$")
	process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", crowdAddress, strings.TrimPrefix(base, "http://"), viewers))
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
}

// TestCrowd is the process of viewers of BenchmarkFanOut; by itself it does nothing.
func TestCrowd(t *testing.T) {
	address, number, ok := strings.Cut(os.Getenv(crowdAddress), " ")
	if !ok {
		t.Skip("only the fan-out benchmark runs it")
	}
	var viewers int
	if _, err := fmt.Sscan(number, &viewers); err != nil {
		t.Fatal(err)
	}
	var tasks sync.WaitGroup
	for range viewers {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /scenes/hall/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		tasks.Go(func() { _, _ = bufio.NewReaderSize(conn, 16<<10).WriteTo(io.Discard) })
	}
	tasks.Wait()
}
