package postgres

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// collection is a table under the names that it has here.
type collection struct {
	name   string
	table  *table
	fields []*field
	key    []string // fields that identify a row; empty when none are known
}

// field is a column under its name here.
type field struct {
	name   string
	column string
	codec  *codec
	codes  map[string]string // code in the database: name here
	unit   string
	source *column
}

func (c *collection) field(name string) *field {
	for _, f := range c.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// typ is the type of the values here.
func (f *field) typ() schema.ValueType {
	if f.codes != nil {
		return schema.ValueType{Scalar: schema.String}
	}
	return f.codec.value
}

// decode reads a cell.
func (f *field) decode(cell []byte) (schema.Value, error) {
	if f.codes == nil || cell == nil {
		return f.codec.decode(cell)
	}
	if name, ok := f.codes[string(cell)]; ok {
		return schema.StringOf(name), nil
	}
	return schema.StringOf(string(cell)), nil
}

// sources are the codes in the database whose name here is name; the name itself is one, where it is no code for another.
func (f *field) sources(name string) []string {
	var codes []string
	for _, code := range slices.Sorted(maps.Keys(f.codes)) {
		if f.codes[code] == name {
			codes = append(codes, code)
		}
	}
	if _, code := f.codes[name]; !code {
		codes = append(codes, name)
	}
	return slices.DeleteFunc(codes, func(code string) bool { return !f.codec.writable(code) })
}

// writable says whether a text of the database is one of the type.
func (k *codec) writable(text string) bool {
	v, err := k.decode([]byte(text))
	if err != nil || v.IsNull() {
		return false
	}
	_, ok := k.encode(v)
	return ok
}

// offer is what the connector offers of a catalog: collections and series. It is immutable.
type offer struct {
	catalog     *catalog
	collections map[string]*collection
	names       []string // of collections, sorted
	series      []*series
	missing     []string // what the configuration names and the database does not have or does not show
	denied      []string // tables and columns that may not be read
}

// offerOf finds the tables that the configuration names, and the others that match its patterns.
func (s *settings) offerOf(c *catalog) *offer {
	o := &offer{catalog: c, collections: map[string]*collection{}}
	named := map[*table]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.collections)) {
		config := s.collections[name]
		wanted := config.Table
		if wanted == "" {
			wanted = name
		}
		t := o.find(s, wanted, "collection "+name)
		if t != nil {
			named[t] = true
			o.add(o.collect(name, t, config))
		}
	}
	for _, l := range s.series {
		if t := o.find(s, l.table, "series "+l.ref.text); t != nil {
			o.bind(l, t)
		}
	}
	for _, t := range c.tables {
		if name := s.nameOf(t); !named[t] && s.wanted(name) {
			if !t.readable {
				o.denied = append(o.denied, t.label())
				continue
			}
			o.add(o.collect(name, t, &collectionConfig{}))
		}
	}
	o.names = slices.Sorted(maps.Keys(o.collections))
	return o
}

// nameOf is the name of a table here: without its schema for the first one of the configuration.
func (s *settings) nameOf(t *table) string {
	if t.schema == s.schemas[0] {
		return t.name
	}
	return t.label()
}

// wanted says whether a table is a collection without being listed under collections.
func (s *settings) wanted(name string) bool {
	if len(s.patterns) == 0 {
		return len(s.collections) == 0
	}
	return slices.ContainsFunc(s.patterns, func(p string) bool { ok, err := path.Match(p, name); return ok && err == nil })
}

func (o *offer) find(s *settings, name, whose string) *table {
	var names []string
	for _, t := range o.catalog.tables {
		if t.label() == name || s.nameOf(t) == name {
			if !t.readable {
				o.denied = append(o.denied, t.label())
				return nil
			}
			return t
		}
		names = append(names, s.nameOf(t))
	}
	text := fmt.Sprintf("%s: there is no table or view %s in the schemas %s", whose, name, strings.Join(s.schemas, ", "))
	if near := fault.Suggest(name, names); near != "" {
		text += "; did you mean " + near + "?"
	}
	o.missing = append(o.missing, text)
	return nil
}

func (o *offer) add(c *collection) { o.collections[c.name] = c }

func (o *offer) collect(name string, t *table, config *collectionConfig) *collection {
	c := &collection{name: name, table: t}
	here := map[string]string{}
	for _, col := range t.columns {
		if !col.readable {
			o.denied = append(o.denied, t.label()+"."+col.name)
			continue
		}
		f := &field{name: col.name, column: col.name, codec: col.codec, source: col}
		if renamed, ok := config.Columns[col.name]; ok {
			f.name = renamed
		}
		f.unit, f.codes = config.Units[f.name], config.Map[f.name]
		here[col.name] = f.name
		c.fields = append(c.fields, f)
	}
	for _, column := range slices.Sorted(maps.Keys(config.Columns)) {
		if t.column(column) == nil {
			o.missing = append(o.missing, fmt.Sprintf("collection %s: %s has no column %s; it has %s", name, t.label(), column, strings.Join(t.names(), ", ")))
		}
	}
	for _, column := range t.key() {
		c.key = append(c.key, here[column])
	}
	if config.Key != "" {
		c.key = []string{config.Key}
		if c.field(config.Key) == nil {
			o.missing = append(o.missing, fmt.Sprintf("collection %s: its key %s is no column of it", name, config.Key))
		}
	}
	return c
}

func (t *table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// describe is the collection for the runtime.
func (c *collection) describe() connectors.Collection {
	d := connectors.Collection{Name: c.name, Description: c.table.comment, RowCount: c.table.rows, Estimated: c.table.rows >= 0}
	for _, f := range c.fields {
		ops := f.codec.operators()
		if f.codes != nil {
			ops = []schema.ConditionOp{schema.Eq, schema.Ne, schema.In, schema.NotIn, schema.IsNull}
		}
		d.Columns = append(d.Columns, connectors.Column{Name: f.name, Type: f.typ(), Unit: f.unit, Key: f.codec.ordered() && f.codes == nil, Filter: ops,
			Order: f.codec.ordered() && f.codes == nil, Describe: f.source.comment})
	}
	return d
}
