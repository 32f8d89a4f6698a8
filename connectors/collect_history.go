package connectors

import (
	"time"

	"mereon/schema"
)

// maxPerSeries is the highest number of measurements kept for one series in one answer.
const maxPerSeries = 100_000

// ranges takes the answers of one request for history, and makes buckets of them where the source did not.
type ranges struct {
	want  Want
	fold  bool // buckets are made here
	most  int  // measurements kept in all
	zone  *time.Location
	now   time.Time
	got   []series
	kept  int
	whole bool // more came than is kept
}

type series struct {
	Range
	by     Aggregate // of buckets that are made here
	bucket bucket
	last   time.Time
	bad    *Failure
}

func (r *ranges) Measurement(key int, m Measurement) {
	s := &r.got[key]
	if s.bad != nil || s.Status == Truncated {
		return
	}
	if why := r.check(s, &m); why != "" {
		s.bad = &Failure{Status: BadData, Message: why}
		return
	}
	s.last = m.Time
	if !r.fold {
		r.keep(s, m)
		return
	}
	if !s.bucket.holds(m.Time) {
		r.flush(s)
		s.bucket = bucketAt(m.Time, r.want.Every, r.zone)
	}
	if why := s.bucket.add(m); why != "" {
		s.bad = &Failure{Status: BadData, Message: why}
	}
}

func (r *ranges) check(s *series, m *Measurement) string {
	if why := m.check(r.now); why != "" {
		return why
	}
	from := r.want.From
	if r.want.Every > 0 && !r.fold {
		from = bucketAt(from, r.want.Every, r.zone).start
	}
	switch {
	case m.Time.Before(from) || !m.Time.Before(r.want.To):
		return "the source sent values outside the range that was asked for"
	case m.Time.Before(s.last):
		return "the source sent values that are not in order of time"
	}
	return ""
}

func (r *ranges) keep(s *series, m Measurement) {
	if len(s.Measurements) >= maxPerSeries || r.kept >= r.most {
		s.Status, s.Until = Truncated, m.Time
		s.Why = "more values than are kept for one answer; ask for a shorter range or for buckets (every)"
		r.whole = r.kept >= r.most
		return
	}
	s.Measurements = append(s.Measurements, m)
	r.kept++
}

// flush ends the current bucket. A bucket without usable values gives no point, so that gaps stay visible.
func (r *ranges) flush(s *series) {
	m, ok, why := s.bucket.result(s.by)
	if why != "" && s.bad == nil {
		s.bad = &Failure{Status: Unsupported, Message: why}
	}
	if ok {
		r.keep(s, m)
	}
	s.bucket = bucket{}
}

func (r *ranges) Row(key int, _ []schema.Value) {
	r.got[key].bad = &Failure{Status: BadData, Message: "the source sent a row where measurements were asked for"}
}

func (r *ranges) Total(int, int) {}

func (r *ranges) Status(key int, status Status, why string) {
	s := &r.got[key]
	s.Status, s.Why = status, why
	if status == BadData {
		s.bad = &Failure{Status: BadData, Message: why}
	}
}

func (r *ranges) Truncated(key int, until time.Time) {
	s := &r.got[key]
	if s.Status == Truncated && s.Until.Before(until) {
		return
	}
	s.Status, s.Until = Truncated, until.UTC()
	s.Why = "the source did not send all of the range"
}

// settled is false for series with measurements: those of a failed request may be only a part.
func (r *ranges) settled(key int) bool {
	s := &r.got[key]
	return s.bad != nil || s.Status != "" && s.Status != Truncated
}

func (r *ranges) full() bool { return r.whole }

func (r *ranges) answer(key int) (Range, *Failure) {
	s := &r.got[key]
	if s.Status == Truncated && !s.bucket.start.IsZero() && s.Until.Before(s.bucket.end) {
		if s.bucket.start.Before(s.Until) {
			s.Until = s.bucket.start
		}
		s.bucket = bucket{} // a part of a bucket would look like all of it
	}
	if s.bucket.n > 0 || s.bucket.left > 0 {
		r.flush(s)
	}
	if s.bad != nil {
		return Range{}, s.bad
	}
	switch {
	case s.Status == "" && r.whole:
		s.Status, s.Until, s.Why = Truncated, r.want.From, "the answer was cut off; ask for fewer series or a shorter range"
		if !s.last.IsZero() {
			s.Until = s.last
		}
	case s.Status == "" && len(s.Measurements) == 0:
		s.Status = Empty
	case s.Status == "":
		s.Status = OK
	case s.Status != OK && s.Status != Truncated && s.Status != Empty:
		s.Measurements = nil
	}
	return s.Range, nil
}
