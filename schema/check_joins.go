package schema

import (
	"strings"

	"mereon/schema/fault"
)

// checkJoin checks both sides of a join and that they can be equal.
func (p *parse) checkJoin(d *declaration, f *field) {
	target := p.decls[f.join.Target]
	start, where := f.uses.textAt("join", "where"), f.uses.text("join", "where")
	for _, pair := range f.join.On {
		left, right, _ := strings.Cut(where, "=")
		theirs, theirsOK := p.joinSide(target, pair.Theirs, within(start, where, string(pair.Theirs)), false)
		oursAt := within(start, where, string(pair.Ours))
		if wordIn(left, string(pair.Ours)) >= 0 && !strings.Contains(where, " and ") {
			oursAt = within(start, where, strings.TrimSpace(right))
		}
		ours, oursOK := p.joinSide(d, pair.Ours, oursAt, d.kind == componentDeclaration)
		if theirsOK && oursOK && !comparable(theirs, ours) {
			p.add(oursAt, "join fields of the same type", "%s.%s is %s, %s.%s is %s, and they are never equal",
				target.name, pair.Theirs, theirs, d.name, pair.Ours, ours)
		}
	}
}

// joinType is what two sides of a join are compared by.
type joinType struct {
	scalar Scalar
	enum   TypeName
}

func (t joinType) String() string {
	if t.enum != "" {
		return string(t.enum)
	}
	return t.scalar.String()
}

// comparable says whether values of a and b can be equal: the same type, or two kinds of text or of whole number.
func comparable(a, b joinType) bool {
	if a == b {
		return true
	}
	text := func(t joinType) bool { return t.enum == "" && (t.scalar == ID || t.scalar == String) }
	whole := func(t joinType) bool { return t.enum == "" && (t.scalar == Int || t.scalar == Long) }
	return text(a) && text(b) || whole(a) && whole(b)
}

// joinSide returns the type of one side; ok is false when it is reported, or checked elsewhere.
func (p *parse) joinSide(d *declaration, path Path, at fault.Position, mayMeanEntity bool) (joinType, bool) {
	if mayMeanEntity && strings.HasPrefix(string(path), "entity.") {
		return joinType{}, false
	}
	if d.kind == assetDeclaration && builtIn(path) {
		if path == "id" {
			return joinType{scalar: ID}, true
		}
		return joinType{scalar: String}, true
	}
	found, known := p.lookUp(d, path)
	switch {
	case found == nil:
		p.add(at, p.didYouMean(string(path), known, "write where: \"theirs = ours\": left a field of the target, right one of this type"),
			"%s has no field %s", d.name, path)
	case found.kind != propertyField || found.property.Kind != Static || found.property.Type.List || found.property.Type.Scalar == JSON:
		p.add(at, "join by static properties and columns with one value", "%s.%s is %s and cannot be joined by", d.name, path, found.valueWhat())
	default:
		return joinType{found.property.Type.Scalar, found.property.Type.Enum}, true
	}
	return joinType{}, false
}
