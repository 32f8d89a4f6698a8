package schema

import "fmt"

// sameType says whether stored values mean the same; null and renamed enums are compared elsewhere.
func (d *differ) sameType(old, new ValueType) bool {
	enum := old.Enum
	if renamed, ok := d.newEnums[old.Enum]; ok {
		enum = renamed
	}
	return enum == new.Enum && old.Scalar == new.Scalar && old.List == new.List && (old.Elements || !new.Elements)
}

// widens says whether every value of old can be kept as one of new.
func widens(old, new ValueType) bool {
	if old.List && !new.List || new.List && old.List && new.Elements && !old.Elements {
		return false
	}
	if new.Enum != "" {
		return old.Enum == new.Enum
	}
	if old.Scalar == new.Scalar || new.Scalar == JSON {
		return true
	}
	switch new.Scalar {
	case Long:
		return old.Scalar == Int
	case Float:
		return old.Scalar == Int || old.Scalar == Long
	case Decimal:
		return old.Scalar == Int || old.Scalar == Long
	case ID, String:
		return old.Enum == "" && (old.Scalar == ID || old.Scalar == String)
	}
	return false
}

// enumMoves returns the renamed values of the enum of a property, nil for none.
func (d *differ) enumMoves(old, new *Property) map[string]string {
	before, after := d.old.Enums[old.Type.Enum], d.new.Enums[new.Type.Enum]
	if before == nil || after == nil {
		return nil
	}
	return renamedValues(before, after)
}

// goneValues reports stored enum values that the new enum does not have, at the property that holds them.
func (d *differ) goneValues(o owner, before Path, old, new *Property) {
	was, is := d.old.Enums[old.Type.Enum], d.new.Enums[new.Type.Enum]
	if was == nil || is == nil || new.Kind != Static || o.oldType == "" {
		return
	}
	renamed := renamedValues(was, is)
	for _, v := range was.Values {
		if _, ok := renamed[v.Name]; ok || is.Has(v.Name) {
			continue
		}
		stored, value := o.stored(before), StringOf(v.Name)
		stored.Value = &value
		d.add(Difference{Impact: Breaking, Subject: subjectOf(new), Message: fmt.Sprintf("the value %s of %s is gone", v.Name, is.Name),
			Data: "entities that hold it would be invalid", Stored: []Stored{stored}, Position: new.Position,
			Fix: fmt.Sprintf(`write @renamed(from: "%s") on the value it has become, or give those entities another value first`, v.Name)})
	}
}

type reportFunc func(impact Impact, data, format string, args ...any)

func (d *differ) keys(old, new *Property, report reportFunc) {
	switch {
	case old.Unique && new.Unique && d.renamedType(old.UniqueIn) != new.UniqueIn:
		report(Breaking, "apply refuses when two entities have the same value", "it was unique in %s and is in %s", old.UniqueIn, new.UniqueIn)
	case old.Unique && !new.Unique:
		report(Breaking, "", "it is not unique any more: no root field finds entities by it")
	case !old.Unique && new.Unique:
		report(Additive, "apply refuses when two entities have the same value", "it is unique")
	case old.Index != new.Index:
		report(Safe, "", "its index changes")
	}
}

func (d *differ) checks(old, new *Property, report reportFunc) {
	if !sameNumber(old.Min, new.Min) || !sameNumber(old.Max, new.Max) {
		report(Safe, storedOnly(new, "stored values stay; the next change of one is checked"), "its range was %s and is %s", rangeText(old), rangeText(new))
	}
	if old.Pattern != new.Pattern {
		report(Safe, storedOnly(new, "stored values stay; the next change of one is checked"), "its pattern was %s and is %s", orNone(old.Pattern), orNone(new.Pattern))
	}
	if !sameDefault(old.Default, new.Default) {
		report(Safe, "", "its default changes")
	}
	if old.Personal != new.Personal {
		report(Safe, "", "whether it is personal changes")
	}
	if old.Deprecated == "" && new.Deprecated != "" {
		report(Safe, "", "it is deprecated: %s", new.Deprecated)
	}
	if old.Expr != new.Expr {
		report(Safe, "", "its expression changes")
	}
	if old.Live != nil && new.Live != nil && !sameBinding(*old.Live, *new.Live) {
		report(Safe, "", "it is bound to another series, or expected at other times")
	}
}

func sameNumber(a, b *float64) bool { return a == b || a != nil && b != nil && *a == *b }

func sameDefault(a, b *Value) bool { return a == b || a != nil && b != nil && Equal(*a, *b) }

func sameBinding(a, b LiveBinding) bool {
	return a.Connector == b.Connector && a.Ref.Source == b.Ref.Source && a.Every == b.Every && a.StaleAfter == b.StaleAfter
}

func rangeText(p *Property) string {
	end := func(f *float64) string {
		if f == nil {
			return ""
		}
		return number(*f)
	}
	if p.Min == nil && p.Max == nil {
		return "none"
	}
	return end(p.Min) + ".." + end(p.Max)
}
