package postgres

import (
	"context"
	"slices"
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
			a.AggregatesDone = true
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
	folded := w.Kind == connectors.History && w.Every > 0 && w.Every%time.Microsecond == 0
	list := listing(b.Keys, w, folded)
	branches := o.branches(list.keys, &spread{out, list.places})
	if folded {
		branches = numbersOnly(branches, list, out)
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
			br.buckets(s, w, list.aggregates)
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
	r := &receiver{want: w, owners: owners, out: out, list: list, folded: folded}
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

// listed is the series of a batch, each once, with the aggregates that are wanted of them.
type listed struct {
	keys       []connectors.Key
	aggregates []connectors.Aggregate
	places     [][]int // for each key the position in the batch, for each aggregate; -1 where it is not wanted
}

// listing puts keys that differ in their aggregate alone together.
func listing(keys []connectors.Key, w connectors.Want, folded bool) *listed {
	l := &listed{aggregates: w.Aggregates}
	if w.Aggregates == nil || !folded {
		l.aggregates = []connectors.Aggregate{w.Aggregate}
	}
	at := map[string]int{}
	for i, k := range keys {
		column := max(0, slices.Index(l.aggregates, k.Aggregate))
		n, known := at[k.Ref]
		if !known || l.places[n][column] >= 0 {
			n = len(l.keys)
			at[k.Ref] = n
			l.keys, l.places = append(l.keys, k), append(l.places, slices.Repeat([]int{-1}, len(l.aggregates)))
		}
		l.places[n][column] = i
	}
	return l
}

// spread passes statuses on to all positions of a series.
type spread struct {
	connectors.Sink
	places [][]int
}

func (s *spread) Status(key int, status connectors.Status, why string) {
	for _, at := range s.places[key] {
		if at >= 0 {
			s.Sink.Status(at, status, why)
		}
	}
}

// numbersOnly refuses averages and sums of what are no numbers, and leaves out series of which nothing else is wanted.
func numbersOnly(branches []*branch, l *listed, out connectors.Sink) []*branch {
	for i, by := range l.aggregates {
		if by != connectors.Avg && by != connectors.Sum {
			continue
		}
		for _, b := range branches {
			if b.countable() {
				continue
			}
			for _, at := range b.at {
				if place := l.places[at][i]; place >= 0 {
					out.Status(place, connectors.Unsupported, string(by)+" needs numbers; ask for FIRST, LAST or COUNT")
					l.places[at][i] = -1
				}
			}
		}
	}
	return slices.DeleteFunc(branches, func(b *branch) bool {
		return !slices.ContainsFunc(b.at, func(at int) bool { return slices.Max(l.places[at]) >= 0 })
	})
}

// countable says whether the values of a branch have a sum.
func (b *branch) countable() bool { return b.value.codec.number() || b.value.codec.class == boolean }

// latest writes the newest row of each key. Each lateral subquery is one step down an index on (key, time).
func (b *branch) latest(s *sql) {
	keys, on := b.unnest(s)
	s.put("SELECT k.n, r.t, r.u, r.v, r.q FROM ", keys, " CROSS JOIN LATERAL (SELECT ", b.clock.micros("s"), " AS t, ", b.value.codec.read(b.column()), "::text AS v, ",
		b.qualityText(), " AS q, ", b.unitText(), " AS u FROM ", b.from, " AS s WHERE ", on, " AND ", b.column(), " IS NOT NULL AND ", b.clock.known("s"),
		b.clock.newest("s"), " LIMIT 1) AS r")
}

// history writes all rows of each key in the range.
func (b *branch) history(s *sql, w connectors.Want) {
	keys, on := b.unnest(s)
	s.put("SELECT k.n, r.t, r.u, r.v, r.q FROM ", keys, " CROSS JOIN LATERAL (SELECT ", b.clock.micros("s"), " AS t, ", b.value.codec.read(b.column()), "::text AS v, ",
		b.qualityText(), " AS q, ", b.unitText(), " AS u FROM ", b.from, " AS s WHERE ", on, " AND ", b.column(), " IS NOT NULL AND ",
		b.clock.within(s, "s", w.From, w.To), " ORDER BY s.", b.clock.column, " LIMIT ", strconv.Itoa(maxRaw), ") AS r")
}

// receiver takes the rows of a statement for series: position of the key, time, unit, value, quality; of buckets position,
// number, the first and the last unit, quality, and a value for each aggregate.
type receiver struct {
	want   connectors.Want
	owners map[int]*branch
	out    connectors.Sink
	list   *listed
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
	if r.folded {
		r.bucket(b, key, number, cells)
		return nil
	}
	m := connectors.Measurement{Quality: qualities[string(cells[4])], Unit: b.unitOf(cells[2]), Time: time.UnixMicro(number).UTC()}
	m.Value, err = b.value.codec.measured(cells[3])
	if m.Value.IsNull() {
		m.Quality = connectors.Bad
	}
	if err != nil {
		r.out.Status(key, connectors.BadData, err.Error())
		return nil
	}
	r.out.Measurement(key, m)
	return nil
}

// bucket takes one bucket of a series: units, quality, and one value for each aggregate.
func (r *receiver) bucket(b *branch, key int, number int64, cells [][]byte) {
	start := bucketStart(number, r.want)
	for i, by := range r.list.aggregates {
		place := r.list.places[key][i]
		if place < 0 {
			continue
		}
		if string(cells[2]) != string(cells[3]) {
			r.out.Status(place, connectors.BadData, "the unit changes within the series: "+string(cells[2])+" and "+string(cells[3]))
			continue
		}
		m := connectors.Measurement{Quality: qualities[string(cells[4])], Unit: b.unitOf(cells[2]), Time: start}
		var err error
		if m.Value, m.Unit, err = b.folded(by, cells[5+i], m.Unit); err != nil {
			r.out.Status(place, connectors.BadData, err.Error())
			continue
		}
		r.out.Measurement(place, m)
	}
}
