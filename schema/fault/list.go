package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a text file. Line and Column count from 1, Column in code points; 0 means unknown.
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is one mistake in a text file. Message says what is wrong, Hint what to do, Source is the text of the line.
type Problem struct {
	Position
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Field   string `json:"field,omitempty"` // the path of the field in an input
	Source  string `json:"source,omitempty"`
	Warning bool   `json:"warning,omitempty"` // a warning does not refuse the file
	Code    Code   `json:"code,omitempty"`    // "" is Invalid
}

func (p Problem) String() string {
	var b strings.Builder
	if at := p.Position.String(); at != "" {
		b.WriteString(at + ": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Source != "" && p.Column > 0 {
		b.WriteString("\n    " + strings.ReplaceAll(p.Source, "\t", " ") + "\n    " + strings.Repeat(" ", p.Column-1) + "^")
	}
	if p.Hint != "" {
		b.WriteString("\n    " + p.Hint)
	}
	return b.String()
}

// List is every mistake found, in the order of file, line and column after Sort. A List with only warnings is no error: see Err.
type List []Problem

func (l List) Error() string {
	texts := make([]string, len(l))
	for i, p := range l {
		texts[i] = p.String()
	}
	return strings.Join(texts, "\n")
}

// Err returns the list as an error, or nil when it holds no problem but warnings.
func (l List) Err() error {
	for _, p := range l {
		if !p.Warning {
			return l
		}
	}
	return nil
}

// Code returns the code that all problems but warnings share, and Invalid when they differ: then the same call fails again
// whatever becomes of the rest.
func (l List) Code() Code {
	shared := Code("")
	for _, p := range l {
		if p.Warning {
			continue
		}
		code := cmp.Or(p.Code, Invalid)
		if shared != "" && shared != code {
			return Invalid
		}
		shared = code
	}
	return cmp.Or(shared, Invalid)
}

// Sort orders the list by file, line and column; equal places keep their order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}
