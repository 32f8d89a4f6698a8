package scenes

import (
	"strconv"
	"strings"
	"time"

	"mereon/schema/fault"
)

// publish evaluates what is dirty and makes one frame of what changed. It says whether there was anything.
func (s *stage) publish(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := false
	next := s.seq + 1
	for _, slot := range s.pending {
		s.dirty[slot] = false
		o := s.table.programs[slot].evaluate(s.sources)
		if !o.sameValue(&s.outputs[slot]) {
			s.since[slot].value, changed = next, true
		}
		if !o.sameQuality(&s.outputs[slot]) {
			s.since[slot].quality, changed = next, true
		}
		s.outputs[slot] = o
	}
	s.pending = s.pending[:0]
	if !changed {
		return false
	}
	prev := s.seq
	s.advance()
	f := s.delta(prev, now)
	s.last, s.prev = &f, prev
	return true
}

// advance begins the next seq and rings the bell.
func (s *stage) advance() {
	s.seq++
	s.last, s.full, s.diffs = nil, nil, nil
	close(s.bell)
	s.bell = make(chan struct{})
}

// delta encodes what changed after seq from.
func (s *stage) delta(from uint64, now time.Time) Frame {
	var values, qualities []int32
	for i := range s.since {
		if s.since[i].value > from {
			values = append(values, int32(i))
		}
		if s.since[i].quality > from {
			qualities = append(qualities, int32(i))
		}
	}
	e := &encoder{b: make([]byte, 0, 96+16*len(values)+24*len(qualities))}
	e.begin(s.epoch, s.seq)
	e.number("prev", int64(from))
	e.number("t", now.UnixMilli())
	e.columns(s.table, s.outputs, values, qualities)
	return Frame{Epoch: s.epoch, Seq: s.seq, Data: e.end()}
}

// first returns the first message at the present seq.
func (s *stage) first(now time.Time) (Frame, error) {
	if s.full == nil || now.Sub(s.fullAt) > time.Second {
		e := &encoder{b: make([]byte, 0, 1024+256*len(s.outputs))}
		e.begin(s.epoch, s.seq)
		e.number("t", now.UnixMilli())
		if err := e.heading(s.table, s.live.options.Tick.Milliseconds()); err != nil {
			return Frame{}, fault.Wrap(fault.Internal, err, "first message of scene %s", s.scene)
		}
		all := make([]int32, len(s.outputs))
		for i := range all {
			all[i] = int32(i)
		}
		e.columns(s.table, s.outputs, all, notFresh(s.outputs))
		s.full, s.fullAt = &Frame{Epoch: s.epoch, Seq: s.seq, Data: e.end()}, now
	}
	return *s.full, nil
}

// after returns the frame that leads from seq to the present one: the newest frame if it fits, else a difference, shared by
// all who are as late.
func (s *stage) after(seq uint64, now time.Time) Frame {
	if s.last != nil && s.prev == seq {
		return *s.last
	}
	f, ok := s.diffs[seq]
	if !ok {
		f = s.delta(seq, now)
		if s.diffs == nil {
			s.diffs = map[uint64]Frame{}
		}
		s.diffs[seq] = f
	}
	return f
}

// beat returns a sign of life.
func (s *stage) beat(now time.Time) Frame {
	e := &encoder{b: make([]byte, 0, 96)}
	e.begin(s.epoch, s.seq)
	e.number("prev", int64(s.seq))
	e.number("t", now.UnixMilli())
	return Frame{Epoch: s.epoch, Seq: s.seq, Data: e.end()}
}

// resumable returns the seq a cursor text of this stage's present table stands for.
func (s *stage) resumable(cursor string) (uint64, bool) {
	epoch, text, ok := strings.Cut(cursor, ":")
	seq, err := strconv.ParseUint(text, 10, 64)
	return seq, ok && err == nil && epoch == s.epoch && seq >= s.tableSeq && seq <= s.seq
}
