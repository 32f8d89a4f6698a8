package schema

// located is a field with its place in an entity.
type located struct {
	field  *field
	path   Path // motor.speed
	within Path // motor, "" at the top
}

// walk calls visit for every field of d and of the components in it, in the order of the model, a component before its
// fields. It stops at MaxFields: components in components can multiply. It returns false when it stopped. All walks of a
// Parse together visit a few times MaxAllFields.
func (p *parse) walk(d *declaration, visit func(located)) bool {
	left := min(MaxFields, walks*MaxAllFields-p.visited)
	before := left
	complete := p.walkWithin(d, "", 0, &left, visit)
	p.visited += before - left
	return complete
}

// walks is how often each field is visited: by relationUses, buildLeaves, checkEntityPaths, and for props.
const walks = 4

func (p *parse) walkWithin(d *declaration, within Path, depth int, left *int, visit func(located)) bool {
	for _, f := range d.fields {
		if *left--; *left < 0 || depth > MaxDepth {
			return false
		}
		path := Path(f.name)
		if within != "" {
			path = within + "." + path
		}
		visit(located{f, path, within})
		if inner := p.componentOf(f); inner != nil && !p.walkWithin(inner, path, depth+1, left, visit) {
			return false
		}
	}
	return true
}
