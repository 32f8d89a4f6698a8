package web

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"mereon/graph/exchange/project"
	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api"
)

func from(address, token string) context.Context {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = address
	ctx := withAddress(r.Context(), r)
	if token == "" {
		return access.NewContext(ctx, access.Local)
	}
	return access.NewContext(ctx, access.Principal{Name: token, Role: access.Viewer})
}

func mustAdmit(t *testing.T, done func(), err error) func() {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// busyFor is how long an error says to wait; 0 when it is none of Busy.
func busyFor(t *testing.T, err error) time.Duration {
	t.Helper()
	b, ok := errors.AsType[*api.Busy](err)
	if !ok {
		t.Fatalf("admitted, or refused otherwise: %v", err)
	}
	if fault.CodeOf(err) != fault.Limit {
		t.Errorf("%v has the code %s", err, fault.CodeOf(err))
	}
	return b.After
}

func TestACallerHasABudgetThatComesBackWithTime(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCallers(project.Limits{Rate: 2, Burst: 3}, func() time.Time { return now })
	screen := from("10.0.0.1:1000", "screen")
	for range 3 {
		done, err := c.Operation(screen)
		mustAdmit(t, done, err)()
	}
	_, err := c.Operation(screen)
	if wait := busyFor(t, err); wait != 500*time.Millisecond {
		t.Errorf("wait %v, want 500ms: two a second", wait)
	}
	for _, other := range []context.Context{from("10.0.0.1:1000", "wall"), from("10.0.0.1:2000", "")} {
		done, err := c.Operation(other)
		mustAdmit(t, done, err)
	}
	now = now.Add(500 * time.Millisecond)
	done, err := c.Operation(screen)
	mustAdmit(t, done, err)
	_, err = c.Operation(screen)
	busyFor(t, err)
}

func TestACallerRunsABoundedNumberOfOperationsAndStreams(t *testing.T) {
	c := newCallers(project.Limits{Concurrent: 2, Streams: 1}, time.Now)
	ctx := from("10.0.0.1:1000", "screen")
	first, err := c.Operation(ctx)
	mustAdmit(t, first, err)
	second, err := c.Operation(ctx)
	mustAdmit(t, second, err)
	_, err = c.Operation(ctx)
	busyFor(t, err)
	first()
	first() // counts once
	third, err := c.Operation(ctx)
	mustAdmit(t, third, err)
	_, err = c.Operation(ctx)
	busyFor(t, err)

	stream, err := c.Stream(ctx)
	mustAdmit(t, stream, err)
	_, err = c.Stream(ctx)
	busyFor(t, err)
	stream()
	stream, err = c.Stream(ctx)
	mustAdmit(t, stream, err)
}

func TestWithoutTokenACallerIsItsAddress(t *testing.T) {
	for _, same := range [][2]string{{"10.0.0.1:1", "10.0.0.1:2"}, {"[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::9]:2"}, {"[fe80::1%eth0]:1", "[fe80::2%eth0]:1"}} {
		if a, b := callerOf(from(same[0], "")), callerOf(from(same[1], "")); a != b {
			t.Errorf("%s is %s, %s is %s, want one caller", same[0], a, same[1], b)
		}
	}
	for _, other := range [][2]string{{"10.0.0.1:1", "10.0.0.2:1"}, {"[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1"}} {
		if a, b := callerOf(from(other[0], "")), callerOf(from(other[1], "")); a == b {
			t.Errorf("%s and %s are both %s", other[0], other[1], a)
		}
	}
}

func TestCallersAreForgottenWhenTheyAreManyAndIdle(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCallers(project.Limits{Rate: 1, Burst: 1, Streams: 5}, func() time.Time { return now })
	kept, err := c.Stream(from("10.0.0.1:1", "kept"))
	mustAdmit(t, kept, err)
	for i := range 3 * keptCallers {
		done, err := c.Operation(from("10.0.0.1:1", fmt.Sprint("caller ", i)))
		mustAdmit(t, done, err)()
	}
	if len(c.known) > keptCallers || c.known["token kept"] == nil || c.known["token kept"].streams != 1 {
		t.Errorf("%d callers are known, and who has a stream open: %v", len(c.known), c.known["token kept"])
	}
}
