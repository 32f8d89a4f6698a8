package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"mereon/connectors"
)

// maxRaw is the highest number of measurements of one series in one answer; the runtime keeps one less and tells.
const maxRaw = 100_001

// planSeries takes everything but buckets that no whole number of microseconds divides.
func (c *Connector) planSeries(w connectors.Want) (connectors.Accept, error) {
	a := connectors.Accept{Want: w, Explain: "one statement: the newest row of each key by index (LATERAL ... LIMIT 1)"}
	if w.Kind == connectors.History {
		a.Explain = "one statement: rows of each key in the range"
		if w.Every > 0 {
			a.AggregateDone = w.Every%time.Microsecond == 0
		}
		if a.AggregateDone {
			a.Explain = "one statement: " + string(w.Aggregate) + " of each bucket and key"
		}
	}
	return a, nil
}

// measurements asks for series: one statement for all keys of all tables and columns.
func (c *Connector) measurements(ctx context.Context, o *offer, w connectors.Want, b connectors.Batch, out connectors.Sink) error {
	if len(o.series) == 0 {
		return c.broken(o)
	}
	branches := o.branches(b.Keys, out)
	if len(branches) == 0 {
		return nil
	}
	folded := w.Kind == connectors.History && w.Every > 0 && w.Every%time.Microsecond == 0
	if folded && (w.Aggregate == connectors.Avg || w.Aggregate == connectors.Sum) {
		branches = numbersOnly(branches, w.Aggregate, out)
	}
	s := &sql{}
	owners := map[int]*branch{}
	for i, br := range branches {
		if i > 0 {
			s.put(" UNION ALL ")
		}
		for _, at := range br.at {
			owners[at] = br
		}
		switch {
		case folded:
			br.buckets(s, w)
		case w.Kind == connectors.History:
			br.history(s, w)
		default:
			br.latest(s)
		}
	}
	if len(branches) == 0 {
		return nil
	}
	if w.Kind == connectors.History {
		s.put(" ORDER BY 1, 2")
	}
	tell(out, s.text.String())
	r := &receiver{want: w, owners: owners, out: out, folded: folded}
	return c.classify(ctx, c.database.run(ctx, []query{{text: s.text.String(), args: s.values(), row: r.row}}))
}

// tell tells what is sent, where the sink wants to know.
func tell(out connectors.Sink, statement string) {
	if teller, ok := out.(connectors.Teller); ok {
		teller.Asked(statement)
	}
}

func (s *sql) values() [][]byte {
	args := make([][]byte, len(s.args))
	for i, a := range s.args {
		args[i] = a.value
	}
	return args
}

// broken says why there are no series although the configuration has some.
func (c *Connector) broken(o *offer) error {
	return &connectors.Failure{Status: connectors.NotFound, Message: "no series can be read: " + strings.Join(append(o.missing, prefixed("no right to read ", o.denied)...), "; ")}
}

func prefixed(with string, texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = with + t
	}
	return out
}

func numbersOnly(branches []*branch, by connectors.Aggregate, out connectors.Sink) []*branch {
	var kept []*branch
	for _, b := range branches {
		if b.value.codec.number() || b.value.codec.class == boolean {
			kept = append(kept, b)
			continue
		}
		for _, at := range b.at {
			out.Status(at, connectors.Unsupported, string(by)+" needs numbers; ask for FIRST, LAST or COUNT")
		}
	}
	return kept
}

// latest writes the newest row of each key. Each lateral subquery is one step down an index on (key, time).
func (b *branch) latest(s *sql) {
	keys, on := b.unnest(s)
	s.put("SELECT k.n, r.t, r.v, r.q, r.u FROM ", keys, " CROSS JOIN LATERAL (SELECT ", b.clock.micros("s"), " AS t, ", b.value.codec.read(b.column()), "::text AS v, ",
		b.qualityText(), " AS q, ", b.unitText(), " AS u FROM ", b.from, " AS s WHERE ", on, " AND ", b.column(), " IS NOT NULL AND ", b.clock.known("s"),
		b.clock.newest("s"), " LIMIT 1) AS r")
}

// history writes all rows of each key in the range.
func (b *branch) history(s *sql, w connectors.Want) {
	keys, on := b.unnest(s)
	s.put("SELECT k.n, r.t, r.v, r.q, r.u FROM ", keys, " CROSS JOIN LATERAL (SELECT ", b.clock.micros("s"), " AS t, ", b.value.codec.read(b.column()), "::text AS v, ",
		b.qualityText(), " AS q, ", b.unitText(), " AS u FROM ", b.from, " AS s WHERE ", on, " AND ", b.column(), " IS NOT NULL AND ",
		b.clock.within(s, "s", w.From, w.To), " ORDER BY s.", b.clock.column, " LIMIT ", strconv.Itoa(maxRaw), ") AS r")
}

// receiver takes the rows of a statement for series: position of the key, time, value, quality, unit, and for buckets a
// second unit.
type receiver struct {
	want   connectors.Want
	owners map[int]*branch
	out    connectors.Sink
	folded bool
}

func (r *receiver) row(cells [][]byte) error {
	key, err := strconv.Atoi(string(cells[0]))
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(string(cells[1]), 10, 64)
	if err != nil {
		return err
	}
	b := r.owners[key]
	m := connectors.Measurement{Quality: qualities[string(cells[3])], Unit: b.unitOf(cells[4])}
	if r.folded {
		m.Time = bucketStart(number, r.want)
		if string(cells[4]) != string(cells[5]) {
			r.out.Status(key, connectors.BadData, "the unit changes within the series: "+string(cells[4])+" and "+string(cells[5]))
			return nil
		}
		m.Value, m.Unit, err = b.folded(r.want.Aggregate, cells[2], m.Unit)
	} else {
		m.Time = time.UnixMicro(number).UTC()
		m.Value, err = b.value.codec.measured(cells[2])
		if m.Value.IsNull() {
			m.Quality = connectors.Bad
		}
	}
	if err != nil {
		r.out.Status(key, connectors.BadData, err.Error())
		return nil
	}
	r.out.Measurement(key, m)
	return nil
}
