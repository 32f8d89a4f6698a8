package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// planGroups writes the statement of a question for groups. Where a part of the filter is left to the engine, or a key of
// the batch cannot be joined with, the engine makes the groups of rows.
func (o *offer) planGroups(w connectors.Want) (connectors.Accept, error) {
	s := &writing{offer: o, want: w}
	left := connectors.Accept{Want: w}
	if err := s.open(); err != nil {
		return left, err
	}
	joins, err := s.joins()
	if err != nil {
		return left, err
	}
	st := &statement{}
	if st.keys, err = s.keys(); err != nil {
		return left, err
	}
	results, err := s.results(st)
	if err != nil {
		return left, err
	}
	where, residual := (&filter{&s.sql, s.find}).push(w.Where)
	if residual != nil {
		left.Residual = residual
		return left, nil
	}
	st.total = w.Count && (w.PerKey > 0 || w.Limit > 0)
	s.writeGroups(st, results, joins, where)
	st.text, st.args = s.text.String(), s.args
	return connectors.Accept{Want: w, Handle: st, Explain: st.text, OrderDone: true, LimitDone: true, AggregateDone: true, JoinsDone: len(w.Joins) > 0}, nil
}

// results are the expressions of keys and measures, and how their texts are read.
func (s *writing) results(st *statement) ([]string, error) {
	var texts []string
	for i := range s.want.Group {
		g := &s.want.Group[i]
		column, f := s.find(g.Column)
		if f == nil {
			return nil, s.unknown(g.Column)
		}
		text, decode, err := s.bucket(column, f, g)
		if err != nil {
			return nil, err
		}
		texts, st.cells = append(texts, text), append(st.cells, cell{name: g.Name(), decode: decode})
	}
	for i := range s.want.Measures {
		m := &s.want.Measures[i]
		text, decode, err := s.measure(m)
		if err != nil {
			return nil, err
		}
		texts, st.cells = append(texts, text), append(st.cells, cell{name: m.Name(), decode: decode})
	}
	return texts, nil
}

// plain is the expression of a column whose values are those that are read here, comparable and ordered as here.
func (s *writing) plain(column string, f *field) (string, *codec) {
	k := f.codec
	if f.codes != nil {
		return s.named(column, f), &codec{class: textual}
	}
	switch k.class {
	case textual, padded, folded, shown, enumerated, uuid:
		return "(" + column + `::text COLLATE "C")`, &codec{class: textual}
	case single, double, numeric:
		return k.order(column), k
	case day:
		return between(column, "date '"+firstDate+"'", "date '"+lastDate+"'"), k
	case instant, wallClock:
		return between(k.read(column), "timestamptz '"+timeText(firstTime)+"'", "timestamptz '"+timeText(lastTime)+"'"), k
	}
	return column, k
}

// between moves what is beyond the first and the last to them.
func between(text, first, last string) string {
	return "CASE WHEN " + text + " < " + first + " THEN " + first + " WHEN " + text + " > " + last + " THEN " + last + " ELSE " + text + " END"
}

// named writes the names of codes in the place of the codes.
func (s *writing) named(column string, f *field) string {
	var b strings.Builder
	b.WriteString("(CASE " + column + "::text")
	codes := make([]string, 0, len(f.codes))
	for code := range f.codes {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		b.WriteString(" WHEN " + s.value(code, "text") + " THEN " + s.value(f.codes[code], "text"))
	}
	return b.String() + " ELSE " + column + `::text END COLLATE "C")`
}

var truncation = map[connectors.Unit]string{connectors.Day: "day", connectors.Week: "week", connectors.Month: "month", connectors.Quarter: "quarter", connectors.Year: "year"}

// bucket is the key of a row: its value, or the begin of its bucket. Begins that depend on a time zone are read as days
// there, so that a day that has no midnight begins as it does in the engine.
func (s *writing) bucket(column string, f *field, g *connectors.GroupBy) (string, func([]byte) (schema.Value, error), error) {
	text, k := s.plain(column, f)
	if !g.Divides() {
		return text, k.decode, nil
	}
	zone, err := g.Zone()
	if err != nil {
		return "", nil, err
	}
	local := text
	switch {
	case k.class == day:
		zone = nil
	case g.Unit == connectors.Hour || g.Unit == "" && g.Every%dayLength != 0:
		return s.every(text, g), decodeMicros, nil
	case k.class == instant || k.class == wallClock:
		local = "((" + text + ") AT TIME ZONE " + s.value(zone.String(), "text") + ")::date"
	default:
		return "", nil, fmt.Errorf("%s is no time; only times have buckets", g.Column)
	}
	if unit, ok := truncation[g.Unit]; ok {
		return "date_trunc('" + unit + "', (" + local + ")::timestamp)::date", decodeDay(zone), nil
	}
	days := strconv.FormatInt(int64(g.Every/dayLength), 10)
	return "(date '1970-01-01' + floor(((" + local + ") - date '1970-01-01')::numeric / " + days + ")::int4 * " + days + ")", decodeDay(zone), nil
}

// every is the begin of a short bucket, in microseconds since 1970 UTC.
func (s *writing) every(text string, g *connectors.GroupBy) string {
	length := g.Every
	if g.Unit == connectors.Hour {
		length = time.Hour
	}
	micros := strconv.FormatInt(length.Microseconds(), 10)
	return "(floor(extract(epoch FROM (" + text + ")) * 1000000 / " + micros + ")::int8 * " + micros + ")"
}

