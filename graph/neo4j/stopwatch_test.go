package neo4j_test

import "time"

// stopwatch adds up what its runs take.
type stopwatch struct{ total time.Duration }

func (s *stopwatch) run(f func()) {
	start := time.Now()
	f()
	s.total += time.Since(start)
}

func (s *stopwatch) millis() float64 { return float64(s.total.Microseconds()) / 1000 }
