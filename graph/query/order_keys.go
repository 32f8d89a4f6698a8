package query

import "mereon/schema"

// keysOf reads the federated keys of an order for all rows of f, a column each, and marks the rows of which one is not known.
func (x *execution) keysOf(f *frame, order []orderKey) error {
	f.keyed = make([][]schema.Value, len(order))
	for k := range order {
		if !order[k].federated {
			continue
		}
		column, unsure, err := x.keyColumn(f, &order[k])
		if err != nil {
			return err
		}
		f.keyed[k] = column
		for i, is := range unsure {
			if is && f.unsure == nil {
				f.unsure = make([]bool, f.n)
			}
			if is {
				f.unsure[i] = true
			}
		}
	}
	return nil
}

// keyColumn returns one key of every row, and which of them are not known.
func (x *execution) keyColumn(f *frame, k *orderKey) (column []schema.Value, unsure []bool, err error) {
	if k.related != nil {
		return x.relatedColumn(f, k)
	}
	column, unsure = make([]schema.Value, f.n), make([]bool, f.n)
	if !k.federated {
		for i, at := 0, f.columnOf(k.path); i < f.n; i++ {
			column[i] = f.cell(at, i)
		}
		return column, unsure, nil
	}
	for i := range f.n {
		column[i] = x.federated(f, k.path, i).value
		unsure[i] = column[i].IsNull()
	}
	return column, unsure, nil
}

// relatedColumn follows a relationship or join of all rows at once: to the key of the target, null where there is none, or
// to how many there are.
func (x *execution) relatedColumn(f *frame, k *orderKey) (column []schema.Value, unsure []bool, err error) {
	t, failed, err := x.targets(k.related.to, f, k.related.inner)
	if err != nil {
		return nil, nil, err
	}
	var of []schema.Value
	var unsureOf []bool
	if k.related.inner != nil {
		if of, unsureOf, err = x.keyColumn(t, k.related.inner); err != nil {
			return nil, nil, err
		}
	}
	column, unsure = make([]schema.Value, f.n), make([]bool, f.n)
	for i := range f.n {
		from, to := t.group(i)
		switch {
		case failed != nil && failed(i):
			unsure[i] = true
		case k.related.inner == nil:
			column[i] = schema.IntOf(int64(to - from))
		case from < to:
			column[i], unsure[i] = of[from], unsureOf[from]
		}
	}
	return column, unsure, nil
}

// unsureOf says whether an order key of some row is not known.
func (f *frame) unsureOf(rows []int32) bool {
	if f.unsure == nil {
		return false
	}
	for _, i := range rows {
		if f.unsure[i] {
			return true
		}
	}
	return false
}
