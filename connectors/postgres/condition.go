package postgres

import (
	"slices"
	"strings"

	"mereon/schema"
)

// filter writes the part of a condition that the database decides as it would be decided here, and returns what is left.
// Values are parameters. A column that find does not know is left too.
type filter struct {
	sql  *sql
	find func(path string) (expression string, f *field)
}

// push returns the text of what the database decides, "" for nothing, and the residual.
func (f *filter) push(c *schema.Condition) (text string, residual *schema.Condition) {
	if c == nil {
		return "", nil
	}
	parts := []*schema.Condition{c}
	if c.Op == schema.And {
		parts = c.Args
	}
	var texts []string
	var left []*schema.Condition
	for _, part := range parts {
		before := len(f.sql.args)
		if text, ok := f.write(part, false); ok {
			texts = append(texts, text)
		} else {
			f.sql.args = f.sql.args[:before]
			left = append(left, part)
		}
	}
	switch {
	case len(left) == 1:
		residual = left[0]
	case len(left) > 0:
		residual = &schema.Condition{Op: schema.And, Args: left}
	}
	return strings.Join(texts, " AND "), residual
}

// write returns a text that is true exactly where c, or its negation, is. A negation is moved down to the comparisons, so
// that "not known" never becomes true.
func (f *filter) write(c *schema.Condition, not bool) (string, bool) {
	switch c.Op {
	case schema.And, schema.Or:
		return f.several(c, not)
	case schema.Not:
		return f.write(c.Args[0], !not)
	case schema.RelatedTo:
		return "", false
	}
	expression, field := f.find(string(c.Path))
	if field == nil {
		return "", false
	}
	return f.compare(expression, field, c, not)
}

func (f *filter) several(c *schema.Condition, not bool) (string, bool) {
	if len(c.Args) == 0 {
		return constant((c.Op == schema.And) != not), true
	}
	texts := make([]string, len(c.Args))
	for i, a := range c.Args {
		var ok bool
		if texts[i], ok = f.write(a, not); !ok {
			return "", false
		}
	}
	joint := " AND "
	if (c.Op == schema.Or) != not {
		joint = " OR "
	}
	return "(" + strings.Join(texts, joint) + ")", true
}

