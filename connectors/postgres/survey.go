package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

var _ connectors.Surveyor = (*Connector)(nil)

const (
	sampled     = 100_000 // rows that are looked at for the signals of a long table
	mostSignals = 100
)

// Survey reads the catalog: tables with their comments, keys and foreign keys, the series of the configuration, and tables
// that look as if they held series. Of long tables the names of signals are read from their first rows.
func (c *Connector) Survey(ctx context.Context) (connectors.Survey, error) {
	o, err := c.read(ctx)
	if err != nil {
		return connectors.Survey{}, err
	}
	var s connectors.Survey
	byTable := map[string]*collection{}
	for _, name := range o.names {
		byTable[o.collections[name].table.label()] = o.collections[name]
	}
	for _, name := range o.names {
		s.Tables = append(s.Tables, o.collections[name].survey(byTable))
	}
	for _, one := range o.series {
		found, err := c.surveySeries(ctx, one)
		if err != nil {
			return s, err
		}
		s.Series = append(s.Series, found)
	}
	s.Hints = append(append(s.Hints, o.missing...), prefixed("no right to read ", o.denied)...)
	for _, t := range o.catalog.tables {
		if hint := t.hint(); hint != "" && !slices.ContainsFunc(o.series, func(one *series) bool { return one.from == t.from() }) {
			s.Hints = append(s.Hints, hint)
		}
	}
	return s, nil
}

func (c *collection) survey(byTable map[string]*collection) connectors.SurveyedTable {
	t := connectors.SurveyedTable{Collection: c.describe(), Key: c.key, Labels: map[string][]string{}}
	for _, f := range c.fields {
		if f.source.notNull {
			t.Required = append(t.Required, f.name)
		}
		if f.codec.class == enumerated && f.codes == nil {
			t.Labels[f.name] = labelsOf(f.codec)
		}
	}
	for _, k := range c.table.foreign {
		target := byTable[k.schema+"."+k.table]
		if target == nil {
			continue
		}
		link := connectors.Link{Collection: target.name, Columns: c.called(k.columns), Target: target.called(k.target)}
		if len(link.Columns) == len(k.columns) && len(link.Target) == len(k.columns) {
			t.Links = append(t.Links, link)
		}
	}
	return t
}

// called is the names here of columns, those that have one.
func (c *collection) called(columns []string) []string {
	var names []string
	for _, column := range columns {
		if i := slices.IndexFunc(c.fields, func(f *field) bool { return f.column == column && f.codes == nil }); i >= 0 {
			names = append(names, c.fields[i].name)
		}
	}
	return names
}

func (c *Connector) surveySeries(ctx context.Context, s *series) (connectors.SurveyedSeries, error) {
	found := connectors.SurveyedSeries{Name: s.table, Ref: s.ref.text}
	names := s.ref.names()
	for i, k := range s.keys {
		found.Keys = append(found.Keys, connectors.Column{Name: names[i], Type: k.codec.value, Describe: k.comment})
	}
	if s.ref.hasColumn() {
		for _, v := range s.values {
			found.Signals = append(found.Signals, connectors.Column{Name: v.name, Type: measuredType(v.codec), Unit: s.units[v.name], Describe: v.comment})
		}
		return found, nil
	}
	if len(s.keys) < 2 { // the only key is that of the thing
		return found, nil
	}
	last := len(s.keys) - 1
	found.Keys, found.Ref = found.Keys[:last], strings.Replace(s.ref.text, "{"+names[last]+"}", "{column}", 1)
	unit := "NULL::text"
	if s.unit != "" {
		unit = "max(" + quote(s.unit) + "::text)"
	}
	text := fmt.Sprintf("SELECT %s::text, %s FROM (SELECT * FROM %s LIMIT %d) AS s GROUP BY 1 ORDER BY 1 LIMIT %d", quote(s.keys[last].name), unit, s.from, sampled, mostSignals)
	err := c.database.run(ctx, []query{{text: text, row: func(cells [][]byte) error {
		if cells[0] != nil {
			column := connectors.Column{Name: string(cells[0]), Type: measuredType(s.values[0].codec), Unit: string(cells[1])}
			if column.Unit == "" {
				column.Unit = s.units[s.values[0].name]
			}
			found.Signals = append(found.Signals, column)
		}
		return nil
	}}})
	return found, c.classify(ctx, err)
}

// measuredType is the type of the measurements of a column.
func measuredType(k *codec) schema.ValueType {
	if k.class == numeric {
		return schema.ValueType{Scalar: schema.Float}
	}
	return k.value
}

// hint says how a table that looks like measurements is configured: a time in its key, and numbers beside it.
func (t *table) hint() string {
	key := t.key()
	if len(key) < 2 || !t.readable {
		return ""
	}
	var at string
	var places, values []string
	for _, name := range key {
		if k := t.column(name).codec; at == "" && (k.class == instant || k.class == wallClock) {
			at = name
		} else {
			places = append(places, "{"+name+"}")
		}
	}
	for _, c := range t.columns {
		if !slices.Contains(key, c.name) && c.codec.number() {
			values = append(values, c.name)
		}
	}
	switch {
	case at == "" || len(values) == 0:
		return ""
	case len(values) == 1:
		return fmt.Sprintf("%s looks like measurements; under series of the connector: {table: %s, ref: \"%s\", time: %s, value: %s}", t.label(), t.label(), strings.Join(places, "/"), at, values[0])
	}
	return fmt.Sprintf("%s looks like measurements; under series of the connector: {table: %s, ref: \"%s/{column}\", time: %s, values: [%s]}", t.label(), t.label(), strings.Join(places, "/"), at, strings.Join(values, ", "))
}
