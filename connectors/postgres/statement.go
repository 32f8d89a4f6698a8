package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// statement is a planned question for records: its text is the same for any number of keys.
type statement struct {
	text  string
	args  []argument
	cells []cell // after the position of the key
	total bool   // then the last one is the number of matches
	keys  []*codec
}

// cell is one value of a row.
type cell struct {
	name   string
	decode func(text []byte) (schema.Value, error)
	oid    uint32 // of the type that decode was made for; 0: any
}

// source is a table in a statement under an alias, with the name that its columns have in front in the question.
type source struct {
	alias, prefix string
	*collection
}

// writing makes the statement of a question.
type writing struct {
	sql
	offer   *offer
	want    connectors.Want
	sources []source
}

// planRecords writes the statement of a question and says what of it the database does. The error says what is unknown.
func (o *offer) planRecords(w connectors.Want) (connectors.Accept, error) {
	s := &writing{offer: o, want: w}
	a := connectors.Accept{Want: w, OrderDone: len(w.Order) > 0, JoinsDone: len(w.Joins) > 0}
	if err := s.open(); err != nil {
		return a, err
	}
	joins, err := s.joins()
	if err != nil {
		return a, err
	}
	st := &statement{}
	for _, name := range w.Columns {
		_, f := s.find(name)
		if f == nil {
			return a, s.unknown(name)
		}
		st.cells = append(st.cells, cell{name, f.decode, f.codec.oid})
	}
	order, ok, err := s.order()
	if err != nil {
		return a, err
	}
	if !ok {
		a.OrderDone = false
	}
	if st.keys, err = s.keys(); err != nil {
		return a, err
	}
	var where string
	where, a.Residual = (&filter{&s.sql, s.find}).push(w.Where)
	a.LimitDone = a.Residual == nil && (a.OrderDone || len(w.Order) == 0)
	if !a.LimitDone {
		s.want.PerKey, s.want.Limit = 0, 0
	}
	st.total = w.Count && a.LimitDone && (w.PerKey > 0 || w.Limit > 0)
	s.write(st, joins, where, order)
	st.text, st.args = s.text.String(), s.args
	a.Handle, a.Explain = st, st.text
	return a, nil
}

func (s *writing) open() error {
	c := s.offer.collections[s.want.Collection]
	if c == nil {
		return fmt.Errorf("there is no collection %q; there is %s", s.want.Collection, strings.Join(s.offer.names, ", "))
	}
	s.sources = []source{{"t", "", c}}
	return nil
}

func (s *writing) unknown(name string) error {
	return fmt.Errorf("the collection %s has no column %q", s.want.Collection, name)
}

// find is the place of a column of the question, and what it holds.
func (s *writing) find(name string) (string, *field) {
	for i := len(s.sources) - 1; i >= 0; i-- {
		own, ok := strings.CutPrefix(name, s.sources[i].prefix)
		if !ok {
			continue
		}
		if f := s.sources[i].field(own); f != nil {
			return s.sources[i].alias + "." + quote(f.column), f
		}
	}
	return "", nil
}

// joins writes LEFT JOINs in front of everything else. An inner table whose columns are not unique gives its first row.
func (s *writing) joins() (string, error) {
	var b strings.Builder
	for i, j := range s.want.Joins {
		inner := s.offer.collections[j.Collection]
		if inner == nil {
			return "", fmt.Errorf("there is no collection %q to join; there is %s", j.Collection, strings.Join(s.offer.names, ", "))
		}
		alias := "j" + strconv.Itoa(i+1)
		var on, columns []string
		for _, pair := range j.On {
			left, outer := s.find(pair[0])
			right := inner.field(pair[1])
			if outer == nil || right == nil {
				return "", fmt.Errorf("the join %s has no columns %s and %s", j.Name, pair[0], pair[1])
			}
			if outer.codes != nil || right.codes != nil {
				return "", fmt.Errorf("the join %s needs columns without a map of codes", j.Name)
			}
			condition, ok := same(left, outer.codec, alias+"."+quote(right.column), right.codec)
			if !ok {
				return "", fmt.Errorf("the join %s compares %s with %s, which are never equal", j.Name, pair[0], pair[1])
			}
			on, columns = append(on, condition), append(columns, right.column)
		}
		if inner.table.unique(columns) {
			fmt.Fprintf(&b, " LEFT JOIN %s AS %s ON %s", inner.table.from(), alias, strings.Join(on, " AND "))
		} else {
			fmt.Fprintf(&b, " LEFT JOIN LATERAL (SELECT * FROM %s AS %s WHERE %s%s LIMIT 1) AS %s ON true", inner.table.from(), alias, strings.Join(on, " AND "), first(alias, inner), alias)
		}
		s.sources = append(s.sources, source{alias, j.Name + ".", inner})
	}
	return b.String(), nil
}

