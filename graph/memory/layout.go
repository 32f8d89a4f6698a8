package memory

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// layout is a graph.Layout in numbers.
type layout struct {
	source      *graph.Layout
	relations   []*schema.Relation // by relation number, nil when not listed
	hierarchies []hierarchy
	indexes     []indexSpec
	byType      [][]int // indexes of every type number
}

type hierarchy struct {
	name string
	up   []link // from child to parent
}

// down returns the links from parent to child.
func (h *hierarchy) down() []link {
	links := slices.Clone(h.up)
	for i := range links {
		links[i].in = !links[i].in
	}
	return links
}

// indexSpec says what an index holds. Unique keys and plain indexes over the same path and types share one.
type indexSpec struct {
	path  schema.Path
	key   uint32
	types []schema.TypeName
	set   typeSet
	scope schema.TypeName // of the unique key, "" when values may repeat
}

// compileLayout numbers the layout, adding names to s, which must be a snapshot in the making.
func (s *Snapshot) compileLayout(source *graph.Layout) *layout {
	l := &layout{source: source}
	relations, types, paths := growing{names: s.relations}, growing{names: s.types}, growing{names: s.paths}
	for i := range source.Relations {
		r := &source.Relations[i]
		n := relations.add(r.Name)
		for len(l.relations) <= int(n) {
			l.relations = append(l.relations, nil)
		}
		l.relations[n] = r
		if r.Hierarchy != "" {
			l.join(r.Hierarchy, link{n, !r.ToParent})
		}
	}
	for _, u := range source.Unique {
		l.index(&types, paths.add(string(u.Path)), u.Path, u.Types, u.Scope)
	}
	for _, ix := range source.Indexes {
		l.index(&types, paths.add(string(ix.Path)), ix.Path, ix.Types, "")
	}
	s.relations, s.types, s.paths = relations.names, types.names, paths.names
	return l
}

func (l *layout) join(name string, up link) {
	i := slices.IndexFunc(l.hierarchies, func(h hierarchy) bool { return h.name == name })
	if i < 0 {
		i = len(l.hierarchies)
		l.hierarchies = append(l.hierarchies, hierarchy{name: name})
	}
	l.hierarchies[i].up = append(l.hierarchies[i].up, up)
}

func (l *layout) index(types *growing, key uint32, path schema.Path, covers []schema.TypeName, scope schema.TypeName) {
	for _, have := range l.indexes {
		if have.key == key && slices.Equal(have.types, covers) && (scope == "" || have.scope == scope) {
			return
		}
	}
	spec := indexSpec{path: path, key: key, types: covers, scope: scope}
	for _, name := range covers {
		n := types.add(string(name))
		spec.set.add(n)
		for len(l.byType) <= int(n) {
			l.byType = append(l.byType, nil)
		}
		l.byType[n] = append(l.byType[n], len(l.indexes))
	}
	l.indexes = append(l.indexes, spec)
}

// relation returns the rules of a relation number, nil when the layout does not list it.
func (l *layout) relation(number uint32) *schema.Relation {
	if int(number) >= len(l.relations) {
		return nil
	}
	return l.relations[number]
}

func (l *layout) indexesOf(typ uint32) []int {
	if int(typ) >= len(l.byType) {
		return nil
	}
	return l.byType[typ]
}

// typeSet is a set of type numbers; all of them when any is set.
type typeSet struct {
	any  bool
	low  uint64   // numbers below 64, so that a small set allocates nothing
	bits []uint64 // the others
}

func (t *typeSet) add(n uint32) {
	if n < 64 {
		t.low |= 1 << n
		return
	}
	n -= 64
	for len(t.bits) <= int(n/64) {
		t.bits = append(t.bits, 0)
	}
	t.bits[n/64] |= 1 << (n % 64)
}

func (t *typeSet) has(n uint32) bool {
	if t.any {
		return true
	}
	if n < 64 {
		return t.low>>n&1 == 1
	}
	n -= 64
	return int(n/64) < len(t.bits) && t.bits[n/64]>>(n%64)&1 == 1
}

// typeSet numbers the types asked for; nil means any. Unknown ones are left out.
func (s *Snapshot) typeSet(types []schema.TypeName) typeSet {
	set := typeSet{any: types == nil}
	for _, t := range types {
		if n, ok := s.types.number(string(t)); ok {
			set.add(n)
		}
	}
	return set
}
