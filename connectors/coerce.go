package connectors

import (
	"slices"
	"strconv"

	"mereon/schema"
)

// coerce writes a value that is asked for in the type of its column, where that loses nothing: a model may declare a text
// where the source has numbers. What cannot be written so stays, and equals nothing.
func coerce(v schema.Value, t schema.ValueType) schema.Value {
	if v.Kind() == schema.ListValue && !t.List {
		list := slices.Clone(v.List())
		for i := range list {
			list[i] = coerce(list[i], t)
		}
		return schema.ListOf(list)
	}
	if t.List || fits(v, t) {
		return v
	}
	if v.Kind() == schema.StringValue {
		return coerceText(v, t.Scalar)
	}
	switch t.Scalar {
	case schema.String, schema.ID:
		switch v.Kind() {
		case schema.IntValue:
			return schema.StringOf(strconv.FormatInt(v.Int(), 10))
		case schema.BoolValue:
			return schema.StringOf(strconv.FormatBool(v.Bool()))
		case schema.DateValue, schema.DecimalValue:
			return schema.StringOf(v.Text())
		}
	}
	return v
}

func coerceText(v schema.Value, s schema.Scalar) schema.Value {
	text := v.Text()
	switch s {
	case schema.Int, schema.Long:
		if i, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(i, 10) == text {
			return schema.IntOf(i)
		}
	case schema.Float:
		if f, err := strconv.ParseFloat(text, 64); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == text {
			return schema.FloatOf(f)
		}
	case schema.Boolean:
		if text == "true" || text == "false" {
			return schema.BoolOf(text == "true")
		}
	case schema.Date:
		return schema.DateOf(text)
	}
	return v
}

// coerceWhere is the condition with its operands in the types of their columns. It changes nothing in place.
func coerceWhere(c *schema.Condition, columns []Column) *schema.Condition {
	if c == nil {
		return nil
	}
	out := *c
	out.Args = make([]*schema.Condition, len(c.Args))
	for i, a := range c.Args {
		out.Args[i] = coerceWhere(a, columns)
	}
	if c.Op < schema.Eq || c.Op > schema.Gte {
		return &out
	}
	if i := slices.IndexFunc(columns, func(have Column) bool { return have.Name == string(c.Path) }); i >= 0 {
		out.Value = coerce(c.Value, columns[i].Type)
	}
	return &out
}

// coerceKeys is the keys with their values in the types of the key columns; the same slice when nothing changes.
func coerceKeys(keys []Key, columns []Column) []Key {
	changed := keys
	for i, k := range keys {
		for c, v := range k.Values {
			to := coerce(v, columns[c].Type)
			if to.Kind() == v.Kind() {
				continue
			}
			if &changed[0] == &keys[0] {
				changed = slices.Clone(keys)
			}
			values := slices.Clone(changed[i].Values)
			values[c] = to
			changed[i].Values = values
		}
	}
	return changed
}
