package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// catalog is what a database says of its tables. It is immutable.
type catalog struct {
	revision string
	tables   []*table // by schema and name
}

// table is a table, a view or a foreign table.
type table struct {
	oid          string
	schema, name string
	view         bool
	comment      string
	rows         int // as the database estimates; -1 when it does not
	readable     bool
	columns      []*column
	indexes      []index
	foreign      []foreignKey
}

type column struct {
	name, comment string
	number        int
	notNull       bool
	readable      bool
	shown         string // the type, for people
	codec         *codec
}

// index is a valid index over whole columns, without a condition.
type index struct {
	unique, primary bool
	columns         []string
}

// foreignKey says that values of columns are those of the columns of another table.
type foreignKey struct {
	name          string
	columns       []string
	schema, table string
	target        []string
}

func (t *table) column(name string) *column {
	for _, c := range t.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// label is the name of a table for messages.
func (t *table) label() string { return t.schema + "." + t.name }

// from is the table in a statement.
func (t *table) from() string { return quote(t.schema) + "." + quote(t.name) }

// key is the columns that identify a row: those of the primary key, else of a unique index over columns that are never null.
func (t *table) key() []string {
	var best []string
	for _, i := range t.indexes {
		if i.primary {
			return i.columns
		}
		never := !slices.ContainsFunc(i.columns, func(name string) bool { return !t.column(name).notNull })
		if i.unique && never && (best == nil || len(i.columns) < len(best)) {
			best = i.columns
		}
	}
	return best
}

// unique says whether at most one row has given values in the columns.
func (t *table) unique(columns []string) bool {
	return slices.ContainsFunc(t.indexes, func(i index) bool {
		return i.unique && !slices.ContainsFunc(i.columns, func(name string) bool { return !slices.Contains(columns, name) })
	})
}

// indexed says whether an index begins with the columns, in any order.
func (t *table) indexed(columns []string) bool {
	return slices.ContainsFunc(t.indexes, func(i index) bool {
		return len(i.columns) >= len(columns) && !slices.ContainsFunc(i.columns[:len(columns)], func(name string) bool { return !slices.Contains(columns, name) })
	})
}

const tablesQuery = `SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm'), obj_description(c.oid, 'pg_class'),
	CASE WHEN c.relkind IN ('r', 'm') THEN c.reltuples::int8 ELSE -1 END,
	has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

const columnsQuery = `SELECT a.attrelid, a.attname, a.attnum, a.attnotnull, a.atttypid, format_type(a.atttypid, a.atttypmod),
	col_description(a.attrelid, a.attnum), has_column_privilege(a.attrelid, a.attnum, 'SELECT'), coalesce(NOT l.collisdeterministic, false)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE n.nspname = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`

const typesQuery = `SELECT t.oid, t.typname, n.nspname, t.typtype, t.typbasetype, CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END,
	(SELECT to_json(array_agg(e.enumlabel ORDER BY e.enumsortorder)) FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid IN (SELECT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace m ON m.oid = c.relnamespace WHERE m.nspname = ANY($1::text[]))
	OR t.typtype IN ('d', 'e') OR t.typtype = 'b' AND t.typcategory <> 'A' AND t.typrelid = 0`

const indexesQuery = `SELECT i.indrelid, i.indisunique, i.indisprimary, i.indnkeyatts, i.indkey::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1::text[]) AND i.indisvalid AND i.indpred IS NULL AND NOT c.relispartition
ORDER BY i.indrelid, i.indisprimary DESC, i.indexrelid`

const foreignQuery = `SELECT k.conrelid, k.conname, to_json(k.conkey)::text, n.nspname, c.relname, to_json(k.confkey)::text,
	(SELECT to_json(array_agg(a.attname ORDER BY p.place))::text FROM unnest(k.confkey) WITH ORDINALITY p(number, place)
		JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_class o ON o.oid = k.conrelid JOIN pg_namespace m ON m.oid = o.relnamespace
WHERE k.contype = 'f' AND m.nspname = ANY($1::text[]) AND NOT o.relispartition AND k.conparentid = 0
ORDER BY k.conrelid, k.conname`

// readCatalog asks the database for its tables, in one round trip.
func readCatalog(ctx context.Context, d *database, schemas []string, zone *time.Location) (*catalog, error) {
	var names array
	for _, s := range schemas {
		names.add(s)
	}
	arg := [][]byte{names.bytes()}
	b := &builder{types: map[string]*sqlType{}, tables: map[string]*table{}, zone: zone}
	err := d.run(ctx, []query{{text: tablesQuery, args: arg, row: b.table}, {text: typesQuery, args: arg, row: b.typ}, {text: columnsQuery, args: arg, row: b.column},
		{text: indexesQuery, args: arg, row: b.index}, {text: foreignQuery, args: arg, row: b.foreign}})
	if err != nil {
		return nil, err
	}
	c := &catalog{tables: b.order}
	c.revision = c.fingerprint()
	return c, nil
}

// fingerprint is equal for catalogs that answer alike: numbers of rows and the order of columns do not count.
func (c *catalog) fingerprint() string {
	sum := sha256.New()
	for _, t := range c.tables {
		fmt.Fprintf(sum, "%q %q %t %t %q\n", t.schema, t.name, t.view, t.readable, t.comment)
		for _, col := range t.columns {
			fmt.Fprintf(sum, " %q %q %t %t %q %s %v\n", col.name, col.shown, col.notNull, col.readable, col.comment, col.codec.typ, labelsOf(col.codec))
		}
		fmt.Fprintf(sum, " %v %v\n", t.indexes, t.foreign)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

func labelsOf(k *codec) []string {
	labels := make([]string, 0, len(k.labels))
	for l := range k.labels {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	return labels
}

// numbers reads a list of column numbers: "1 2".
func numbers(text string) []int {
	var all []int
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,[]{}", r) }) {
		if n, err := strconv.Atoi(field); err == nil {
			all = append(all, n)
		}
	}
	return all
}
