package connectors_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// slack is how much later than its deadline an answer may come. The tests that look at it run in the time of synctest, so
// that a busy machine changes nothing.
const slack = 100 * time.Millisecond

func ask(r *connectors.Runtime, n int) connectors.Answer[connectors.Reading] {
	return r.Latest(context.Background(), "plant", refs(n))
}

// virtual runs a test in the time of synctest.
func virtual(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func TestAHungSourceCostsItsDeadlineAndOnlyItsKeys(t *testing.T) {
	for _, fault := range []connectortest.Fault{connectortest.Hang, connectortest.Deaf} {
		virtual(t, string(fault), func(t *testing.T) {
			f := connectortest.NewFaulty(pumps(10))
			r := open(t, f, ", deadline: 150ms, cache: 0s, retries: 0")
			defer f.Release()
			known := ask(r, 5)
			f.Become(fault)
			begun := time.Now()
			a := ask(r, 10)
			if took := time.Since(begun); took > 150*time.Millisecond+slack {
				t.Errorf("answered after %v, want within the deadline of 150ms + %v", took, slack)
			}
			if a.Failure == nil || a.Failure.Status != connectors.TimedOut || a.FailedKeys != 10 || a.FirstFailed != 0 {
				t.Errorf("failure %v for %d keys, first %d", a.Failure, a.FailedKeys, a.FirstFailed)
			}
			if got := a.Results[3]; got.Status != connectors.TimedOut || !got.Value.IsNull() || !got.Time.Equal(known.Results[3].Time) {
				t.Errorf("a known series is %+v, want TIMEOUT with the time of its last value", got)
			}
			if got := a.Results[7]; got.Status != connectors.TimedOut || !got.Time.IsZero() {
				t.Errorf("a series never read is %+v", got)
			}
		})
	}
}

func TestAnAnswerAfterTheDeadlineIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := connectortest.NewFaulty(pumps(10))
		r := open(t, f, ", deadline: 100ms, cache: 0s, retries: 0")
		ask(r, 1)
		f.Become(connectortest.Late)
		begun := time.Now()
		a := ask(r, 3)
		if took := time.Since(begun); took > 100*time.Millisecond+slack || len(a.Results) != 3 {
			t.Errorf("answered after %v", took)
		}
	})
}

func TestHungSourcesDoNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := connectortest.NewFaulty(pumps(10))
		r := open(t, f, ", deadline: 100ms, cache: 0s, retries: 0, concurrency: 2")
		f.Become(connectortest.Deaf)
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				begun := time.Now()
				a := r.Latest(context.Background(), "plant", []string{fmt.Sprint("pump-", n%10)})
				if took := time.Since(begun); took > 100*time.Millisecond+slack || a.Results[0].Status == connectors.OK {
					t.Errorf("question %d: %s after %v", n, a.Results[0].Status, took)
				}
			})
		}
		all.Wait()
		if f.Calls() > 2 {
			t.Errorf("%d requests at one time, want at most 2", f.Calls())
		}
		f.Release()
		f.Become(connectortest.Healthy)
	})
}

func TestADeadSourceIsAStatusAndThenLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := connectortest.NewFaulty(pumps(10))
		r := open(t, f, ", cache: 0s")
		f.Become(connectortest.Die)
		for range 5 {
			if a := ask(r, 3); a.Results[1].Status != connectors.Unavailable || a.Results[1].Why != "connection refused" || a.Calls != 1 {
				t.Fatalf("%+v in %d calls", a.Results[1], a.Calls)
			}
		}
		a := ask(r, 3)
		if a.Calls != 0 || a.Results[0].Status != connectors.Unavailable || !strings.HasPrefix(a.Results[0].Why, "not asked: it failed 5 times in a row") ||
			!strings.HasSuffix(a.Results[0].Why, "last: connection refused") || a.Failure.RetryAfter <= 0 {
			t.Errorf("sixth question: %d calls, %+v", a.Calls, a.Results[0])
		}
		if h := r.Health()[0]; h.State != "down" || h.LastError != "connection refused" || h.Calls != 5 || h.Errors != 5 {
			t.Errorf("health %+v", h)
		}
	})
}

func TestAFlakySourceIsAskedAgain(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	r := open(t, f, ", cache: 0s")
	f.Become(connectortest.Flaky)
	if a := ask(r, 3); a.Results[2].Status != connectors.OK || a.Calls != 2 || a.Failure != nil {
		t.Errorf("%+v in %d calls", a.Results[2], a.Calls)
	}
}

