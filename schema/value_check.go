package schema

import (
	"regexp"
	"strconv"

	"mereon/schema/fault"
)

// CheckValue returns everything that forbids v as the value of p: null where a value is needed, out of range, not
// matching the pattern. It returns nil when v is allowed. v must have come from ParseValue with p.Type. Every error is
// Invalid and does not name the property.
func CheckValue(p *Property, v Value) []error {
	if v.IsNull() {
		if p.Type.NonNull {
			return []error{fault.New(fault.Invalid, "a value is needed")}
		}
		return nil
	}
	if !p.Type.List {
		return p.checkOne(nil, v)
	}
	var errs []error
	for i, e := range v.List() {
		if e.IsNull() {
			if p.Type.Elements {
				errs = append(errs, fault.New(fault.Invalid, "element %d: a value is needed", i+1))
			}
			continue
		}
		for _, err := range p.checkOne(nil, e) {
			errs = append(errs, fault.New(fault.Invalid, "element %d: %s", i+1, err))
		}
	}
	return errs
}

func (p *Property) checkOne(errs []error, v Value) []error {
	if p.Min != nil && v.number() && Compare(v, FloatOf(*p.Min)) < 0 {
		errs = append(errs, fault.New(fault.Invalid, "%s is less than %s, the least allowed", v.plainText(), number(*p.Min)))
	}
	if p.Max != nil && v.number() && Compare(v, FloatOf(*p.Max)) > 0 {
		errs = append(errs, fault.New(fault.Invalid, "%s is more than %s, the most allowed", v.plainText(), number(*p.Max)))
	}
	if p.Pattern == "" {
		return errs
	}
	pattern := p.pattern
	if pattern == nil {
		compiled, err := compilePattern(p.Pattern)
		if err != nil {
			return append(errs, fault.New(fault.Invalid, "the pattern %q cannot be read: %s", p.Pattern, err))
		}
		pattern = compiled
	}
	if !pattern.MatchString(v.Text()) {
		errs = append(errs, fault.New(fault.Invalid, "%q does not match the pattern %s", v.Text(), p.Pattern))
	}
	return errs
}

// compilePattern reads an RE2 expression that must match the whole text.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(pattern); err != nil { // so that "a)(b" is no way out of the anchors
		return nil, err
	}
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func (v Value) plainText() string {
	if v.kind == DecimalValue {
		return v.text
	}
	return string(v.AppendJSON(nil))
}