// first orders the rows of a table by what identifies them.
func first(alias string, c *collection) string {
	var by []string
	for _, name := range c.key {
		if f := c.field(name); f != nil && f.codec.ordered() {
			by = append(by, f.codec.order(alias+"."+quote(f.column)))
		}
	}
	if len(by) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(by, ", ")
}

// same compares two columns for equality, as it is decided here; false when their values are never equal.
func same(left string, a *codec, right string, b *codec) (string, bool) {
	switch {
	case !a.ordered() || !b.ordered():
		return "", false
	case a.texts() && b.texts() && (a.class != b.class || a.class == enumerated && a.typ != b.typ):
		return left + `::text COLLATE "C" = ` + right + `::text COLLATE "C"`, true
	case a.texts() && b.texts(), a.number() && b.number(), a.class == b.class, a.timed() && b.timed():
		return a.equal(left) + " = " + b.equal(right), true
	}
	return "", false
}

func (k *codec) number() bool { return k.class == integer || k.strange() }
func (k *codec) timed() bool  { return k.class == instant || k.class == wallClock }

// order writes ORDER BY; false when the database orders one of the columns in another way.
func (s *writing) order() (string, bool, error) {
	var by []string
	for _, o := range s.want.Order {
		column, f := s.find(o.Column)
		if f == nil {
			return "", false, s.unknown(o.Column)
		}
		if f.codes != nil || !f.codec.ordered() {
			return "", false, nil
		}
		text := f.codec.order(column)
		if o.Desc {
			text += " DESC"
			if f.codec.strange() || !f.source.notNull || !strings.HasPrefix(column, "t.") {
				text += " NULLS LAST"
			}
		}
		by = append(by, text)
	}
	if len(by) == 0 {
		return "", true, nil
	}
	return " ORDER BY " + strings.Join(by, ", "), true, nil
}

// keys adds the parameters of the keys: an array of positions, and one of each key column.
func (s *writing) keys() ([]*codec, error) {
	if len(s.want.KeyColumns) == 0 {
		return nil, nil
	}
	s.args = append(s.args, argument{key: -1})
	var codecs []*codec
	for i, name := range s.want.KeyColumns {
		_, f := s.find(name)
		if f == nil {
			return nil, s.unknown(name)
		}
		if f.codes != nil || !f.codec.ordered() || len(s.want.Joins) > 0 && s.sources[0].field(name) == nil {
			return nil, fmt.Errorf("rows of %s cannot be asked for by many values of %s", s.want.Collection, name)
		}
		codecs = append(codecs, f.codec)
		s.args = append(s.args, argument{key: i + 1, codec: f.codec})
	}
	return codecs, nil
}