func TestAPanicIsAFailureOfTheSource(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	r := open(t, f, "")
	f.Become(connectortest.Panic)
	if a := ask(r, 3); a.Results[0].Status != connectors.Unavailable || strings.Contains(a.Results[0].Why, "index out of range") {
		t.Errorf("%+v", a.Results[0])
	}
}

func TestAThrottlingSourceIsNotAskedBeforeItsTime(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	f.Delay = time.Hour
	r := open(t, f, ", cache: 0s")
	f.Become(connectortest.Throttle)
	first, second := ask(r, 2), ask(r, 2)
	if first.Results[0].Status != connectors.Throttled || first.Failure.RetryAfter != time.Hour || first.Calls != 1 {
		t.Errorf("first: %+v, %+v", first.Results[0], first.Failure)
	}
	if second.Results[0].Status != connectors.Throttled || second.Calls != 0 || second.Failure.RetryAfter <= 0 {
		t.Errorf("second: %+v in %d calls", second.Results[0], second.Calls)
	}
}

func TestLiesAreToldAndNeverServed(t *testing.T) {
	where := &schema.Condition{Op: schema.Gte, Path: "priority", Value: schema.IntOf(1)}
	w := connectors.Want{Collection: "orders", Columns: []string{"number"}, KeyColumns: []string{"equipment"}, Where: where, PerKey: 2}
	keys := []connectors.Key{{Values: []schema.Value{schema.StringOf("P-1")}}, {Values: []schema.Value{schema.StringOf("P-2")}}}
	for _, fault := range connectortest.Lies {
		t.Run(string(fault), func(t *testing.T) {
			f := connectortest.NewFaulty(pumps(10))
			r := open(t, f, "")
			f.Become(fault)
			rows := r.Records(t.Context(), "plant", keys, w)
			for i, got := range rows.Results {
				if got.Status != connectors.BadData || got.Count != 0 || got.Why == "" {
					t.Errorf("rows of key %d: %+v", i, got)
				}
			}
			if rows.Failure == nil || rows.Failure.Status != connectors.BadData || rows.FailedKeys != 2 {
				t.Errorf("failure of rows: %+v", rows.Failure)
			}
			for i, got := range ask(r, 3).Results {
				if got.Status != connectors.BadData || !got.Value.IsNull() {
					t.Errorf("measurement %d: %+v", i, got)
				}
			}
			h := r.History(t.Context(), "plant", refs(2), connectors.Want{From: noon.Add(-time.Hour), To: noon})
			if fault != connectortest.MoreRows && h.Results[0].Status != connectors.BadData {
				t.Errorf("history: %+v", h.Results[0])
			}
			if health := r.Health()[0]; health.State != "degraded" || health.LastError == "" {
				t.Errorf("health %+v", health)
			}
		})
	}
}

func TestAnswersForKeysNobodyAskedForAreDropped(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	r := open(t, f, "")
	f.Become(connectortest.UnknownKeys)
	a := ask(r, 3)
	if len(a.Results) != 3 || a.Results[2].Status != connectors.OK || a.Results[2].Value.Float() != 2 {
		t.Errorf("%+v", a.Results)
	}
	if h := r.Health()[0]; !strings.HasPrefix(h.LastError, "BAD_DATA: the source answered for key ") {
		t.Errorf("health %+v", h)
	}
}

func TestAFloodIsCutOff(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	r := open(t, f, ", maxRows: 5000, deadline: 30s")
	f.Become(connectortest.Flood)
	rows := r.Records(t.Context(), "plant", []connectors.Key{{}}, connectors.Want{Collection: "orders", Columns: []string{"number"}})
	if got := rows.Results[0]; got.Status != connectors.Truncated || got.Count != 5000 || !got.More {
		t.Errorf("rows: %s, %d, more %t", got.Status, got.Count, got.More)
	}
	h := r.History(t.Context(), "plant", refs(2), connectors.Want{From: noon, To: noon.Add(time.Hour)})
	kept := 0
	for _, got := range h.Results {
		if kept += len(got.Measurements); got.Status != connectors.Truncated {
			t.Errorf("history: %s, %d", got.Status, len(got.Measurements))
		}
	}
	if kept != 5000 {
		t.Errorf("%d measurements kept, want 5000", kept)
	}
	if got := ask(r, 2).Results[0]; got.Status != connectors.BadData {
		t.Errorf("newest values: %+v", got)
	}
}

