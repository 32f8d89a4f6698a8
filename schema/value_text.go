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

// parseJSON writes v in one way: compact, keys sorted, so that equal values have equal texts.
func parseJSON(v any) (Value, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	shape, err := jsonShape(v, 0)
	if err == nil {
		err = encoder.Encode(shape)
	}
	if err != nil {
		return Null, fault.New(fault.Invalid, "this cannot be written as JSON: %s", err)
	}
	return JSONOf(strings.TrimSuffix(text.String(), "\n")), nil
}

const maxJSONDepth = 100

// jsonShape replaces what decoders can give and JSON cannot hold: keys that are no texts, texts that are no UTF-8.
func jsonShape(v any, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("it is nested more than %d deep", maxJSONDepth)
	}
	var err error
	switch x := v.(type) {
	case string:
		return strings.ToValidUTF8(x, "\uFFFD"), nil
	case bareWord:
		return strings.ToValidUTF8(string(x), "\uFFFD"), nil
	case json.RawMessage:
		decoder := json.NewDecoder(bytes.NewReader(x))
		decoder.UseNumber()
		var decoded any
		if err := decoder.Decode(&decoded); err != nil {
			return nil, err
		}
		return jsonShape(decoded, depth+1)
	case map[any]any:
		object := make(map[string]any, len(x))
		for k, e := range x {
			if object[strings.ToValidUTF8(fmt.Sprint(k), "\uFFFD")], err = jsonShape(e, depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	case map[string]any:
		object := make(map[string]any, len(x))
		for k, e := range x {
			if object[strings.ToValidUTF8(k, "\uFFFD")], err = jsonShape(e, depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			if list[i], err = jsonShape(e, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return v, nil
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
