package connectors_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
)

// silent is a connector that cannot push.
type silent struct{ connectors.Connector }

// clocked opens a runtime whose time is set by the test.
func clocked(t *testing.T, c connectors.Connector, config string, now *atomic.Int64) *connectors.Runtime {
	t.Helper()
	now.Store(noon.UnixNano())
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: test"+config+"}"), &node); err != nil {
		t.Fatal(err)
	}
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(connectortest.Kind("test", c)), map[string]*yaml.Node{"plant": node.Content[0]},
		connectors.Options{Now: func() time.Time { return time.Unix(0, now.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// tell makes a watch write what it says to a channel.
func tell(r *connectors.Runtime, refs ...string) (told chan string, stop func()) {
	told = make(chan string, 100)
	return told, r.Watch("plant", refs, func(ref string, r connectors.Reading) {
		told <- fmt.Sprintf("%s %s %v", ref, r.Status, r.Value.Float())
	})
}

func expect(t *testing.T, told chan string, want string) {
	t.Helper()
	select {
	case got := <-told:
		if got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("not told %q", want)
	}
}

func TestASourceThatCannotPushIsPolledOnceForAll(t *testing.T) {
	m := pumps(20)
	r := open(t, silent{m}, ", poll: 50ms, cache: 0s")
	told := make(chan string, 1000)
	var stops []func()
	for n := range 10 { // ten who watch the same and some of their own
		stops = append(stops, r.Watch("plant", []string{"pump-1", fmt.Sprint("pump-", n)}, func(ref string, r connectors.Reading) {
			if ref == "pump-1" {
				told <- fmt.Sprint(r.Value.Float())
			}
		}))
	}
	for range 10 {
		expect(t, told, "1")
	}
	m.Measure("pump-1", at(0, 7))
	for range 10 {
		expect(t, told, "7")
	}
	if h := r.Health()[0]; h.Watched != 10 || h.Push {
		t.Errorf("health %+v, want 10 watched, no push", h)
	}
	calls, keys := m.Calls()
	if keys > (calls+10)*10 {
		t.Errorf("%d keys in %d calls, want the union of 10 in each", keys, calls)
	}
	for _, stop := range stops {
		stop()
		stop()
	}
	if h := r.Health()[0]; h.Watched != 0 {
		t.Errorf("%d references are watched after all stopped", h.Watched)
	}
}

func TestAWatchTellsWhenAValueGetsOld(t *testing.T) {
	m := pumps(2)
	m.StaleAfter = time.Minute
	var now atomic.Int64
	r := clocked(t, m, "", &now)
	told, stop := tell(r, "pump-1")
	defer stop()
	expect(t, told, "pump-1 OK 1")
	now.Store(noon.Add(2 * time.Minute).UnixNano())
	expect(t, told, "pump-1 STALE 1")
	m.Measure("pump-1", at(119, 5))
	expect(t, told, "pump-1 OK 5")
}

func TestAWatchTellsThatTheSourceFailsAndComesBack(t *testing.T) {
	f := connectortest.NewFaulty(pumps(2))
	r := open(t, f, ", poll: 50ms, cache: 0s, retries: 0")
	told, stop := tell(r, "pump-1")
	defer stop()
	expect(t, told, "pump-1 OK 1")
	f.Become(connectortest.Die)
	expect(t, told, "pump-1 UNAVAILABLE NaN")
	f.Become(connectortest.Healthy)
	for { // the breaker tells first that the source is not asked for some seconds
		select {
		case text := <-told:
			if text == "pump-1 OK 1" {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the source is back but the watch does not tell")
		}
	}
}

// pusher is a connector whose push is in the hands of the test.
type pusher struct {
	*connectortest.Memory
	mu   sync.Mutex
	sink connectors.WatchSink
	up   chan struct{}
}

func (p *pusher) Watch(_ context.Context, out connectors.WatchSink) (connectors.WatchSet, error) {
	p.sink = out
	close(p.up)
	return p, nil
}
func (p *pusher) Add(...string)    {}
func (p *pusher) Remove(...string) {}

func TestGapsAndOutagesOfAPush(t *testing.T) {
	p := &pusher{Memory: pumps(2), up: make(chan struct{})}
	r := open(t, p, ", cache: 1h, poll: 1h")
	told, stop := tell(r, "pump-1")
	defer stop()
	<-p.up
	expect(t, told, "pump-1 OK 1")
	p.Measure("pump-1", at(-5, 3)) // missed by the push
	p.sink.Gap("pump-1")
	expect(t, told, "pump-1 OK 3")
	p.sink.Push("pump-1", at(-7, 2)) // older than what is known
	p.sink.Push("pump-1", at(-4, 4))
	expect(t, told, "pump-1 OK 4")
	p.sink.Down(&connectors.Failure{Status: connectors.Unavailable, Message: "broker gone"})
	expect(t, told, "pump-1 UNAVAILABLE NaN")
	if h := r.Health()[0]; h.Push || h.LastError != "broker gone" {
		t.Errorf("health %+v", h)
	}
	p.sink.Push("pump-1", at(-3, 5))
	expect(t, told, "pump-1 OK 5")
	if a := r.Latest(t.Context(), "plant", []string{"pump-1"}); a.Results[0].Value.Float() != 5 || a.Calls != 0 {
		t.Errorf("a question after a push: %+v in %d calls", a.Results[0], a.Calls)
	}
	p.sink.Push("pump-1", connectors.Measurement{})
	expect(t, told, "pump-1 BAD_DATA NaN")
}

func TestASlowWatcherMissesOnlyWhatWasReplaced(t *testing.T) {
	m := pumps(2)
	r := open(t, m, "")
	enter, leave := make(chan float64), make(chan struct{})
	stop := r.Watch("plant", []string{"pump-1"}, func(_ string, r connectors.Reading) {
		enter <- r.Value.Float()
		<-leave
	})
	defer stop()
	if got := <-enter; got != 1 {
		t.Fatalf("first %v", got)
	}
	for n := range 50 { // all while the first call runs
		m.Measure("pump-1", at(n, float64(100+n)))
	}
	leave <- struct{}{}
	if got := <-enter; got != 149 {
		t.Errorf("after a slow call %v, want the newest, 149", got)
	}
	leave <- struct{}{}
}
