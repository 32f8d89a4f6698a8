package query

import (
	"context"
	"slices"
	"sync"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// fakeStates runs no rules: it says what it was told.
type fakeStates struct {
	mu      sync.Mutex
	states  map[graph.EntityID][]State
	alarms  []Alarm
	calls   int
	watches map[int]func()
	next    int
}

func newFakeStates() *fakeStates {
	ramp := 0.5
	return &fakeStates{
		watches: map[int]func(){},
		states: map[graph.EntityID][]State{"pump-1": {{
			RuleSet: "bearing", State: "warning", Scalar: &ramp, Since: noon.Add(-time.Minute), Severity: "warning", Message: "warm",
			Inputs: []Input{{Name: "t", Path: "temperature", Value: schema.FloatOf(60), Unit: "Cel", Time: noon, Status: "OK"}},
			Steps:  []Step{{State: "alarm", When: "t > 90.0", Result: "false"}, {State: "warning", When: "t > 50.0", Result: "true", Winner: true, Holding: 3 * time.Second}},
		}}, "pump-2": {{RuleSet: "bearing", Unknown: []string{"t"}}}},
		alarms: []Alarm{
			{Entity: "pump-1", RuleSet: "bearing", State: "warning", Severity: "warning", Message: "warm", Since: noon.Add(-time.Minute)},
			{Entity: "gone", RuleSet: "bearing", State: "info", Severity: "info", Message: "was here"},
		},
	}
}

func (f *fakeStates) States(_ context.Context, ids []graph.EntityID) ([][]State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	out := make([][]State, len(ids))
	for i, id := range ids {
		out[i] = f.states[id]
	}
	return out, nil
}

func (f *fakeStates) Alarms(context.Context) ([]Alarm, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.alarms), nil
}

func (f *fakeStates) watch(on func()) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	n := f.next
	f.watches[n] = on
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watches, n)
	}
}

func (f *fakeStates) WatchStates(_ []graph.EntityID, on func(graph.EntityID)) (stop func()) {
	return f.watch(func() { on("") })
}

func (f *fakeStates) WatchAlarms(on func()) (stop func()) { return f.watch(on) }

// change applies a change and tells everybody who watches.
func (f *fakeStates) change(how func()) {
	f.mu.Lock()
	how()
	var tell []func()
	for _, on := range f.watches {
		tell = append(tell, on)
	}
	f.mu.Unlock()
	for _, on := range tell {
		on()
	}
}
