package query

import (
	"fmt"
	"strings"
)

// Text shows steps as a tree for people.
func Text(steps []*PlanStep) string {
	var b strings.Builder
	for _, s := range steps {
		s.write(&b, "", "")
	}
	return b.String()
}

// write writes one step: first begins its own line, rest all further ones.
func (s *PlanStep) write(b *strings.Builder, first, rest string) {
	b.WriteString(first + s.line())
	inner := rest + "│ "
	if len(s.Steps) == 0 {
		inner = rest + "  "
	}
	for _, note := range s.Notes {
		fmt.Fprintf(b, "%s  %s\n", inner, note)
	}
	for i, line := range wrapped("asks: "+s.Asks, 120) {
		if s.Asks != "" {
			fmt.Fprintf(b, "%s  %s%s\n", inner, strings.Repeat(" ", 6*b2i(i > 0)), line)
		}
	}
	for i, child := range s.Steps {
		if i == len(s.Steps)-1 {
			child.write(b, rest+"└─ ", rest+"   ")
		} else {
			child.write(b, rest+"├─ ", rest+"│  ")
		}
	}
}

// wrapped breaks a text into lines of about so many characters, between words.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

func (s *PlanStep) line() string {
	text := s.Step + " ← " + s.From + ": " + s.Does
	if s.Took != nil {
		text += "  [" + s.Took.text() + "]"
	} else if s.Cost > 0 {
		text += fmt.Sprintf("  [cost up to %d]", s.Cost)
	}
	return text + "\n"
}

// text says what a step took, leaving out what is nothing.
func (t *Took) text() string {
	var parts []string
	if t.Before > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", t.Rows, plural(t.Before, "row")))
	} else {
		parts = append(parts, plural(t.Rows, "row"))
	}
	parts = append(parts, plural(t.Keys, "key"))
	if t.Calls > 0 {
		parts = append(parts, plural(t.Calls, "call"))
	}
	if t.Cached > 0 {
		parts = append(parts, fmt.Sprintf("%d cached", t.Cached))
	}
	if t.AgeMs > 0 {
		parts = append(parts, fmt.Sprintf("oldest %g s", float64(t.AgeMs)/1000))
	}
	return strings.Join(append(parts, fmt.Sprintf("%g ms", t.Ms)), ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
