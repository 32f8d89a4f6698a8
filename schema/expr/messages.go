package expr

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"

	"mereon/schema/fault"
)

// issues turns CEL's mistakes into ours, in the words of the model.
func (c *compilation) issues(issues *cel.Issues) fault.List {
	lines := strings.Split(c.text, "\n")
	var list fault.List
	for _, e := range issues.Errors() {
		offset := e.Location.Column()
		for _, l := range lines[:min(max(e.Location.Line()-1, 0), len(lines))] {
			offset += len([]rune(l)) + 1
		}
		message, hint := translate(e.Message)
		list = append(list, c.problem(max(offset, 0), message, hint)...)
	}
	return list
}

var (
	noOverload   = regexp.MustCompile(`(?s)^found no matching overload for '([^']+)' applied to '(.*)'$`)
	undeclared   = regexp.MustCompile(`(?s)^undeclared reference to '([^']+)'`)
	mismatched   = regexp.MustCompile(`(?s)^Syntax error: (?:mismatched|extraneous) input '(.*?)' expecting.*$`)
	noViable     = regexp.MustCompile(`(?s)^Syntax error: no viable alternative at input '(.*)'$`)
	recognition  = regexp.MustCompile(`(?s)^Syntax error: token recognition error at: '(.*)'$`)
	missing      = regexp.MustCompile(`(?s)^Syntax error: missing '(.*?)' at '(.*)'$`)
	reserved     = regexp.MustCompile(`^reserved identifier: (.*)$`)
	badAggregate = regexp.MustCompile(`(?s)^expression of type '([^']+)' cannot be range of a comprehension`)
)

func translate(message string) (text, hint string) {
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return overloadMessage(m[1], m[2])
	}
	if m := undeclared.FindStringSubmatch(message); m != nil {
		return "there is no function " + m[1], suggestion(m[1])
	}
	for _, pattern := range []*regexp.Regexp{mismatched, noViable, recognition} {
		if m := pattern.FindStringSubmatch(message); m != nil {
			return "syntax error: unexpected " + token(m[1]), ""
		}
	}
	if m := missing.FindStringSubmatch(message); m != nil {
		return "syntax error: missing " + m[1] + " before " + token(m[2]), ""
	}
	if m := reserved.FindStringSubmatch(message); m != nil {
		return m[1] + " is a reserved word of the expression language", "Write entity." + m[1] + " for the property"
	}
	if m := badAggregate.FindStringSubmatch(message); m != nil {
		return typeText(m[1]) + " has no elements to go through", ""
	}
	if strings.Contains(message, "recursion") {
		return fmt.Sprintf("the expression is nested more than %d levels deep", maxDepth), "Split it into several properties."
	}
	return plain(message), ""
}

func suggestion(function string) string {
	if near := fault.Suggest(function, functionNames); near != "" {
		return "Did you mean " + near + "?"
	}
	return "The functions are listed in schema/expr/README.md"
}

var functionNames = []string{
	"abs", "floor", "ceil", "sqrt", "pow", "round", "min", "max", "clamp", "known", "fallback", "size", "contains", "startsWith",
	"endsWith", "matches", "lowerAscii", "upperAscii", "trim", "replace", "split", "substring", "charAt", "indexOf", "lastIndexOf",
	"join", "format", "timestamp", "duration", "string", "double", "int", "bool", "exists", "all", "filter", "map", "exists_one",
	"getHours", "getMinutes", "getSeconds", "getDayOfWeek", "getDayOfYear", "getFullYear", "getMonth", "getDate",
}

func token(t string) string {
	if t == "<EOF>" {
		return "end of the expression"
	}
	return "'" + strings.ReplaceAll(t, "<EOF>", "") + "'"
}

func overloadMessage(function, applied string) (text, hint string) {
	receiver, arguments, member := "", applied, false
	if i := strings.Index(applied, ".("); i >= 0 {
		receiver, arguments, member = applied[:i], applied[i+1:], true
	}
	texts := argumentTexts(arguments)
	if member {
		texts = append([]string{typeText(receiver)}, texts...)
	}
	name := operatorName(function)
	if len(texts) == 0 {
		return name + " needs a value", ""
	}
	text = name + " cannot be used with " + strings.Join(texts, " and ")
	for _, t := range texts[1:] {
		if t != texts[0] && isOperator(function) && function != operators.Index && function != operators.In {
			return text, "Both sides must be of the same kind; string(x) makes a text, double(x) a number"
		}
	}
	return text, ""
}

func argumentTexts(list string) []string {
	list = strings.TrimSuffix(strings.TrimPrefix(list, "("), ")")
	if list == "" {
		return nil
	}
	var texts []string
	depth, start := 0, 0
	for i, r := range list + "," {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			texts = append(texts, typeText(strings.TrimSpace(list[start:i])))
			start = i + 1
		}
	}
	return texts
}

// typeText names a CEL type in the words of the model.
func typeText(t string) string {
	if inner, ok := strings.CutPrefix(t, "list("); ok {
		return "a list of " + strings.TrimPrefix(strings.TrimPrefix(typeText(strings.TrimSuffix(inner, ")")), "a "), "an ") + "s"
	}
	if strings.HasPrefix(t, "map(") {
		return "a map"
	}
	switch t {
	case "double", "int", "uint":
		return "a number"
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "timestamp", "google.protobuf.Timestamp":
		return "a time"
	case "duration", "google.protobuf.Duration":
		return "a duration"
	case "null":
		return "null"
	case "dyn":
		return "a JSON value"
	}
	return plain(t)
}

func isOperator(function string) bool {
	_, ok := operators.FindReverse(function)
	return ok || strings.HasPrefix(function, "@")
}

func operatorName(function string) string {
	switch function {
	case divideFunction:
		return "/"
	case moduloFunction:
		return "%"
	case operators.Conditional:
		return "?:"
	case operators.Index:
		return "[]"
	case operators.In:
		return "in"
	case "math.@max":
		return "math.greatest"
	case "math.@min":
		return "math.least"
	}
	if symbol, ok := operators.FindReverse(function); ok && symbol != "" {
		return symbol
	}
	return function + "()"
}

// plain takes out what only makes sense inside CEL.
func plain(message string) string {
	return strings.TrimSuffix(strings.TrimPrefix(message, "Syntax error: "), " (in container '')")
}
