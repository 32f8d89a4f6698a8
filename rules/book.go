package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// Book is all rule sets of a project, compiled against one model. It is immutable.
type Book struct {
	Hash   string // over names and texts of the files and the model
	sets   []*Set // by name, then asset type
	byType map[schema.TypeName][]*Set
}

// Compile reads rule files, one rule set each, and checks them against m. The list holds every mistake of all files, sorted,
// and warnings; the book is nil when it holds a mistake. No files give an empty book.
func Compile(files []schema.File, m *schema.Model) (*Book, fault.List) {
	b := &Book{Hash: hashOf(files, m), byType: map[schema.TypeName][]*Set{}}
	var problems fault.List
	type key struct {
		name string
		on   schema.TypeName
	}
	seen := map[key]fault.Position{}
	for _, f := range files {
		set, found := compileFile(f, m)
		problems = append(problems, found...)
		if set == nil {
			continue
		}
		k := key{set.Name, set.On}
		if first, ok := seen[k]; ok {
			problems = append(problems, fault.Problem{Position: set.Position,
				Message: fmt.Sprintf("the rule set %s on %s is written twice, first at %s", set.Name, set.On, first), Hint: "Rename or remove one of them."})
			continue
		}
		seen[k] = set.Position
		b.sets = append(b.sets, set)
	}
	problems.Sort()
	if problems.Err() != nil {
		return nil, problems
	}
	b.assign(m)
	return b, problems
}

func compileFile(f schema.File, m *schema.Model) (*Set, fault.List) {
	node, problems := document.Parse(f)
	if node == nil {
		return nil, problems
	}
	r := newReader(f, problems)
	var raw rawSet
	r.Decode(node, &raw)
	set := newCompiler(r, m).compile(&raw)
	if set != nil {
		set.Hash = setHash(f.Text, set)
	}
	return set, r.Problems
}

func hashOf(files []schema.File, m *schema.Model) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", m.Hash)
	for _, f := range files {
		fmt.Fprintf(h, "%q %q\n", f.Name, f.Text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// setHash covers the text and what the model says of every input.
func setHash(text string, s *Set) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", text)
	for _, in := range s.Inputs {
		fmt.Fprintf(h, "%s %s %v %s %v\n", in.Name, in.Path, in.Type, in.Unit, in.Route.Hops)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// assign finds for every type the sets that apply: the nearest of each name among the type and its ancestors.
func (b *Book) assign(m *schema.Model) {
	slices.SortFunc(b.sets, func(x, y *Set) int {
		if c := strings.Compare(x.Name, y.Name); c != 0 {
			return c
		}
		return strings.Compare(string(x.On), string(y.On))
	})
	for _, name := range m.TypeNames {
		t := m.Types[name]
		lineage := append([]schema.TypeName{name}, t.Ancestors...)
		nearest := map[string]*Set{}
		distance := func(s *Set) int { return slices.Index(lineage, s.On) }
		for _, s := range b.sets {
			if d := distance(s); d >= 0 && (nearest[s.Name] == nil || d < distance(nearest[s.Name])) {
				nearest[s.Name] = s
			}
		}
		for _, s := range b.sets {
			if nearest[s.Name] == s {
				b.byType[name] = append(b.byType[name], s)
			}
		}
	}
}

// Sets returns all rule sets, by name, then asset type. It must not be changed.
func (b *Book) Sets() []*Set { return b.sets }

// For returns the rule sets that apply to entities of a type, by name. It must not be changed.
func (b *Book) For(t schema.TypeName) []*Set { return b.byType[t] }

// Find returns the rule set of that name that applies to entities of a type.
func (b *Book) Find(t schema.TypeName, name string) (*Set, bool) {
	for _, s := range b.byType[t] {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}
