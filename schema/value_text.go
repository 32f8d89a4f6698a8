package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mereon/schema/fault"
)

// ParseText turns a cell of a table (CSV) into a Value of type t: "" is null, the elements of a list are separated by
// ";", numbers and truth values are written without quotes. Errors are those of ParseValue.
func ParseText(text string, t ValueType, m *Model) (Value, error) {
	if text == "" {
		return Null, nil
	}
	if !t.List {
		return ParseValue(fromText(text, t), t, m)
	}
	parts := strings.Split(text, ";")
	items := make([]any, len(parts))
	for i, part := range parts {
		items[i] = fromText(strings.TrimSpace(part), t)
	}
	return ParseValue(items, t, m)
}

func fromText(text string, t ValueType) any {
	if t.Enum != "" {
		return text
	}
	switch t.Scalar {
	case Int, Long, Float:
		if number := strings.TrimSpace(text); jsonNumber(number) {
			return json.Number(number)
		}
	case Boolean:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true":
			return true
		case "false":
			return false
		}
	case JSON:
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	}
	return text
}

func jsonNumber(s string) bool {
	return s != "" && strings.IndexByte("-0123456789", s[0]) >= 0 && json.Valid([]byte(s))
}

func parseJSON(v any) (Value, error) {
	text, err := json.Marshal(jsonShape(v))
	if err != nil {
		return Null, fault.New(fault.Invalid, "this cannot be written as JSON: %s", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return Null, fault.New(fault.Invalid, "this cannot be written as JSON: %s", err)
	}
	return JSONOf(compact.String()), nil
}

// jsonShape replaces what YAML can hold and JSON cannot: maps with keys that are no texts.
func jsonShape(v any) any {
	switch x := v.(type) {
	case map[any]any:
		object := make(map[string]any, len(x))
		for k, e := range x {
			object[fmt.Sprint(k)] = jsonShape(e)
		}
		return object
	case map[string]any:
		object := make(map[string]any, len(x))
		for k, e := range x {
			object[k] = jsonShape(e)
		}
		return object
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = jsonShape(e)
		}
		return list
	}
	return v
}

func expected(scalar Scalar, v any, advice string) error {
	return fault.New(fault.Invalid, "expected %s, got %s: %s", scalar, shown(v), advice)
}

// shown returns v for a message, shortened.
func shown(v any) string {
	var text string
	switch x := v.(type) {
	case string:
		text = fmt.Sprintf("the text %q", x)
	case time.Time:
		text = "the time " + x.Format(time.RFC3339Nano)
	case []any:
		return "a list"
	case map[string]any, map[any]any:
		return "an object"
	case bool:
		text = fmt.Sprint(x)
	default:
		if number, ok := numberText(v); ok {
			text = "the number " + number
		} else {
			text = fmt.Sprintf("%v", x)
		}
	}
	if utf8.RuneCountInString(text) > 60 {
		text = string([]rune(text)[:60]) + "..."
	}
	return text
}

// listed joins names for a message, at most ten of them.
func listed(names []string) string {
	if len(names) > 10 {
		return strings.Join(names[:10], ", ") + fmt.Sprintf(" and %d more", len(names)-10)
	}
	return strings.Join(names, ", ")
}
