package file

import (
	"context"
	"strconv"

	"mereon/connectors"
	"mereon/schema"
)

// records answers for all keys of a batch; filter, and limits where there is no order, are applied while reading.
func (i *index) records(ctx context.Context, w connectors.Want, keys []connectors.Key, out connectors.Sink) error {
	r := &reading{index: i, ctx: ctx, want: w, out: out}
	for _, name := range w.Columns {
		c := i.column(name)
		if c < 0 {
			return &connectors.Failure{Status: connectors.Unsupported, Message: "the file has no column " + name}
		}
		r.columns = append(r.columns, c)
	}
	r.cells = make([]schema.Value, len(w.Columns))
	r.get = func(p schema.Path) schema.Value {
		if c := i.column(string(p)); c >= 0 {
			return r.row[c]
		}
		return schema.Null
	}
	if len(w.KeyColumns) == 0 {
		return r.all(0)
	}
	index, err := i.keyColumn(ctx, w.KeyColumns[0])
	if err != nil {
		return err
	}
	for k, key := range keys {
		if err := r.some(k, index[keyText(key.Values[0])], key); err != nil {
			return err
		}
	}
	return nil
}

// reading is one question to a collection.
type reading struct {
	*index
	ctx     context.Context
	want    connectors.Want
	out     connectors.Sink
	columns []int
	cells   []schema.Value
	row     []schema.Value // the row being judged, all columns
	get     func(schema.Path) schema.Value
	buffer  []byte
	matches int
}

// at reads a row; false when it cannot be read any more.
func (i *index) at(n int, buffer []byte) ([]schema.Value, []byte, error) {
	if i.held != nil {
		return i.held[n], buffer, nil
	}
	buffer, err := i.read(i.rows[n], buffer)
	if err != nil {
		return nil, buffer, err
	}
	texts, err := i.texts(buffer, nil)
	if err != nil {
		return make([]schema.Value, len(i.columns)), buffer, nil // counted when the file was indexed
	}
	return i.decode(texts, 0, nil), buffer, nil
}

func (r *reading) all(key int) (err error) {
	r.matches = 0
	for n := range r.rows {
		if r.row, r.buffer, err = r.at(n, r.buffer); err != nil {
			return err
		}
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if r.match(key) {
			return nil
		}
	}
	r.total(key)
	return nil
}

func (r *reading) some(key int, rows []int32, k connectors.Key) (err error) {
	r.matches = 0
	for n, at := range rows {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if r.row, r.buffer, err = r.at(int(at), r.buffer); err != nil {
			return err
		}
		if r.belongs(k) && r.match(key) {
			return nil
		}
	}
	r.total(key)
	return nil
}

func (r *reading) belongs(k connectors.Key) bool {
	for c, name := range r.want.KeyColumns {
		v := r.row[r.column(name)]
		if v.IsNull() || k.Values[c].IsNull() || !schema.Equal(v, k.Values[c]) {
			return false
		}
	}
	return true
}

// match sends the row when it fits the filter; true when no more are wanted.
func (r *reading) match(key int) (enough bool) {
	if r.want.Where.Eval(r.get, func(*schema.Related) schema.Truth { return schema.Unknown }) != schema.True {
		return false
	}
	r.matches++
	limited := len(r.want.Order) == 0
	most := r.want.PerKey
	if r.want.Limit > 0 && (most == 0 || r.want.Limit < most) {
		most = r.want.Limit
	}
	if limited && most > 0 && r.matches > most {
		return !r.want.Count
	}
	for c, at := range r.columns {
		r.cells[c] = r.row[at]
	}
	r.out.Row(key, r.cells)
	return limited && most > 0 && r.matches == most && !r.want.Count
}

func (r *reading) total(key int) {
	if r.want.Count {
		r.out.Total(key, r.matches)
	}
}

// keyColumn is the index of a column: value -> rows. It is made when first asked for.
func (i *index) keyColumn(ctx context.Context, name string) (map[string][]int32, error) {
	i.keyed.Lock()
	defer i.keyed.Unlock()
	if index, ok := i.byValue[name]; ok {
		return index, nil
	}
	c := i.column(name)
	if c < 0 {
		return nil, &connectors.Failure{Status: connectors.Unsupported, Message: "the file has no column " + name}
	}
	index := map[string][]int32{}
	var row []schema.Value
	var buffer []byte
	var err error
	for n := range i.rows {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if row, buffer, err = i.at(n, buffer); err != nil {
			return nil, err
		}
		if v := row[c]; !v.IsNull() {
			text := keyText(v)
			index[text] = append(index[text], int32(n))
		}
	}
	i.byValue[name] = index
	return index, nil
}

// keyText is equal for equal values; different values may share it.
func keyText(v schema.Value) string {
	switch v.Kind() {
	case schema.IntValue, schema.FloatValue, schema.DecimalValue:
		return "n" + strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case schema.BoolValue:
		return "b" + strconv.FormatBool(v.Bool())
	case schema.DateTimeValue:
		return "t" + strconv.FormatInt(v.Time().UnixNano(), 10)
	case schema.DurationValue:
		return "d" + v.Duration().String()
	}
	return "s" + v.Text()
}
