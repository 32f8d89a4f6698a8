package twinmaker

import (
	"fmt"
	"strings"
)

// token is one word of an expression.
type token struct {
	kind rune // 'n' number, 's' text, 'i' identifier, 'o' operator, 0 the end
	text string
}

// jexlOperators are tried in this order: the longer before those they begin with.
var jexlOperators = [...]string{"==", "!=", ">=", "<=", "&&", "||", "//", ">", "<", "+", "-", "*", "/", "%", "^", "!", "?", ":", "(", ")", "[", "]", ",", ".", "|", "{", "}"}

// unreadable is an error of the expression itself: the viewer cannot read it either, logs that and skips the statement.
type unreadable struct{ why string }

func (e unreadable) Error() string { return e.why }

func unread(format string, args ...any) error { return unreadable{fmt.Sprintf(format, args...)} }

// lex cuts an expression into words.
func lex(s string) ([]token, error) {
	var tokens []token
	negative := false
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		if c == '-' && negates(tokens) && !negative {
			negative, i = true, i+1
			continue
		}
		t, end, err := word(s, i)
		if err != nil {
			return nil, err
		}
		if negative {
			if t.kind != 'n' {
				return nil, unread("a - before %q is not read, only before a number", t.text)
			}
			t.text, negative = "-"+t.text, false
		}
		tokens, i = append(tokens, t), end
	}
	if negative {
		return nil, unread("the expression ends with -")
	}
	return tokens, nil
}

// negates says whether a minus after tokens belongs to the number that follows.
func negates(tokens []token) bool {
	if len(tokens) == 0 {
		return true
	}
	last := tokens[len(tokens)-1]
	return last.kind == 'i' && last.text == "in" || last.kind == 'o' && !strings.Contains(")],.}{|", last.text)
}

// word reads the token that begins at i.
func word(s string, i int) (token, int, error) {
	c := s[i]
	switch {
	case isDigit(c) || c == '.' && i+1 < len(s) && isDigit(s[i+1]):
		end := span(s, i, isDigit)
		if end+1 < len(s) && s[end] == '.' && isDigit(s[end+1]) {
			end = span(s, end+1, isDigit)
		}
		return token{'n', s[i:end]}, end, nil
	case c == '\'' || c == '"':
		text, end, ok := quoted(s, i)
		if !ok {
			return token{}, 0, unread("a text is not closed")
		}
		return token{'s', text}, end, nil
	case isLetter(c):
		end := span(s, i, func(c byte) bool { return isLetter(c) || isDigit(c) })
		return token{'i', s[i:end]}, end, nil
	}
	for _, op := range jexlOperators {
		if strings.HasPrefix(s[i:], op) {
			return token{'o', op}, i + len(op), nil
		}
	}
	hint := ""
	if c == '=' {
		hint = "; the guide of the service writes =>, =< and =, which its viewer does not read: write >=, <= or =="
	}
	return token{}, 0, unread("%q is not understood%s", []rune(s[i:])[0], hint)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

func span(s string, i int, holds func(byte) bool) int {
	for i < len(s) && holds(s[i]) {
		i++
	}
	return i
}

// quoted reads a text in quotes. A backslash means something before the same quote and before itself only.
func quoted(s string, i int) (text string, end int, ok bool) {
	var b strings.Builder
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\' && j+1 < len(s) && (s[j+1] == s[i] || s[j+1] == '\\'):
			j++
			b.WriteByte(s[j])
		case s[j] == s[i]:
			return b.String(), j + 1, true
		default:
			b.WriteByte(s[j])
		}
	}
	return "", 0, false
}
