package live

import (
	"cmp"
	"context"
	"slices"
	"time"

	"mereon/graph/query"
	"mereon/rules"
)

// activeAlarm is the alarm a rule cell raises now. When its inputs are lost it stays, marked as not confirmed: a dead
// sensor is no reason to take an alarm away.
type activeAlarm struct {
	state   string
	since   time.Time
	message string
	doubt   string // why it cannot be confirmed now
}

func (a *activeAlarm) text() string {
	if a.doubt == "" {
		return a.message
	}
	return a.message + " (not confirmed: " + a.doubt + ")"
}

// raise keeps the alarm of a rule cell in step with its state. The message is that of the moment it was raised.
func (h *Hub) raise(c *cell) {
	s := c.rule
	if s.set.Alarm == nil {
		return
	}
	known := s.running.Err == "" && len(s.running.Missing) == 0
	switch a := s.alarm; {
	case !known && a != nil:
		if a.doubt != c.why {
			a.doubt, h.alarmed = c.why, true
		}
	case !known:
	case !s.set.Raises(s.running.State):
		h.drop(c)
	case a == nil || a.state != s.running.State:
		s.alarm = &activeAlarm{state: s.running.State, since: s.running.Since, message: s.set.Message(s.running.State, s.values)}
		h.alarms[c], h.alarmed = struct{}{}, true
	case a.doubt != "":
		a.doubt, h.alarmed = "", true
	}
}

// drop takes the alarm of a cell away.
func (h *Hub) drop(c *cell) {
	if c.rule != nil && c.rule.alarm != nil {
		c.rule.alarm = nil
		delete(h.alarms, c)
		h.alarmed = true
	}
}

// Alarms implements query.States. Right after the start it waits, two seconds at most, until every source answered once.
func (h *Hub) Alarms(ctx context.Context) ([]query.Alarm, error) {
	h.await(ctx, h.settle)
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]query.Alarm, 0, len(h.alarms))
	for c := range h.alarms {
		a := c.rule.alarm
		out = append(out, query.Alarm{Entity: c.key.entity, RuleSet: c.key.set, State: a.state, Severity: c.rule.set.Alarm.Severity,
			Message: a.text(), Since: a.since})
	}
	slices.SortFunc(out, func(a, b query.Alarm) int {
		return cmp.Or(cmp.Compare(slices.Index(rules.Severities, a.Severity), slices.Index(rules.Severities, b.Severity)),
			a.Since.Compare(b.Since), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.RuleSet, b.RuleSet))
	})
	return out, nil
}

// settle says whether all standing rule sets were answered once; once they were, it stays true.
func (h *Hub) settle() bool {
	if h.isSettled {
		return true
	}
	for _, cells := range h.standing {
		for _, c := range cells {
			if !c.settled() {
				return false
			}
		}
	}
	h.isSettled = true
	return true
}

// alarmWatch is one caller of WatchAlarms.
type alarmWatch struct{ on func() }

// WatchAlarms implements query.States. on must not ask for States or Alarms.
func (h *Hub) WatchAlarms(on func()) (stop func()) {
	w := &alarmWatch{on}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onAlarms[w] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.onAlarms, w)
	}
}

func (h *Hub) alarmNotices() []func() {
	if !h.alarmed {
		return nil
	}
	h.alarmed = false
	var calls []func()
	for w := range h.onAlarms {
		calls = append(calls, w.on)
	}
	return calls
}
