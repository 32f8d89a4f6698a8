package connectors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mereon/schema"
)

// rowQuestion is how rows are judged: indices are into the columns that are fetched.
type rowQuestion struct {
	want    Want // as asked
	accept  Accept
	columns []Column // fetched; those wanted first
	keyAt   []int
	orderAt []int
	most    int   // rows kept in all
	fold    *fold // groups are made of the rows here
}

// planRecords negotiates a question with the connector. Limits are left to the source only where it also filters and
// orders; one row more is asked for, to know whether there are more.
func (l *link) planRecords(ctx context.Context, d *Descriptor, w Want) *question[Rows] {
	at := slices.IndexFunc(d.Collections, func(c Collection) bool { return c.Name == w.Collection })
	if at < 0 {
		return &question[Rows]{refused: &Failure{Status: Unsupported, Message: fmt.Sprintf(
			"connector %s has no collection %q; it has %s", l.name, w.Collection, list(collectionNames(d)))}}
	}
	collection, why := joined(d, &d.Collections[at], w.Joins)
	if why == "" {
		why = checkWant(&w, collection)
	}
	if why != "" {
		return &question[Rows]{refused: &Failure{Status: Unsupported, Message: why}}
	}
	signature := signatureOf(&w)
	w.Where = coerceWhere(w.Where, collection.Columns)
	rq, err := l.planRows(ctx, collection, w)
	if err != nil {
		return &question[Rows]{refused: &Failure{Status: Unsupported, Message: l.redact(err.Error()), Cause: err}}
	}
	if len(w.Joins) > 0 && !rq.accept.JoinsDone {
		return &question[Rows]{refused: &Failure{Status: Unsupported, Message: fmt.Sprintf(
			"connector %s does not join collections; ask for %s alone and join the rows afterwards", l.name, w.Collection)}}
	}
	return &question[Rows]{signature: signature, keyColumns: pick(collection.Columns, w.KeyColumns), accept: rq.accept, width: l.width(d, rq.accept),
		collect: func(keys []Key, now time.Time) collector[Rows] { return newTables(rq, keys) }}
}

// planRows negotiates a question that makes sense.
func (l *link) planRows(ctx context.Context, collection *Collection, w Want) (*rowQuestion, error) {
	if w.Grouped() {
		return l.planGroups(ctx, collection, w)
	}
	inner := w
	inner.Columns = innerColumns(&w)
	inner.PerKey, inner.Limit = innerLimits(&w)
	accept, err := l.connector.Plan(ctx, inner)
	if err == nil && accept.LimitDone && (accept.Residual != nil || len(w.Order) > 0 && !accept.OrderDone) {
		inner.PerKey, inner.Limit = 0, 0
		accept, err = l.connector.Plan(ctx, inner)
	}
	if err != nil {
		return nil, err
	}
	rq := &rowQuestion{want: w, accept: accept, most: l.limits.MaxRows}
	rq.columns = pick(collection.Columns, inner.Columns)
	for _, k := range w.KeyColumns {
		rq.keyAt = append(rq.keyAt, slices.Index(inner.Columns, k))
	}
	for _, o := range w.Order {
		rq.orderAt = append(rq.orderAt, slices.Index(inner.Columns, o.Column))
	}
	return rq, nil
}

// innerLimits is one row more than asked. A limit over several keys is applied after all keys are there, since keys of
// different callers share requests.
func innerLimits(w *Want) (perKey, limit int) {
	perKey, limit = w.PerKey, w.Limit
	if limit > 0 && len(w.KeyColumns) > 0 {
		if perKey == 0 || perKey > limit {
			perKey = limit
		}
		limit = 0
	}
	if perKey > 0 {
		perKey++
	}
	if limit > 0 {
		limit++
	}
	return perKey, limit
}

func collectionNames(d *Descriptor) []string {
	names := make([]string, len(d.Collections))
	for i, c := range d.Collections {
		names[i] = c.Name
	}
	return names
}

func pick(columns []Column, names []string) []Column {
	picked := make([]Column, len(names))
	for i, name := range names {
		picked[i] = columns[slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })]
	}
	return picked
}

// width is the number of keys in one request: the smallest of what connector, plan and configuration say.
func (l *link) width(d *Descriptor, a Accept) int {
	width := 0
	for _, w := range []int{d.BatchWidth, a.BatchWidth, l.limits.Batch} {
		if w > 0 && (width == 0 || w < width) {
			width = w
		}
	}
	return width
}

// limitRows applies a limit over all keys, in their order. It changes copies only.
func limitRows(rows []Rows, columns, limit int) []Rows {
	if limit <= 0 {
		return rows
	}
	for i := range rows {
		if rows[i].Count > limit {
			rows[i].Cells, rows[i].Count, rows[i].More = rows[i].Cells[:limit*columns:limit*columns], limit, true
		}
		limit -= rows[i].Count
	}
	return rows
}

// fits says whether a value is of a column's type; null always is.
func fits(v schema.Value, t schema.ValueType) bool {
	if v.IsNull() {
		return true
	}
	if t.List {
		element := t
		element.List = false
		return v.Kind() == schema.ListValue && !slices.ContainsFunc(v.List(), func(e schema.Value) bool { return !fits(e, element) })
	}
	switch t.Scalar {
	case schema.Int, schema.Long:
		return v.Kind() == schema.IntValue
	case schema.Float:
		return v.Kind() == schema.IntValue || v.Kind() == schema.FloatValue && v.Float()-v.Float() == 0
	case schema.Decimal:
		return v.Kind() == schema.DecimalValue || v.Kind() == schema.IntValue
	case schema.Boolean:
		return v.Kind() == schema.BoolValue
	case schema.Date:
		return v.Kind() == schema.DateValue
	case schema.DateTime:
		return v.Kind() == schema.DateTimeValue
	case schema.Duration:
		return v.Kind() == schema.DurationValue
	case schema.JSON:
		return true
	}
	return v.Kind() == schema.StringValue
}