func constant(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

var negated = map[schema.ConditionOp]schema.ConditionOp{schema.Eq: schema.Ne, schema.Ne: schema.Eq, schema.In: schema.NotIn, schema.NotIn: schema.In,
	schema.Lt: schema.Gte, schema.Gte: schema.Lt, schema.Gt: schema.Lte, schema.Lte: schema.Gt}

func (f *filter) compare(column string, field *field, c *schema.Condition, not bool) (string, bool) {
	op, value := c.Op, c.Value
	if op == schema.IsNull {
		return isNull(column, field.codec, value.Bool() != not), true
	}
	if value.IsNull() && op != schema.In && op != schema.NotIn { // unknown, whatever the row holds
		return "false", op <= schema.Contains
	}
	if extreme(field.codec, value) {
		return "", false
	}
	if opposite, ok := negated[op]; ok && not {
		op, not = opposite, false
	}
	if field.codes != nil {
		return f.coded(column, field, op, value)
	}
	k := field.codec
	switch op {
	case schema.Eq, schema.Ne, schema.In, schema.NotIn:
		if !k.ordered() {
			return "", false
		}
		return f.equality(column, k, op, elements(op, value)), true
	case schema.Lt, schema.Lte, schema.Gt, schema.Gte:
		return f.less(column, k, op, value)
	case schema.StartsWith, schema.Contains:
		return f.like(column, k, op, value, not)
	case schema.Has, schema.HasAny, schema.IsEmpty:
		return f.list(column, k, op, value, not)
	}
	return "", false
}

// extreme says whether a value stands for all days or instants beyond it, so that the database compares it otherwise.
func extreme(k *codec, v schema.Value) bool {
	switch {
	case v.Kind() == schema.ListValue:
		return slices.ContainsFunc(v.List(), func(e schema.Value) bool { return extreme(k, e) })
	case k.class == day:
		return v.Text() == firstDate || v.Text() == lastDate
	case k.class == instant || k.class == wallClock:
		return v.Kind() == schema.DateTimeValue && (!v.Time().After(firstTime) || !v.Time().Before(lastTime))
	}
	return false
}

func elements(op schema.ConditionOp, v schema.Value) []schema.Value {
	if op == schema.In || op == schema.NotIn {
		return v.List()
	}
	return []schema.Value{v}
}

// isNull also takes numbers that are none, which are read as null.
func isNull(column string, k *codec, null bool) string {
	text := column + " IS NULL"
	if !null {
		text = column + " IS NOT NULL"
	}
	if !k.strange() {
		return text
	}
	if null {
		return "(" + text + " OR " + column + " IN ('NaN', 'Infinity', '-Infinity'))"
	}
	return "(" + text + " AND " + column + " NOT IN ('NaN', 'Infinity', '-Infinity'))"
}

// equality compares with values. What the type cannot hold equals nothing; null among the values makes "none of" unknown.
func (f *filter) equality(column string, k *codec, op schema.ConditionOp, values []schema.Value) string {
	var texts []string
	for _, v := range values {
		if v.IsNull() && (op == schema.Ne || op == schema.NotIn) {
			return "false"
		}
		if text, ok := k.encode(v); ok {
			texts = append(texts, text)
		}
	}
	return f.oneOf(column, k, texts, op == schema.Eq || op == schema.In)
}

// oneOf says that a column is one of the values, or has a value and is none of them.
func (f *filter) oneOf(column string, k *codec, texts []string, one bool) string {
	left := k.equal(column)
	some := isNull(column, k, false)
	switch {
	case len(texts) == 0 && one:
		return "false"
	case len(texts) == 0:
		return some
	case len(texts) == 1 && one:
		return left + " = " + f.sql.value(texts[0], k.typ)
	case len(texts) == 1:
		return "(" + left + " <> " + f.sql.value(texts[0], k.typ) + " AND " + some + ")"
	}
	var a array
	for _, t := range texts {
		a.add(t)
	}
	list := f.sql.value(string(a.bytes()), k.typ+"[]")
	if one {
		return left + " = ANY(" + list + ")"
	}
	return "(" + left + " <> ALL(" + list + ") AND " + some + ")"
}

// less compares by size. Where the type cannot hold the value, its neighbour takes its place.
func (f *filter) less(column string, k *codec, op schema.ConditionOp, v schema.Value) (string, bool) {
	text, off, ok := k.bound(v)
	if !ok || !k.ordered() {
		return "", false
	}
	less := op == schema.Lt || op == schema.Lte
	sign := map[schema.ConditionOp]string{schema.Lt: "<", schema.Lte: "<=", schema.Gt: ">", schema.Gte: ">="}[op]
	switch {
	case off < 0 && less:
		sign = "<="
	case off < 0:
		sign = ">"
	case off > 0 && less:
		sign = "<"
	case off > 0:
		sign = ">="
	}
	left, typ := k.order(column), k.typ
	switch k.class {
	case single:
		left = k.equal(column)
	case double, numeric:
		left = column
	case padded, enumerated:
		typ = "text"
	case uuid:
		left = column
	}
	out := left + " " + sign + " " + f.sql.value(text, typ)
	if k.texts() && k.class != uuid {
		out += ` COLLATE "C"`
	}
	switch {
	case k.strange() && less:
		out = "(" + out + " AND " + column + " > '-Infinity')"
	case k.strange():
		out = "(" + out + " AND " + column + " < 'Infinity')"
	}
	return out, true
}

func (f *filter) like(column string, k *codec, op schema.ConditionOp, v schema.Value, not bool) (string, bool) {
	if !k.texts() || v.Kind() != schema.StringValue || !(&codec{class: textual}).holds(v.Text()) {
		return "", false
	}
	text := pattern(v.Text()) + "%"
	if op == schema.Contains {
		text = "%" + text
	}
	left := column
	if k.class != textual {
		left = column + "::text"
	}
	if k.class == folded {
		left += ` COLLATE "C"`
	}
	word := " LIKE "
	if not {
		word = " NOT LIKE "
	}
	return left + word + f.sql.value(text, "text"), true
}

// list looks into an array.
func (f *filter) list(column string, k *codec, op schema.ConditionOp, v schema.Value, not bool) (string, bool) {
	if k.class != several {
		return "", false
	}
	if op == schema.IsEmpty {
		if v.Bool() != not {
			return "cardinality(" + column + ") = 0", true
		}
		return "cardinality(" + column + ") > 0", true
	}
	if !k.element.findable() {
		return "", false
	}
	wanted := []schema.Value{v}
	if op == schema.HasAny {
		wanted = v.List()
	}
	texts := make([]string, 0, len(wanted))
	for _, one := range wanted {
		text, ok := k.element.encode(one)
		if !ok {
			return "", false
		}
		in := f.sql.value(text, k.element.typ) + " = ANY(" + column + ")"
		if not {
			in = "NOT " + in
		}
		texts = append(texts, in)
	}
	switch {
	case len(texts) == 0 && not:
		return column + " IS NOT NULL", true
	case len(texts) == 0:
		return "false", true
	case not:
		return "(" + strings.Join(texts, " AND ") + ")", true
	}
	return "(" + strings.Join(texts, " OR ") + ")", true
}

// findable says whether an element is found in an array as it is compared here.
func (k *codec) findable() bool {
	switch k.class {
	case textual, integer, uuid, enumerated, boolean, day, instant, numeric:
		return true
	}
	return false
}

// coded compares a column whose codes have names here: only for equality.
func (f *filter) coded(column string, field *field, op schema.ConditionOp, v schema.Value) (string, bool) {
	if op != schema.Eq && op != schema.Ne && op != schema.In && op != schema.NotIn {
		return "", false
	}
	var texts []string
	for _, one := range elements(op, v) {
		if one.IsNull() && (op == schema.Ne || op == schema.NotIn) {
			return "false", true
		}
		if one.Kind() == schema.StringValue {
			texts = append(texts, field.sources(one.Text())...)
		}
	}
	return f.oneOf(column, field.codec, texts, op == schema.Eq || op == schema.In), true
}
