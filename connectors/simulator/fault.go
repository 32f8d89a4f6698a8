package simulator

import (
	"time"

	"mereon/connectors"
	"mereon/schema/fault"
)

// disturbance is a time in which something goes wrong, once in each Every, or always.
type disturbance struct {
	Kind  string        `yaml:"kind"`
	Every time.Duration `yaml:"every"`
	Start time.Duration `yaml:"at"`
	For   time.Duration `yaml:"for"`
	By    time.Duration `yaml:"by"`
	At    fault.Position
}

var kinds = [...]string{"gap", "freeze", "bad", "uncertain", "late", "outage"}

// active says whether t is in it, and since when.
func (d *disturbance) active(t int64) (since int64, yes bool) {
	if d.Every == 0 {
		return 0, true
	}
	begin := floor(t, int64(d.Every))*int64(d.Every) + int64(d.Start)
	if t < begin {
		begin -= int64(d.Every)
	}
	return begin, t < begin+int64(d.For)
}

func anyActive(all []disturbance, kind string, t int64) (*disturbance, int64, bool) {
	for i := range all {
		if d := &all[i]; d.Kind == kind {
			if since, yes := d.active(t); yes {
				return d, since, true
			}
		}
	}
	return nil, 0, false
}

// at is the measurement made at t, a multiple of the period, as it is known at now; false when there is none.
func (s *series) at(t, now int64) (connectors.Measurement, bool) {
	if _, _, gone := anyActive(s.faults, "gap", t); gone {
		return connectors.Measurement{}, false
	}
	if d, _, late := anyActive(s.faults, "late", t); late && t+int64(d.By) > now {
		return connectors.Measurement{}, false
	}
	quality, valid := connectors.Good, t
	if _, _, yes := anyActive(s.faults, "uncertain", t); yes {
		quality = connectors.Uncertain
	}
	if _, _, yes := anyActive(s.faults, "bad", t); yes {
		quality = connectors.Bad
	}
	if _, since, frozen := anyActive(s.faults, "freeze", t); frozen {
		valid = floor(since, s.period) * s.period
	}
	return s.measure(t, valid, quality), true
}

// newest is the last measurement that is known at now; false when there is none for a long time.
func (s *series) newest(now int64) (connectors.Measurement, bool) {
	t := floor(now, s.period) * s.period
	for range 1000 {
		if m, ok := s.at(t, now); ok {
			return m, true
		}
		t = s.before(t, now)
	}
	return connectors.Measurement{}, false
}

// before is the next multiple of the period to look at when there is no measurement at t: before a gap, or what has
// arrived.
func (s *series) before(t, now int64) int64 {
	earlier := t - s.period
	if _, since, gone := anyActive(s.faults, "gap", t); gone {
		return min(earlier, floor(since-1, s.period)*s.period)
	}
	if d, since, late := anyActive(s.faults, "late", t); late {
		arrived := floor(now-int64(d.By), s.period) * s.period
		return min(earlier, max(arrived, floor(since-1, s.period)*s.period))
	}
	return earlier
}
