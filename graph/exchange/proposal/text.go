package proposal

import (
	"fmt"
	"strings"
)

// String is the whole proposal as a file of a model.
func (p *Proposal) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What connector %s holds. Delete what is not needed, name fields and types as people call them.\n", p.connector)
	for _, n := range p.notes {
		fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(n, "\n", " "))
	}
	for _, e := range p.enums {
		b.WriteString("\n" + e.text())
	}
	for _, r := range p.records {
		b.WriteString("\n" + r.text(p.connector))
	}
	for _, f := range p.families {
		b.WriteString("\n" + f.text())
	}
	return b.String()
}

func (e *enum) text() string { return "enum " + e.name + " { " + strings.Join(e.values, " ") + " }\n" }

func (r *record) text(connector string) string {
	var b strings.Builder
	b.WriteString(quoted(r.description, ""))
	fmt.Fprintf(&b, "type %s @record(connector: %q, collection: %q, key: %q) {\n", r.name, connector, r.collection, r.key)
	for _, f := range r.fields {
		b.WriteString(f.text())
	}
	b.WriteString("}\n")
	return b.String()
}

func (f *family) text() string {
	var b strings.Builder
	b.WriteString(quoted(f.description, ""))
	fmt.Fprintf(&b, "type %s @component {\n", f.name)
	for _, one := range f.fields {
		b.WriteString(one.text())
	}
	b.WriteString("}\n")
	return b.String()
}

func (f *field) text() string {
	return quoted(f.description, "  ") + "  " + f.line() + "\n"
}

// line is the field without its description.
func (f *field) line() string { return f.name + ": " + f.typ + f.directives }

// quoted is a description as the specification writes it: on one line, or as a block.
//
// Source: GraphQL specification, October 2021, section 2.9.4 "String Value".
func quoted(text, indent string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, strings.TrimSpace(text))
	if text == "" {
		return ""
	}
	if !strings.ContainsAny(text, "\n\"\\") {
		return indent + "\"" + text + "\"\n"
	}
	text = strings.ReplaceAll(text, `"""`, `\"""`)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = indent + strings.TrimRight(l, " \t")
	}
	return indent + "\"\"\"\n" + strings.Join(lines, "\n") + "\n" + indent + "\"\"\"\n"
}