// write puts the statement together. Rows of many keys come from a join with the keys; a limit for each key from a lateral
// subquery where an index leads to the rows of a key, else from numbered rows.
func (s *writing) write(st *statement, joins, where, order string) {
	columns := s.columns(st)
	from := s.sources[0].table.from() + " AS t"
	if len(s.want.KeyColumns) == 0 {
		s.put("SELECT 0, ", columns)
		if st.total {
			s.put(", count(*) OVER ()")
		}
		s.put(" FROM ", from, joins, clause(where), order, limit(s.want.Limit))
		return
	}
	keys, match, indexed := s.match(st.keys)
	switch {
	case s.want.PerKey == 0:
		s.put("SELECT k.n, ", columns, " FROM ", keys, " JOIN ", from, " ON ", match, joins, clause(where), order)
	case !st.total && s.sources[0].table.indexed(indexed):
		s.put("SELECT k.n, r.* FROM ", keys, " CROSS JOIN LATERAL (SELECT ", columns, " FROM ", from, joins, clause(match, where), order, limit(s.want.PerKey), ") AS r")
	default:
		over := " OVER (PARTITION BY k.n" + order + ")"
		s.put("SELECT n, ", outer(len(st.cells)))
		if st.total {
			s.put(", total")
		}
		s.put(" FROM (SELECT k.n, ", columns, ", row_number()", over, " AS place")
		if st.total {
			s.put(", count(*) OVER (PARTITION BY k.n) AS total")
		}
		s.put(" FROM ", keys, " JOIN ", from, " ON ", match, joins, clause(where), ") AS r WHERE place <= ", strconv.Itoa(s.want.PerKey), " ORDER BY n, place")
	}
}

func (s *writing) columns(st *statement) string {
	texts := make([]string, len(st.cells))
	for i, name := range s.want.Columns {
		column, f := s.find(name)
		texts[i] = f.codec.read(column) + " AS c" + strconv.Itoa(i)
	}
	if len(texts) == 0 {
		return "1"
	}
	return strings.Join(texts, ", ")
}

func outer(n int) string {
	texts := make([]string, n)
	for i := range n {
		texts[i] = "c" + strconv.Itoa(i)
	}
	if n == 0 {
		return "1"
	}
	return strings.Join(texts, ", ")
}

// match is the table of the keys, and the condition that a row belongs to one.
func (s *writing) match(codecs []*codec) (keys, on string, columns []string) {
	arrays, names, equal := []string{"$1::int4[]"}, []string{"n"}, []string{}
	for i, k := range codecs {
		arrays = append(arrays, "$"+strconv.Itoa(i+2)+"::"+k.typ+"[]")
		names = append(names, "k"+strconv.Itoa(i+1))
		column, f := s.find(s.want.KeyColumns[i])
		columns = append(columns, f.column)
		equal = append(equal, k.equal(column)+" = k.k"+strconv.Itoa(i+1))
	}
	return "unnest(" + strings.Join(arrays, ", ") + ") AS k(" + strings.Join(names, ", ") + ")", strings.Join(equal, " AND "), columns
}

func clause(conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(t string) bool { return t == "" })
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

func limit(n int) string {
	if n <= 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

// bind gives a statement its parameters for a batch. Keys that the types cannot hold are left out: they have no rows.
func (st *statement) bind(keys []connectors.Key) (args [][]byte, asked []int) {
	var positions array
	columns := make([]array, len(st.keys))
	texts := make([]string, len(st.keys))
	for i, key := range keys {
		if !st.texts(key.Values, texts) {
			continue
		}
		asked = append(asked, i)
		positions.addNumber(i)
		for c := range columns {
			columns[c].add(texts[c])
		}
	}
	for _, a := range st.args {
		switch {
		case a.key < 0:
			args = append(args, positions.bytes())
		case a.key > 0:
			args = append(args, columns[a.key-1].bytes())
		default:
			args = append(args, a.value)
		}
	}
	return args, asked
}

// changed says whether the types of an answer are not those that the statement was made for.
func (st *statement) changed(types []uint32) bool {
	for i, c := range st.cells {
		if i+1 < len(types) && c.oid != 0 && c.oid != types[i+1] {
			return true
		}
	}
	return false
}

func (st *statement) texts(values []schema.Value, into []string) bool {
	for c, k := range st.keys {
		text, ok := k.encode(values[c])
		if !ok {
			return false
		}
		into[c] = text
	}
	return true
}
