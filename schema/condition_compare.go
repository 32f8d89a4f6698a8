package schema

import "strings"

// Test compares one value by the operator of c, which must be one that compares a path (Eq ... IsEmpty).
func (c *Condition) Test(v Value) Truth {
	if c.Op == IsNull {
		return truth(v.IsNull() == c.Value.Bool())
	}
	if v.IsNull() {
		return Unknown
	}
	switch c.Op {
	case Eq:
		return known(c.Value, func() bool { return Compare(v, c.Value) == 0 })
	case Ne:
		return known(c.Value, func() bool { return Compare(v, c.Value) != 0 })
	case Lt:
		return known(c.Value, func() bool { return Compare(v, c.Value) < 0 })
	case Lte:
		return known(c.Value, func() bool { return Compare(v, c.Value) <= 0 })
	case Gt:
		return known(c.Value, func() bool { return Compare(v, c.Value) > 0 })
	case Gte:
		return known(c.Value, func() bool { return Compare(v, c.Value) >= 0 })
	case In:
		return memberOf(v, c.Value.List())
	case NotIn:
		return -memberOf(v, c.Value.List())
	case StartsWith:
		return known(c.Value, func() bool { return strings.HasPrefix(v.Text(), c.Value.Text()) })
	case Contains:
		return known(c.Value, func() bool { return strings.Contains(v.Text(), c.Value.Text()) })
	case Has:
		return memberOf(c.Value, v.List())
	case HasAny:
		t := False
		for _, wanted := range c.Value.List() {
			t = max(t, memberOf(wanted, v.List()))
		}
		return t
	case IsEmpty:
		return truth((len(v.List()) == 0) == c.Value.Bool())
	}
	return Unknown
}

func known(operand Value, holds func() bool) Truth {
	if operand.IsNull() {
		return Unknown
	}
	return truth(holds())
}

func memberOf(v Value, list []Value) Truth {
	t := False
	for _, e := range list {
		switch {
		case e.IsNull() || v.IsNull():
			t = max(t, Unknown)
		case Compare(v, e) == 0:
			return True
		}
	}
	return t
}

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}
