package schema

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// source is a model file with what is needed to point into it.
type source struct {
	name       string
	lines      []string
	lineStarts []int // in runes
	doc        *ast.SchemaDocument
	hidden     bool // its types are not exposed unless they say so
}

func newSource(f File) *source {
	s := &source{name: f.Name, lines: strings.Split(f.Text, "\n")}
	start := 0
	for i, line := range s.lines {
		s.lineStarts = append(s.lineStarts, start)
		start += utf8.RuneCountInString(line) + 1
		s.lines[i] = strings.TrimSuffix(line, "\r")
	}
	return s
}

// at returns the place of p; gqlparser's own line is that of the end of a token, which differs for block strings.
func (s *source) at(p *ast.Position) fault.Position {
	if p == nil {
		return fault.Position{File: s.name}
	}
	line := sort.Search(len(s.lineStarts), func(i int) bool { return s.lineStarts[i] > p.Start })
	if line == 0 {
		return fault.Position{File: s.name}
	}
	return fault.Position{File: s.name, Line: line, Column: p.Start - s.lineStarts[line-1] + 1}
}

// atDirective returns the place of a directive's @; gqlparser keeps that of the name behind it.
func (s *source) atDirective(d *ast.Directive) fault.Position {
	at := s.at(d.Position)
	if at.Line > 0 && at.Column > 1 {
		if line := []rune(s.lines[at.Line-1]); at.Column-2 < len(line) && line[at.Column-2] == '@' {
			at.Column--
		}
	}
	return at
}

// reporter collects mistakes. Past maxProblems it only counts.
type reporter struct {
	sources  map[string]*source
	problems fault.List
	more     int
	compared int // names, by didYouMean
}

const (
	maxProblems = 500
	maxCompared = 200_000
)

func (r *reporter) add(at fault.Position, hint, format string, args ...any) {
	if r.full() {
		r.more++
		return
	}
	p := fault.Problem{Position: at, Message: shortened(fmt.Sprintf(format, args...)), Hint: shortened(hint)}
	if s := r.sources[at.File]; s != nil && at.Line > 0 && at.Line <= len(s.lines) {
		p.Source, p.Column = excerpt(s.lines[at.Line-1], at.Column)
	}
	r.problems = append(r.problems, p)
}

const maxSourceLine = 300

// shortened cuts a text that quotes something huge.
func shortened(text string) string {
	if runes := []rune(text); len(runes) > 3*maxSourceLine {
		return string(runes[:3*maxSourceLine]) + "..."
	}
	return text
}

// excerpt shortens a very long line to the part around column and keeps the column where nothing is cut off.
func excerpt(line string, column int) (string, int) {
	runes := []rune(line)
	if len(runes) <= maxSourceLine {
		return line, column
	}
	if column > maxSourceLine {
		return "", column
	}
	return string(runes[:maxSourceLine]), column
}

// list returns the mistakes in the order of the files.
func (r *reporter) list() fault.List {
	r.problems.Sort()
	if r.more > 0 {
		r.problems = append(r.problems, fault.Problem{Message: fmt.Sprintf("and %d more mistakes", r.more)})
	}
	return r.problems
}

// didYouMean returns the hint that names the nearest of names, else otherwise. It compares only so many names in one
// Parse: a file with thousands of unknown names must not cost minutes.
func (r *reporter) didYouMean(given string, names []string, otherwise string) string {
	if r.compared += len(names); r.full() || r.compared > maxCompared || len(given) > MaxNameLength {
		return otherwise
	}
	if near := fault.Suggest(given, names); near != "" && near != given {
		return "did you mean " + near + "?"
	}
	return otherwise
}

// full says whether further mistakes are only counted.
func (r *reporter) full() bool { return len(r.problems) >= maxProblems }
