package schema

import (
	"strings"

	"mereon/schema/fault"
)

func (p *parse) readLive(f *field) {
	if !f.uses.has("live") {
		return
	}
	b := &LiveBinding{Connector: f.uses.text("live", "connector")}
	ref := f.uses.text("live", "ref")
	switch {
	case !f.uses.complete("live"): // reported
	case b.Connector == "" && ref != "":
		p.add(f.uses.at("live", "ref"), `write connector: "..." too, or leave ref out and bind each entity`,
			"%s has a reference and no connector", f.name)
	case b.Connector != "" && ref == "":
		p.add(f.uses.at("live", "connector"), `write ref: "..." too, or leave connector out and bind each entity`,
			"%s has a connector and no reference", f.name)
	}
	template, err := ParseTemplate(ref)
	if err != nil {
		p.add(f.uses.textAt("live", "ref"), "names in braces are paths: {serialNumber}; a brace itself is doubled: {{", "%s", err)
	}
	b.Ref = template
	if b.Every, err = f.uses.duration("live", "every"); err != nil {
		p.add(f.uses.at("live", "every"), `write every: "1s"`, "%s", err)
	}
	if b.StaleAfter, err = f.uses.duration("live", "staleAfter"); err != nil {
		p.add(f.uses.at("live", "staleAfter"), `write staleAfter: "10s"`, "%s", err)
	}
	f.property.Live = b
}

func (p *parse) readComputed(f *field) {
	if !f.uses.has("computed") {
		return
	}
	f.property.Expr = f.uses.text("computed", "expr")
	f.property.ExprPosition = f.uses.textAt("computed", "expr")
	if strings.TrimSpace(f.property.Expr) == "" && f.uses.argument("computed", "expr") != nil {
		p.add(f.uses.at("computed", "expr"), `write @computed(expr: "flow / ratedFlow")`, "the expression of %s is empty", f.name)
	}
}

// ParseTemplate reads "pumps/{serialNumber}/flow"; "{{" and "}}" are braces themselves. Paths are checked for their form
// only. The error is Invalid.
func ParseTemplate(text string) (Template, error) {
	t := Template{Source: text}
	var part strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			part.WriteByte(c)
			i += 2
		case c == '}':
			return t, fault.New(fault.Invalid, "the template %q has a } without a {", text)
		case c == '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return t, fault.New(fault.Invalid, "the template %q has a { without a }", text)
			}
			path := strings.TrimSpace(text[i+1 : i+end])
			if !validPath(path) {
				return t, fault.New(fault.Invalid, "in the template %q, {%s} is no path", text, path)
			}
			t.Texts, t.Paths = append(t.Texts, part.String()), append(t.Paths, Path(path))
			part.Reset()
			i += end + 1
		default:
			part.WriteByte(c)
			i++
		}
	}
	t.Texts = append(t.Texts, part.String())
	return t, nil
}

// validPath says whether s is names joined by dots; what follows externalIds. may be any name of a system.
func validPath(s string) bool {
	if system, ok := strings.CutPrefix(strings.TrimPrefix(s, "entity."), "externalIds."); ok {
		return system != "" && !strings.ContainsAny(system, "{}\" ")
	}
	for part := range strings.SplitSeq(s, ".") {
		if !validName(part) {
			return false
		}
	}
	return true
}

func validName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
