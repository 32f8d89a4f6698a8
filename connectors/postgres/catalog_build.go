package postgres

import (
	"encoding/json"
	"strconv"
	"time"
)

// builder makes a catalog of the rows of the database's own tables. Its methods each take one row.
type builder struct {
	types  map[string]*sqlType // by oid
	tables map[string]*table   // by oid
	order  []*table
	zone   *time.Location
}

// sqlType is a type as the database describes it.
type sqlType struct {
	name, schema  string
	kind          string // b, d for domains, e for enumerations
	base, element string
	labels        []string
}

func (b *builder) table(row [][]byte) error {
	rows, err := strconv.Atoi(string(row[5]))
	if err != nil {
		rows = -1
	}
	t := &table{oid: string(row[0]), schema: string(row[1]), name: string(row[2]), view: truth(row[3]), comment: string(row[4]), rows: rows, readable: truth(row[6])}
	b.tables[t.oid] = t
	b.order = append(b.order, t)
	return nil
}

func truth(cell []byte) bool { return len(cell) > 0 && cell[0] == 't' }

func (b *builder) typ(row [][]byte) error {
	t := &sqlType{name: string(row[1]), schema: string(row[2]), kind: string(row[3]), base: string(row[4]), element: string(row[5])}
	b.types[string(row[0])] = t
	if row[6] != nil {
		return json.Unmarshal(row[6], &t.labels)
	}
	return nil
}

func (b *builder) column(row [][]byte) error {
	t := b.tables[string(row[0])]
	if t == nil { // made since its table was asked for
		return nil
	}
	number, err := strconv.Atoi(string(row[2]))
	if err != nil {
		return err
	}
	t.columns = append(t.columns, &column{name: string(row[1]), number: number, notNull: truth(row[3]), shown: string(row[5]), comment: string(row[6]),
		readable: truth(row[7]), codec: b.codec(string(row[4]), truth(row[8]))})
	return nil
}

// codec finds how the values of a type are read; a domain is its base type.
func (b *builder) codec(oid string, nondeterministic bool) *codec {
	t := b.types[oid]
	for range 32 {
		if t == nil || t.kind != "d" {
			break
		}
		oid, t = t.base, b.types[t.base]
	}
	switch {
	case t == nil:
		return newCodec(shown, "", b.zone)
	case t.element != "0" && t.element != "":
		element := b.codec(t.element, nondeterministic)
		k := &codec{class: several, typ: "jsonb", value: element.value, element: element, zone: b.zone}
		k.value.List = true
		return k
	case t.kind == "e":
		k := newCodec(enumerated, "", b.zone)
		k.typ, k.labels = quote(t.schema)+"."+quote(t.name), map[string]bool{}
		for _, l := range t.labels {
			k.labels[l] = true
		}
		return k
	}
	c, known := classes[t.name]
	if !known || t.schema != "pg_catalog" && t.name != "citext" {
		c = shown
	}
	if nondeterministic && (c == textual || c == padded) {
		c = folded
	}
	k := newCodec(c, t.name, b.zone)
	if n, err := strconv.ParseUint(oid, 10, 32); err == nil && k.read("c") == "c" {
		k.oid = uint32(n)
	}
	return k
}

func (b *builder) index(row [][]byte) error {
	t := b.tables[string(row[0])]
	if t == nil {
		return nil
	}
	keys := numbers(string(row[4]))
	n, err := strconv.Atoi(string(row[3]))
	if err != nil {
		return err
	}
	i := index{unique: truth(row[1]), primary: truth(row[2])}
	for _, number := range keys[:min(n, len(keys))] {
		name := t.numbered(number)
		if name == "" { // an expression
			return nil
		}
		i.columns = append(i.columns, name)
	}
	t.indexes = append(t.indexes, i)
	return nil
}

func (t *table) numbered(n int) string {
	for _, c := range t.columns {
		if c.number == n {
			return c.name
		}
	}
	return ""
}

func (b *builder) foreign(row [][]byte) error {
	t := b.tables[string(row[0])]
	if t == nil {
		return nil
	}
	k := foreignKey{name: string(row[1]), schema: string(row[3]), table: string(row[4])}
	for _, n := range numbers(string(row[2])) {
		k.columns = append(k.columns, t.numbered(n))
	}
	if err := json.Unmarshal(row[6], &k.target); err != nil {
		return err
	}
	t.foreign = append(t.foreign, k)
	return nil
}
