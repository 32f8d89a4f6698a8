package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"mereon/schema/fault"
)

// Limits on what is read. They are far above any model written by hand and above the largest published ontologies.
const (
	MaxFiles       = 5_000
	MaxFileBytes   = 4 << 20
	MaxModelBytes  = 64 << 20
	MaxTokens      = 1_000_000 // in one file
	MaxDefinitions = 50_000
	MaxFields      = 2_000     // of one type, inherited ones included
	MaxAllFields   = 1_000_000 // of all types, inherited ones included
	MaxDepth       = 64        // of inheritance, and of components in components
	MaxNameLength  = 128
)

// Parse reads the files of a model. It returns the model, or nil and everything wrong with it: a file that cannot be
// read as GraphQL gives one mistake and the others are still checked. Files may come in any order.
// A nil model always comes with a list whose Err is not nil; a model may come with warnings.
func Parse(files []File) (*Model, fault.List) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	p := &parse{
		reporter: reporter{sources: make(map[string]*source, len(files))},
		decls:    make(map[TypeName]*declaration),
		clashes:  make(map[[2]*field]bool),
		shared:   make(map[*declaration]map[[2]Path]bool),
		units:    make(map[string]bool),
		model: &Model{
			Hash:        hash(files),
			Files:       files,
			Types:       make(map[TypeName]*AssetType),
			Components:  make(map[TypeName]*Component),
			Records:     make(map[TypeName]*RecordType),
			Enums:       make(map[TypeName]*Enum),
			Relations:   make(map[string]*Relation),
			Hierarchies: make(map[string]*Hierarchy),
		},
	}
	if p.withinLimits(files) {
		p.run(files)
	}
	problems := p.list()
	if problems.Err() != nil {
		return nil, problems
	}
	return p.model, problems
}

// parse is the work of one call of Parse.
type parse struct {
	reporter
	model *Model
	decls map[TypeName]*declaration
	order []*declaration // in the order of the files, parents before children after linearise
	// broken is set when a file cannot be read: names that are missing then may be in that file.
	broken bool
	// clashes are the pairs of an inverse field and another one of its name that are reported.
	clashes map[[2]*field]bool
	// shared are the pairs of fields of a type that start the same relation and are reported.
	shared    map[*declaration]map[[2]Path]bool
	allFields int
	visited   int             // fields, by walk
	tooMany   bool            // inverses, which is reported
	names     []string        // see typeNames
	units     map[string]bool // codes that are known to be right: a model writes few of them often
}

func (p *parse) run(files []File) {
	for _, f := range files {
		p.read(f)
	}
	p.declare()
	p.checkDirectives()
	p.readTypes()
	p.linearise()
	p.expand()
	p.relate()
	p.build()
	p.checkBindings()
	p.checkNames()
}

// read parses the syntax of one file.
func (p *parse) read(f File) {
	s := newSource(f)
	if p.sources[f.Name] != nil {
		p.add(fault.Position{File: f.Name}, "give every file its own name", "two files have the name %q", f.Name)
		return
	}
	p.sources[f.Name] = s
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: f.Name, Input: f.Text}, MaxTokens)
	if err != nil {
		p.broken = true
		p.addSyntax(s, err)
		return
	}
	s.doc = doc
}

func (p *parse) addSyntax(s *source, err error) {
	at := fault.Position{File: s.name}
	message := err.Error()
	if e, ok := errors.AsType[*gqlerror.Error](err); ok {
		message = e.Message
		if len(e.Locations) > 0 {
			at.Line, at.Column = e.Locations[0].Line, max(1, e.Locations[0].Column)
		}
	}
	hint := "this is no GraphQL SDL; the rest of the file is not checked until it is mended"
	if strings.Contains(message, "<Invalid>") {
		message = "a character that GraphQL does not know, or a text without its closing quote"
	}
	if strings.Contains(message, "at least one definition") {
		hint = "leave out empty braces: a type without fields of its own is written without them"
	}
	p.add(at, hint, "syntax: %s", message)
}

func (p *parse) withinLimits(files []File) bool {
	if len(files) > MaxFiles {
		p.add(fault.Position{}, "join some of them", "the model has %d files; at most %d are read", len(files), MaxFiles)
		return false
	}
	total := 0
	for _, f := range files {
		total += len(f.Text)
		if len(f.Text) > MaxFileBytes {
			p.add(fault.Position{File: f.Name}, "split it", "the file has %d bytes; at most %d are read", len(f.Text), MaxFileBytes)
			return false
		}
	}
	if total > MaxModelBytes {
		p.add(fault.Position{}, "", "the model has %d bytes; at most %d are read", total, MaxModelBytes)
		return false
	}
	return true
}

// hash is over the names and texts of files, which are ordered; lengths keep "a"+"bc" apart from "ab"+"c".
func hash(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %d\n%s%s", len(f.Name), len(f.Text), f.Name, f.Text)
	}
	return hex.EncodeToString(h.Sum(nil))
}
