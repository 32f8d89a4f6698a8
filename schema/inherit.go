package schema

import (
	"slices"
	"unicode/utf8"

	"mereon/schema/fault"
)

// readParents finds the interfaces that d implements.
func (p *parse) readParents(d *declaration) {
	seen := make(map[string]bool, len(d.def.Interfaces))
	for _, name := range d.def.Interfaces {
		at := p.parentAt(d, name)
		if seen[name] {
			p.add(at, "leave one of them out", "%s implements %s twice", d.name, name)
			continue
		}
		seen[name] = true
		parent := p.decls[TypeName(name)]
		switch {
		case parent == nil:
			p.unknownParent(d, name, at)
		case d.kind == recordDeclaration:
			p.add(at, "write its fields one by one", "a record type implements nothing")
		case parent.kind != d.kind:
			p.add(at, "asset types implement asset types, components implement components",
				"%s is %s and cannot implement %s, which is %s", d.name, d.kind, name, parent.kind)
		case !parent.abstract:
			p.add(at, p.extendHint(parent), "%s is a type; only an interface can be implemented", name)
		case parent == d:
			p.add(at, "leave it out", "%s implements itself", name)
		default:
			d.parents = append(d.parents, parent)
		}
	}
}

func (p *parse) extendHint(parent *declaration) string {
	if parent.kind == assetDeclaration {
		return "write interface " + string(parent.name) + " @asset(instantiable: true)"
	}
	return "write interface " + string(parent.name) + ", and a type that implements it where it is used as a field"
}

func (p *parse) unknownParent(d *declaration, name string, at fault.Position) {
	if p.broken {
		return
	}
	var names []string
	for known, other := range p.decls {
		if other.abstract && other.kind == d.kind {
			names = append(names, string(known))
		}
	}
	slices.Sort(names)
	hint := "declare it: interface " + name + " @asset { ... }"
	if name == string(EntityType) || name == "Node" {
		hint = "leave it out: every asset type is an Entity"
	}
	p.add(at, p.didYouMean(name, names, hint), "there is no interface %s", name)
}

// parentAt finds the place of a name in the list behind "implements"; gqlparser keeps none.
func (p *parse) parentAt(d *declaration, name string) fault.Position {
	at := d.position
	for line := at.Line; line >= 1 && line <= min(len(d.source.lines), at.Line+20); line++ {
		text, from := d.source.lines[line-1], 0
		if line == at.Line {
			from = byteOf(text, at.Column-1) + len(d.name)
		}
		if i := wordIn(text[min(from, len(text)):], name); i >= 0 {
			column := utf8.RuneCountInString(text[:min(from, len(text))+i]) + 1
			return fault.Position{File: at.File, Line: line, Column: column}
		}
	}
	return at
}

// byteOf returns the byte offset of rune number n of s.
func byteOf(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// wordIn returns where name stands in s as a whole word, -1 when it does not.
func wordIn(s, name string) int {
	for i := 0; i+len(name) <= len(s); i++ {
		if s[i:i+len(name)] == name && !wordByte(s, i-1) && !wordByte(s, i+len(name)) {
			return i
		}
	}
	return -1
}

func wordByte(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] == '_' || validName("a"+s[i:i+1]))
}

// linearise puts parents before children and finds all ancestors, nearest first. A circle is reported once and cut.
func (p *parse) linearise() {
	order := make([]*declaration, 0, len(p.order))
	for _, d := range p.order {
		p.visit(d, &order)
	}
	p.order = order
}

func (p *parse) visit(d *declaration, order *[]*declaration) {
	if d.state != unvisited {
		return
	}
	d.state = visiting
	d.parents = slices.DeleteFunc(d.parents, func(parent *declaration) bool {
		p.visit(parent, order)
		if parent.state == visiting {
			p.add(p.parentAt(d, string(parent.name)), "an interface cannot be its own ancestor: take one implements out",
				"%s and %s implement each other, directly or through others", d.name, parent.name)
			return true
		}
		d.depth = max(d.depth, parent.depth+1)
		return false
	})
	if d.depth == MaxDepth {
		p.add(d.position, "leave some steps out", "%s is more than %d steps below its first ancestor", d.name, MaxDepth-1)
	}
	if d.depth >= MaxDepth {
		d.parents = nil
	}
	d.ancestors = ancestorsOf(d)
	d.state = visited
	*order = append(*order, d)
}

// ancestorsOf walks upwards breadth first; parents come in the order written.
func ancestorsOf(d *declaration) []*declaration {
	level, seen := d.parents, make(map[*declaration]bool)
	var all []*declaration
	for len(level) > 0 {
		var next []*declaration
		for _, a := range level {
			if !seen[a] {
				seen[a] = true
				all = append(all, a)
				next = append(next, a.parents...)
			}
		}
		level = next
	}
	return all
}
