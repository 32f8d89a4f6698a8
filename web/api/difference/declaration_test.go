package difference

import (
	"fmt"
)

// write adds f to its owner and to the text.
func (w *world) write(owner fields, f *field) {
	if f.name == "" {
		panic("a field without a name")
	}
	owner[f.name] = f
	fmt.Fprintf(&w.text, "  %s: %s\n", f.name, f.declaration())
}

func (f *field) declaration() string {
	shown := f.Type
	switch f.Kind {
	case "component":
		return f.Component
	case "relation", "join":
		shown = f.Target
		if f.Many {
			shown = "[" + f.Target + "!]"
		}
	}
	if f.List {
		shown = "[" + shown + "!]"
	}
	if f.Required {
		shown += "!"
	}
	if f.Unit != "" {
		shown += fmt.Sprintf(" @unit(code: %q)", f.Unit)
	}
	switch f.Kind {
	case "live":
		shown += fmt.Sprintf(" @live(connector: %q, ref: %q", f.Connector, "{"+f.Ref[0]+"}"+f.Ref[1])
		if f.Stale > 0 {
			shown += fmt.Sprintf(", staleAfter: \"%ds\"", f.Stale)
		}
		shown += ")"
	case "computed":
		shown += fmt.Sprintf(" @computed(expr: %q)", f.Expr.text())
	case "relation":
		shown += fmt.Sprintf(" @relation(name: %q", f.Relation)
		if f.Relation == "isIn" {
			shown += `, hierarchy: "place"`
		}
		if f.Props != "" {
			shown += fmt.Sprintf(", props: %q", f.Props)
		}
		shown += ")"
	case "join":
		shown += fmt.Sprintf(" @join(where: \"%s = %s\")", f.Theirs, f.Ours)
	}
	return shown
}

func (e *expression) text() string {
	switch {
	case e.Path != "":
		return e.Path
	case e.Const != nil:
		return fmt.Sprintf("%.1f", *e.Const)
	}
	return e.Left.text() + " " + e.Op + " " + e.Right.text()
}