func TestRightsAreNotAskedForAgain(t *testing.T) {
	f := connectortest.NewFaulty(pumps(10))
	r := open(t, f, ", cache: 0s")
	f.Become(connectortest.Forbid)
	for range 7 { // never opens the breaker: the source answers
		if a := ask(r, 1); a.Results[0].Status != connectors.Denied || a.Calls != 1 {
			t.Errorf("%+v in %d calls", a.Results[0], a.Calls)
		}
	}
}

func TestEqualQuestionsAtTheSameTimeAreOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := connectortest.NewFaulty(pumps(50))
		f.Delay = 50 * time.Millisecond
		r := open(t, f, ", cache: 0s, concurrency: 1, deadline: 10s")
		ask(r, 1)
		f.Become(connectortest.Slow)
		before := f.Calls()
		var all sync.WaitGroup
		var mu sync.Mutex
		calls, keys := 0, 0
		for n := range 40 {
			all.Go(func() {
				a := r.Latest(context.Background(), "plant", []string{fmt.Sprint("pump-", n), "pump-49"})
				mu.Lock()
				defer mu.Unlock()
				calls += a.Calls
				keys += a.Keys - a.Cached
				if a.Results[0].Value.Float() != float64(n) || a.Results[1].Value.Float() != 49 {
					t.Errorf("question %d: %+v", n, a.Results)
				}
			})
		}
		all.Wait()
		made := f.Calls() - before
		if made > 4 {
			t.Errorf("%d requests for 40 questions at the same time, want few", made)
		}
		if calls != made {
			t.Errorf("the answers count %d requests, %d were made", calls, made)
		}
	})
}

func TestKeysAreDividedByTheWidthOfARequest(t *testing.T) {
	m := pumps(100)
	m.Width = 30
	r := open(t, m, ", batch: 25")
	if a := ask(r, 100); a.Calls != 4 || a.Keys != 100 || a.Results[99].Value.Float() != 99 {
		t.Errorf("%d calls, %d keys, last %+v", a.Calls, a.Keys, a.Results[99])
	}
}

func TestTheRateIsKept(t *testing.T) {
	r := open(t, pumps(10), ", cache: 0s, rate: 0.01, burst: 2, deadline: 100ms")
	if a := ask(r, 1); a.Results[0].Status != connectors.OK {
		t.Fatal(a.Results[0])
	}
	ask(r, 1)
	a := ask(r, 1)
	if a.Results[0].Status != connectors.Throttled || a.Calls != 0 || a.Failure.RetryAfter < time.Second {
		t.Errorf("third question: %+v in %d calls, retry after %v", a.Results[0], a.Calls, a.Failure.RetryAfter)
	}
}

func TestAShortOperationLeavesTimeForItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := connectortest.NewFaulty(pumps(10))
		r := open(t, f, ", deadline: 10s")
		ask(r, 1)
		f.Become(connectortest.Hang)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		a := r.Latest(ctx, "plant", []string{"pump-5"})
		if ctx.Err() != nil || a.Results[0].Status != connectors.TimedOut {
			t.Errorf("%s, operation %v", a.Results[0].Status, ctx.Err())
		}
	})
}

func TestOldValuesAreStale(t *testing.T) {
	m := pumps(3)
	m.StaleAfter = 5 * time.Second
	r := open(t, m, "")
	if got := ask(r, 1).Results[0]; got.Status != connectors.Stale || got.Value.IsNull() || got.Stale != 5*time.Second {
		t.Errorf("a value of 10 s ago with a limit of 5 s: %+v", got)
	}
}

func TestSecretsNeverLeave(t *testing.T) {
	t.Setenv("MEREON_TEST_SECRET", "hunter2-and-more")
	kind := connectors.Kind{Name: "test", Open: func(_ context.Context, c connectors.Config) (connectors.Connector, error) {
		secret, err := c.Secret("env:MEREON_TEST_SECRET")
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("cannot log in with %s", secret)
	}}
	_, err := connectors.Open(t.Context(), connectors.NewRegistry(kind), nodes(t, "{plant: {kind: test}}"), connectors.Options{})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "cannot log in with (secret)") {
		t.Errorf("Open = %v", err)
	}
}
