package file

import (
	"sort"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema/document"
)

// replayConfig says how recorded times become the present.
type replayConfig struct {
	Loop bool   `yaml:"loop"`
	Now  string `yaml:"now"`
}

// replay is how recorded times become the present. The zero replay leaves them as they are.
type replay struct {
	loop bool // the recording is repeated for ever, counted from 1970
	end  bool // the clock stands at the end of the recording
}

func replayOf(d *document.Decoder, n *yaml.Node, c *replayConfig, series bool) replay {
	if c == nil {
		return replay{}
	}
	r := replay{loop: c.Loop, end: c.Now == "end"}
	switch {
	case c.Now != "" && c.Now != "end":
		d.Wrong(n, "Write replay: {now: end}.", "the clock of a replay can only be pinned to \"end\", not %q", c.Now)
	case r.loop && r.end:
		d.Wrong(n, "Keep one of them.", "a replay either loops or stands at its end")
	case (r.loop || r.end) && !series:
		d.Wrong(n, "", "\"replay\" belongs to series, not to collections")
	}
	return r
}

// Now is the clock: of the day, or 1 ms after the last row of a recording that is pinned to its end, so that a range up to
// now holds that row.
func (f *Connector) Now() time.Time {
	if f.replay.end && f.series != nil {
		if i := f.series.peek(); i != nil && len(i.groups) > 0 {
			return time.Unix(0, i.last).UTC().Add(time.Millisecond)
		}
	}
	return f.now().UTC()
}

// cycle is how long one round of a loop takes: the recording, and the usual time between two of its values.
func (i *index) cycle() int64 {
	longest, step := 0, int64(time.Second)
	for _, g := range i.groups {
		if n := len(g.times); n > longest && n > 1 {
			longest, step = n, (g.times[n-1]-g.times[0])/int64(n-1)
		}
	}
	second := int64(time.Second)
	return (i.last - i.first + max(step, second) + second - 1) / second * second
}

// round is the number of the round at t, and the recorded time that it shows.
func (i *index) round(t int64) (number, recorded, cycle int64) {
	cycle = i.cycle()
	number = floorDiv(t, cycle)
	return number, i.first + t - number*cycle, cycle
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// newest is the last measurement of a series that is known at now.
func (r replay) newest(i *index, p pointer, now time.Time) (connectors.Measurement, bool, error) {
	if !r.loop {
		m, _, ok, err := i.before(p, len(p.group.times))
		return m, ok, err
	}
	number, recorded, cycle := i.round(now.UnixNano())
	n := sort.Search(len(p.group.times), func(k int) bool { return p.group.times[k] > recorded })
	m, _, ok, err := i.before(p, n)
	if !ok && err == nil {
		number--
		m, _, ok, err = i.before(p, len(p.group.times))
	}
	m.Time = m.Time.Add(time.Duration(number*cycle - i.first))
	return m, ok, err
}

// next is the time until the next row of a series.
func (r replay) next(i *index, p pointer, now time.Time) time.Duration {
	_, recorded, cycle := i.round(now.UnixNano())
	n := sort.Search(len(p.group.times), func(k int) bool { return p.group.times[k] > recorded })
	if n < len(p.group.times) {
		return time.Duration(p.group.times[n] - recorded)
	}
	return time.Duration(p.group.times[0] + cycle - recorded)
}

// maxRounds bounds the rounds of a loop that one range may cover.
const maxRounds = 100_000

// parts are the rows of a range, in order of time. A loop shows nothing after now.
func (r replay) parts(i *index, g *group, from, to, now time.Time) []part {
	if !r.loop {
		a, b := g.rowsOf(from.UnixNano(), to.UnixNano())
		return []part{{from: a, to: b}}
	}
	if after := now.Add(1); to.After(after) {
		to = after
	}
	var parts []part
	first, _, cycle := i.round(from.UnixNano())
	for number := first; number*cycle < to.UnixNano() && number-first < maxRounds; number++ {
		shift := number*cycle - i.first
		if a, b := g.rowsOf(from.UnixNano()-shift, to.UnixNano()-shift); b > a {
			parts = append(parts, part{a, b, time.Duration(shift)})
		}
	}
	return parts
}
