package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// series is a table of measurements whose columns were found.
type series struct {
	*layout
	from   string
	keys   []*column // in the order of the placeholders
	clock  *clock
	values []*column // one for long tables, one for each signal for wide ones
}

// bind finds the columns of a layout in its table; what is missing is noted.
func (o *offer) bind(l *layout, t *table) {
	s := &series{layout: l, from: t.from()}
	before := len(o.missing) + len(o.denied)
	find := func(name string) *column {
		c := t.column(name)
		switch {
		case c == nil:
			o.missing = append(o.missing, fmt.Sprintf("series %s: %s has no column %s; it has %s", l.ref.text, t.label(), name, strings.Join(t.names(), ", ")))
		case !c.readable:
			o.denied = append(o.denied, t.label()+"."+name)
		}
		return c
	}
	for _, name := range l.ref.names() {
		c := find(name)
		if c != nil && !c.codec.ordered() {
			o.missing = append(o.missing, fmt.Sprintf("series %s: %s is of type %s, which identifies nothing", l.ref.text, name, c.shown))
		}
		s.keys = append(s.keys, c)
	}
	if c := find(l.time.column); c != nil {
		var why string
		if s.clock, why = newClock(c, l.time.format, c.codec.location()); why != "" {
			o.missing = append(o.missing, "series "+l.ref.text+": "+why)
		}
	}
	for _, name := range []string{l.quality, l.unit} {
		if name != "" {
			find(name)
		}
	}
	for _, name := range l.signals(t) {
		s.values = append(s.values, find(name))
	}
	if len(o.missing)+len(o.denied) == before {
		o.series = append(o.series, s)
	}
}

// signals are the columns that hold values: those listed, else every number and truth value that is nothing else.
func (l *layout) signals(t *table) []string {
	switch {
	case l.value != "":
		return []string{l.value}
	case len(l.values) > 0:
		return l.values
	}
	taken := append(l.ref.names(), l.time.column, l.quality, l.unit)
	var names []string
	for _, c := range t.columns {
		if c.readable && !slices.Contains(taken, c.name) && (c.codec.number() || c.codec.class == boolean) {
			names = append(names, c.name)
		}
	}
	return names
}

// branch is the keys of a batch that are read from one column of one table.
type branch struct {
	*series
	value *column
	at    []int      // positions in the batch
	texts [][]string // of each key column
}

// branches divides a batch by table and column. References that fit nothing are NOT_FOUND.
func (o *offer) branches(keys []connectors.Key, out connectors.Sink) []*branch {
	var all []*branch
	for i, key := range keys {
		b, texts := o.resolve(&all, key.Ref)
		if b == nil {
			out.Status(i, connectors.NotFound, "no series "+key.Ref+"; the connector has "+strings.Join(o.references(), ", "))
			continue
		}
		if texts == nil { // a value that the key column cannot hold
			continue
		}
		b.at = append(b.at, i)
		for c := range texts {
			b.texts[c] = append(b.texts[c], texts[c])
		}
	}
	return slices.DeleteFunc(all, func(b *branch) bool { return len(b.at) == 0 })
}

func (o *offer) references() []string {
	texts := make([]string, len(o.series))
	for i, s := range o.series {
		texts[i] = s.ref.text
	}
	return texts
}

func (o *offer) resolve(all *[]*branch, ref string) (*branch, []string) {
	for _, s := range o.series {
		values, name, ok := s.ref.match(ref)
		if !ok {
			continue
		}
		value := s.values[0]
		if s.ref.hasColumn() {
			i := slices.IndexFunc(s.values, func(c *column) bool { return c.name == name })
			if i < 0 {
				continue
			}
			value = s.values[i]
		}
		return branchOf(all, s, value), s.encode(values)
	}
	return nil, nil
}

func branchOf(all *[]*branch, s *series, value *column) *branch {
	for _, b := range *all {
		if b.series == s && b.value == value {
			return b
		}
	}
	b := &branch{series: s, value: value, texts: make([][]string, len(s.keys))}
	*all = append(*all, b)
	return b
}

// encode writes the texts of a reference in the types of the key columns, nil when one cannot be such a value.
func (s *series) encode(values []string) []string {
	texts := make([]string, len(values))
	for i, text := range values {
		k := s.keys[i].codec
		if strings.IndexByte(text, 0) >= 0 {
			return nil
		}
		v, err := k.decode([]byte(text))
		if err != nil || v.IsNull() {
			return nil
		}
		var ok bool
		if texts[i], ok = k.encode(v); !ok {
			return nil
		}
	}
	return texts
}

// unnest writes the keys of a branch as a table k with n, k1, k2 ..., and the condition that a row of s belongs to a key.
func (b *branch) unnest(s *sql) (keys, on string) {
	var positions array
	for _, at := range b.at {
		positions.addNumber(at)
	}
	arrays, names, equal := []string{s.value(string(positions.bytes()), "int4[]")}, []string{"n"}, []string{}
	for i, c := range b.keys {
		var a array
		for _, text := range b.texts[i] {
			a.add(text)
		}
		arrays = append(arrays, s.value(string(a.bytes()), c.codec.typ+"[]"))
		name := "k" + strconv.Itoa(i+1)
		names = append(names, name)
		equal = append(equal, c.codec.equal("s."+quote(c.name))+" = k."+name)
	}
	return "unnest(" + strings.Join(arrays, ", ") + ") AS k(" + strings.Join(names, ", ") + ")", strings.Join(equal, " AND ")
}

// qualityText is the expression of the quality of a row: 0 good, 1 uncertain, 2 bad. It reads names and the codes of OPC.
//
// Source: OPC Data Access 3.00, section 6.8 "OPC Quality flags".
func (b *branch) qualityText() string {
	if b.quality == "" {
		return "0"
	}
	text := "lower(s." + quote(b.quality) + "::text)"
	return "CASE WHEN " + text + " IS NULL OR " + text + " IN ('', 'good', 'ok') THEN 0 WHEN " + text + " = 'uncertain' THEN 1" +
		" WHEN " + text + " ~ '^[0-9]{1,9}$' THEN CASE " + text + "::int4 & 192 WHEN 192 THEN 0 WHEN 64 THEN 1 ELSE 2 END ELSE 2 END"
}

func (b *branch) unitText() string {
	if b.unit == "" {
		return "NULL::text"
	}
	return "s." + quote(b.unit) + "::text"
}

// unitOf is the unit of a measurement: that of the row, else that of the column.
func (b *branch) unitOf(cell []byte) string {
	if cell != nil {
		return string(cell)
	}
	return b.units[b.value.name]
}

// column is the value column of a row of s.
func (b *branch) column() string { return "s." + quote(b.value.name) }

// measured reads a value of a series. Numerics are read as floats: a measurement is no amount of money. What is no number is
// BAD.
func (k *codec) measured(cell []byte) (schema.Value, error) {
	v, err := k.decode(cell)
	if err == nil && v.Kind() == schema.DecimalValue {
		return schema.FloatOf(v.Float()), nil
	}
	return v, err
}

var qualities = map[string]connectors.Quality{"0": connectors.Good, "1": connectors.Uncertain, "2": connectors.Bad}
