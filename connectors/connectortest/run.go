package connectortest

import (
	"context"
	"testing"
	"time"

	"mereon/connectors"
)

// Subject is a connector to be tested, and what its system is known to hold.
type Subject struct {
	Connector connectors.Connector
	// Series holds everything in each series up to Now, in order of time; it may be a part of the series the system has.
	Series map[string][]connectors.Measurement
	// Tables holds the rows of collections, all of them.
	Tables map[string]Table
	Now    time.Time
	// Template makes a reference of a value that was escaped; nil when the connector has no series.
	Template func(escaped string) string
	// Measure makes a system that pushes measure a new value of a series; nil when it does so by itself, or never.
	Measure func(key string, m connectors.Measurement)
}

// Run checks a connector against every rule of the contract. New makes a new subject for each group of rules; it closes
// what it opened, but not the connector.
func Run(t *testing.T, create func(t *testing.T) Subject) {
	rules := []struct {
		name  string
		check func(t *testing.T, s Subject)
	}{
		{"the description is consistent with the answers", description},
		{"planning is pure", purity},
		{"newest values are positional with a status per key", newest},
		{"history is closed-open, in order and complete", history},
		{"rows are those of a plain filter", records},
		{"through the runtime, rows are exactly what was asked for", throughRuntime},
		{"groups are those of all rows", groups},
		{"keys with nothing are empty, not failures", emptiness},
		{"a cancelled request returns", cancellation},
		{"requests may run at the same time", concurrency},
		{"an escaped value is only part of a key", escaping},
		{"a watch tells the same as a question", watching},
		{"closing twice is safe", closing},
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			s := create(t)
			t.Cleanup(func() {
				if err := s.Connector.Close(context.WithoutCancel(t.Context())); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			rule.check(t, s)
		})
	}
}
