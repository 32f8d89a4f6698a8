package api

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// watched is a live query of a dashboard: 100 pumps with five fields.
const watched = `subscription { pumps(first: 100) { nodes { id name serialNumber ratedFlow installed } } }`

// viewers are clients that read event streams and count what they got. They do as little as they can, so that what is measured
// is the server; what they do is the same for both servers of the benchmark.
type viewers struct {
	conns []net.Conn
	bytes atomic.Int64
	work  sync.WaitGroup
}

func openViewers(b *testing.B, address string, n int) *viewers {
	b.Helper()
	body := requestOf(watched, nil)
	request := fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	v := &viewers{}
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		v.conns = append(v.conns, conn)
		v.work.Go(func() {
			buffer := make([]byte, 64<<10)
			for {
				n, err := conn.Read(buffer)
				v.bytes.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
	}
	return v
}

// settle waits until nothing comes any more and returns the bytes so far.
func (v *viewers) settle() int64 {
	for last := int64(-1); ; time.Sleep(100 * time.Millisecond) {
		now := v.bytes.Load()
		if now == last {
			return now
		}
		last = now
	}
}

func (v *viewers) waitFor(b *testing.B, total int64) {
	for end := time.Now().Add(60 * time.Second); v.bytes.Load() < total; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("%d of %d bytes came", v.bytes.Load(), total)
		}
	}
}

func (v *viewers) close() {
	for _, c := range v.conns {
		_ = c.Close()
	}
	v.work.Wait()
}

// floor is a bare handler that sends the same events to everybody, from memory.
type floor struct {
	mu      sync.Mutex
	event   []byte
	changed chan struct{}
}

func (f *floor) publish(event []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.event = event
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	f.mu.Lock()
	changed := f.changed
	f.mu.Unlock()
	w.WriteHeader(http.StatusOK)
	_ = control.Flush()
	for {
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		f.mu.Lock()
		event := f.event
		changed = f.changed
		f.mu.Unlock()
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := w.Write(event); err != nil || control.Flush() != nil {
			return
		}
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEqualLiveQueries changes a pump that 1,000 viewers watch. In the same run: one viewer, and a bare handler that sends
// the same bytes to 1,000. "x-floor" is the CPU of 1,000 viewers by that of one and the bare handler together.
func BenchmarkEqualLiveQueries(b *testing.B) {
	const many = 1000
	p := newPlant(b, roomy)
	p.handler.writeTime = time.Minute
	n := 0
	change := func() []byte { // of constant length
		n++
		name := fmt.Sprintf("Pump %08d", n)
		p.rename(b, "p001", name)
		return []byte(name)
	}
	change()
	measure := func(v *viewers, publish func()) time.Duration {
		before := v.settle()
		publish()
		each := v.settle() - before
		used := cpu()
		for k := range b.N {
			publish()
			v.waitFor(b, before+int64(k+2)*each)
		}
		return (cpu() - used) / time.Duration(b.N)
	}

	one := openViewers(b, p.Listener.Addr().String(), 1)
	alone := measure(one, func() { change() })
	one.close()

	crowd := openViewers(b, p.Listener.Addr().String(), many)
	waitFor(b, func() bool { return p.handler.Streams() >= many })
	computed := p.computed()
	together := measure(crowd, func() { change() })
	if running := p.running(); running != 1 {
		b.Fatalf("%d live queries run for %d viewers", running, many)
	}
	b.ReportMetric(float64(p.computed()-computed)/float64(b.N+1), "computed/change")
	event := p.event(b)
	crowd.close()

	f := &floor{changed: make(chan struct{})}
	bare := httptest.NewServer(f)
	listeners := openViewers(b, bare.Listener.Addr().String(), many)
	sent := measure(listeners, func() { f.publish(event) })
	listeners.close()
	bare.Close()

	b.ReportMetric(float64(alone.Microseconds()), "us-cpu/one")
	b.ReportMetric(float64(together.Microseconds()), "us-cpu/1000")
	b.ReportMetric(float64(sent.Microseconds()), "us-cpu/floor")
	b.ReportMetric(float64(together)/float64(alone+sent), "x-floor")
	b.ReportMetric(float64(len(event)), "bytes/event")
}

// event is an event as the benchmark's viewers get it.
func (p *plant) event(b *testing.B) []byte {
	l := p.listen(b, watched)
	var event bytes.Buffer
	for k := range 5 {
		if line := l.line(); k >= 2 {
			event.WriteString(line + "\n")
		}
	}
	return event.Bytes()
}