func decodeMicros(text []byte) (schema.Value, error) {
	if text == nil {
		return schema.Null, nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return schema.TimeOf(clampTime(time.UnixMicro(n).UTC())), wrong(err, "number")
}

// decodeDay reads a day as a Date where zone is nil, else as its begin there.
func decodeDay(zone *time.Location) func([]byte) (schema.Value, error) {
	return func(text []byte) (schema.Value, error) {
		if text == nil {
			return schema.Null, nil
		}
		date := clampDate(string(text))
		if zone == nil {
			return schema.DateOf(date), nil
		}
		t, err := time.Parse(time.DateOnly, date)
		y, m, d := t.Date()
		return schema.TimeOf(clampTime(time.Date(y, m, d, 0, 0, 0, 0, zone).UTC())), wrong(err, "day")
	}
}

// measure is the expression of a measure.
func (s *writing) measure(m *connectors.Measure) (string, func([]byte) (schema.Value, error), error) {
	whole := &codec{class: integer}
	if m.Column == "" {
		return "count(*)", whole.decode, nil
	}
	column, f := s.find(m.Column)
	if f == nil {
		return "", nil, s.unknown(m.Column)
	}
	if m.Func == connectors.Count && !f.codec.strange() {
		return "count(" + column + ")", whole.decode, nil
	}
	text, k := s.plain(column, f)
	name := map[connectors.Aggregate]string{connectors.Count: "count", connectors.Min: "min", connectors.Max: "max", connectors.Sum: "sum", connectors.Avg: "avg"}[m.Func]
	switch {
	case name == "":
		return "", nil, fmt.Errorf("there is no measure %s; there are COUNT, MIN, MAX, AVG and SUM", m.Func)
	case m.Func == connectors.Count:
		return "count(" + text + ")", whole.decode, nil
	case m.Func == connectors.Min && k.class == boolean:
		return "bool_and(" + text + ")", k.decode, nil
	case m.Func == connectors.Max && k.class == boolean:
		return "bool_or(" + text + ")", k.decode, nil
	case !k.ordered():
		return "", nil, fmt.Errorf("%s has no order and no sum", m.Column)
	case m.Func == connectors.Min || m.Func == connectors.Max:
		return name + "(" + text + ")", k.decode, nil
	case !k.number():
		return "", nil, fmt.Errorf("%s needs numbers, which %s does not hold", m.Func, m.Column)
	case k.class == single:
		text = text + "::text::float8"
	}
	if m.Func == connectors.Avg {
		return "avg(" + text + ")", (&codec{class: double}).decode, nil
	}
	return "sum(" + text + ")", k.sum, nil
}

// sum reads a sum: of whole numbers a whole number while it fits, of numerics a numeric.
func (k *codec) sum(text []byte) (schema.Value, error) {
	if k.class != integer {
		return k.decode(text)
	}
	if v, err := k.decode(text); err == nil {
		return v, nil
	}
	return (&codec{class: double}).decode(text)
}

// writeGroups puts the statement together: groups in the inner SELECT, their order and number around it.
func (s *writing) writeGroups(st *statement, results []string, joins, where string) {
	order := s.groupOrder()
	columns := make([]string, 0, len(results)+1)
	for i, text := range results {
		columns = append(columns, text+" AS c"+strconv.Itoa(i))
	}
	by := make([]string, 0, len(s.want.Group)+1)
	for i := range s.want.Group {
		by = append(by, strconv.Itoa(i+1))
	}
	from := s.sources[0].table.from() + " AS t" + joins + clause(where)
	keyed := len(s.want.KeyColumns) > 0
	if keyed {
		keys, match, _ := s.match(st.keys)
		from = keys + " JOIN " + s.sources[0].table.from() + " AS t ON " + match + joins + clause(where)
		columns, by = append(columns, "k.n"), append(by, "k.n")
	}
	inner := "SELECT " + strings.Join(columns, ", ") + " FROM " + from
	if len(by) > 0 {
		inner += " GROUP BY " + strings.Join(by, ", ")
	}
	n, part := "0", ""
	if keyed {
		n, part = "n", "PARTITION BY n"
	}
	s.put("SELECT ", n, ", ", outer(len(results)))
	if st.total {
		s.put(", total")
	}
	s.put(" FROM (SELECT *")
	if st.total {
		s.put(", count(*) OVER (", part, ") AS total")
	}
	if keyed && s.want.PerKey > 0 {
		s.put(", row_number() OVER (", part, order, ") AS place")
	}
	s.put(" FROM (", inner, ") AS g) AS r")
	if keyed && s.want.PerKey > 0 {
		s.put(" WHERE place <= ", strconv.Itoa(s.want.PerKey))
	}
	s.put(order)
	if !keyed {
		s.put(limit(s.want.Limit))
	}
}

// groupOrder is the order of the results, completed by the keys.
func (s *writing) groupOrder() string {
	var names []string
	for i := range s.want.Group {
		names = append(names, s.want.Group[i].Name())
	}
	keys := len(names)
	for i := range s.want.Measures {
		names = append(names, s.want.Measures[i].Name())
	}
	var by []string
	done := map[string]bool{}
	for _, o := range s.want.Order {
		if i := slices.Index(names, o.Column); i >= 0 {
			text := "c" + strconv.Itoa(i)
			if o.Desc {
				text += " DESC NULLS LAST"
			}
			by, done[o.Column] = append(by, text), true
		}
	}
	for i, name := range names[:keys] {
		if !done[name] {
			by = append(by, "c"+strconv.Itoa(i))
		}
	}
	if len(by) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(by, ", ")
}
