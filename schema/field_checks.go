package schema

import (
	"strings"

	"mereon/schema/unit"
)

func (p *parse) readUnit(f *field) {
	code := f.uses.text("unit", "code")
	if code == "" {
		if f.uses.argument("unit", "code") != nil {
			p.add(f.uses.at("unit", "code"), `leave @unit out, or write "1" for a plain ratio`, "the unit is empty")
		}
		return
	}
	if v := f.property.Type; v.Enum != "" || !v.Scalar.Numeric() {
		p.add(f.uses.at("unit", "code"), "leave it out, or make the property a Float", "a unit goes with numbers, %s is %s",
			f.name, f.def.Type)
		return
	}
	if err := p.checkUnit(code); err != nil {
		hint := ""
		if !p.full() {
			hint = unit.Hint(code)
		}
		p.add(f.uses.textAt("unit", "code"), hint, "%s", err)
		return
	}
	f.property.Unit = code
}

func (p *parse) checkUnit(code string) error {
	if p.units[code] {
		return nil
	}
	_, err := unit.Parse(code)
	if err == nil {
		p.units[code] = true
	}
	return err
}

func (p *parse) readRange(f *field) {
	if !f.uses.has("range") {
		return
	}
	if v := f.property.Type; v.Enum != "" || !v.Scalar.Numeric() {
		p.add(f.uses.at("range", ""), "leave it out; for texts there is @pattern", "a range goes with numbers, %s is %s",
			f.name, f.def.Type)
		return
	}
	least, most := f.uses.number("range", "min"), f.uses.number("range", "max")
	switch {
	case least == nil && most == nil && f.uses.complete("range"):
		p.add(f.uses.at("range", ""), "write @range(min: 0) or @range(min: 0, max: 100)", "the range has no end")
	case least != nil && most != nil && *least > *most:
		p.add(f.uses.at("range", "min"), "exchange them", "the range is empty: %s is more than %s", number(*least), number(*most))
	}
	f.property.Min, f.property.Max = least, most
}

func (p *parse) readPattern(f *field) {
	pattern := f.uses.text("pattern", "regex")
	if pattern == "" {
		return
	}
	if v := f.property.Type; v.Enum != "" || v.Scalar != String && v.Scalar != ID {
		p.add(f.uses.at("pattern", ""), "leave it out; for numbers there is @range", "a pattern goes with texts, %s is %s",
			f.name, f.def.Type)
		return
	}
	compiled, err := compilePattern(pattern)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		p.add(f.uses.textAt("pattern", "regex"), "patterns are RE2: no look-ahead and no back-reference",
			"the pattern cannot be read: %s", reason)
		return
	}
	f.property.Pattern, f.property.pattern = pattern, compiled
}

func (p *parse) readUnique(d *declaration, f *field) {
	f.property.Index = f.uses.has("index")
	if !f.uses.has("unique") {
		return
	}
	at := f.uses.at("unique", "")
	v := f.property.Type
	switch {
	case d.kind == componentDeclaration:
		p.add(at, "declare it on the asset type", "a property inside a component cannot be unique")
	case v.List:
		p.add(at, "leave it out", "a list cannot be unique")
	case v.Enum == "" && (v.Scalar == Float || v.Scalar == JSON || v.Scalar == Boolean || v.Scalar == Duration):
		p.add(at, "use a String, ID, Int, Long, Decimal, Date or DateTime", "a property of type %s cannot be unique", v.Scalar)
	default:
		f.property.Unique, f.property.UniqueIn, f.property.Index = true, d.name, true
	}
}

func (p *parse) readDefault(f *field) {
	a := f.uses.argument("default", "value")
	if a == nil {
		return
	}
	at := f.uses.at("default", "value")
	value, err := ParseValue(literalFor(literal(a.Value), f.property.Type), f.property.Type, p.model)
	if err != nil {
		p.add(at, "give a value of the property's type", "the default of %s: %s", f.name, err)
		return
	}
	if value.IsNull() {
		p.add(at, "leave @default out", "null is no default")
		return
	}
	f.property.Default = &value
}

// literalFor lets enum values be written as bare words, and only there.
func literalFor(v any, t ValueType) any {
	switch x := v.(type) {
	case bareWord:
		if t.Enum != "" {
			return string(x)
		}
	case []any:
		if t.Scalar != JSON {
			for i, e := range x {
				x[i] = literalFor(e, t)
			}
		}
	}
	return v
}
