package memory_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"mereon/graph/memory"
	"mereon/schema/fault"
)

// blocked is a queue whose writer holds its first group, of "first" alone, until release is called. Groups are what it
// was given after that, in order.
type blocked struct {
	*memory.Queue[string]
	release func()
	end     func() (groups [][]string)
}

func newBlocked(t *testing.T, most int) *blocked {
	t.Helper()
	b := &blocked{Queue: memory.NewQueue[string](most)}
	started, held := make(chan struct{}), make(chan struct{})
	var groups [][]string
	var running sync.WaitGroup
	b.Alone = func(r string) bool { return r == "alone" }
	running.Go(func() {
		b.Serve(func(group []string) {
			if group[0] == "first" {
				close(started)
				<-held
				return
			}
			groups = append(groups, group)
		})
	})
	running.Go(func() {
		if err := b.Submit(context.Background(), "first", nil); err != nil {
			t.Error(err)
		}
	})
	<-started
	b.release = sync.OnceFunc(func() { close(held) })
	b.end = func() [][]string {
		b.release()
		b.Close()
		running.Wait()
		return groups
	}
	return b
}

func TestAQueueGivesWhatWaitsTogether(t *testing.T) {
	b := newBlocked(t, 3)
	var waiting sync.WaitGroup
	for _, r := range []string{"a", "b", "alone", "c", "d", "e", "f"} {
		handed := make(chan struct{})
		waiting.Go(func() {
			ctx := &announcing{Context: context.Background(), at: 2, reached: handed}
			if err := b.Submit(ctx, r, nil); err != nil {
				t.Error(r, err)
			}
		})
		<-handed // in the queue: it looks a second time at what may end it
	}
	b.release()
	waiting.Wait()
	got := b.end()
	want := [][]string{{"a", "b"}, {"alone"}, {"c", "d", "e"}, {"f"}}
	if len(got) != len(want) {
		t.Fatalf("groups %v, want %v", got, want)
	}
	for i := range want {
		if len(got[i]) != len(want[i]) || got[i][0] != want[i][0] {
			t.Errorf("group %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// announcing is a context that says when Done was asked for the nth time.
type announcing struct {
	context.Context
	asked   atomic.Int32
	at      int32
	reached chan struct{}
}

func (a *announcing) Done() <-chan struct{} {
	if a.asked.Add(1) == a.at {
		close(a.reached)
	}
	return a.Context.Done()
}

func TestAQueueLetsGoOfWhoGivesUp(t *testing.T) {
	b := newBlocked(t, 3)
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() { gone <- b.Submit(ctx, "gone", nil) }()
	cancel()
	if err := <-gone; fault.CodeOf(err) != fault.Timeout {
		t.Errorf("who gave up was told %v", err)
	}
	if groups := b.end(); len(groups) > 0 {
		t.Errorf("the writer was given %v", groups)
	}
	if err := b.Submit(context.Background(), "late", nil); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("who came late was told %v", err)
	}
}

func TestAQueueTellsWhoIsBeingServedThatItsTimeIsOver(t *testing.T) {
	q := memory.NewQueue[int](1)
	served, release := make(chan struct{}), make(chan struct{})
	go q.Serve(func([]int) { close(served); <-release })
	defer q.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-served; cancel() }()
	unknown := errors.New("nobody knows")
	if err := q.Submit(ctx, 1, func(<-chan struct{}) error { return unknown }); err != unknown {
		t.Errorf("Submit = %v", err)
	}
}

func TestNobodyWaitsForAQueueThatHasEnded(t *testing.T) {
	for range 200 {
		q := memory.NewQueue[int](2)
		var all sync.WaitGroup
		var written, told atomic.Int32
		all.Go(func() { q.Serve(func(group []int) { written.Add(int32(len(group))) }) })
		for n := range 8 {
			all.Go(func() {
				switch err := q.Submit(context.Background(), n, nil); {
				case err == nil:
					told.Add(1)
				case fault.CodeOf(err) != fault.Unavailable:
					t.Error(err)
				}
			})
		}
		q.Close()
		q.Close()
		all.Wait()
		if written.Load() != told.Load() {
			t.Fatalf("%d were written and %d told so", written.Load(), told.Load())
		}
	}
}
