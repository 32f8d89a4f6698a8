package scenes

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"mereon/schema"
)

// textTemplate is a text with places for values. Texts[i] precedes Paths[i]; len(Texts) == len(Paths)+1.
// Decimals[i] is how many decimals are wanted, -1 when the text does not say.
type textTemplate struct {
	Texts    []string
	Paths    []schema.Path
	Decimals []int
}

// parseText reads a template: {path}, {path:decimals}, and {{ or }} for a brace.
func parseText(source string) (t textTemplate, err error) {
	var text strings.Builder
	for rest := source; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			text.WriteString(rest)
			break
		}
		text.WriteString(rest[:i])
		if i+1 < len(rest) && rest[i+1] == rest[i] {
			text.WriteByte(rest[i])
			rest = rest[i+2:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		if rest[i] == '}' || end < 0 {
			return t, errors.New("a brace without its partner")
		}
		if err := t.place(rest[i+1 : end]); err != nil {
			return t, err
		}
		t.Texts = append(t.Texts, text.String())
		text.Reset()
		rest = rest[end+1:]
	}
	t.Texts = append(t.Texts, text.String())
	return t, nil
}

func (t *textTemplate) place(inside string) error {
	path, digits, given := strings.Cut(inside, ":")
	decimals := -1
	if given {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > 9 {
			return errors.New("after the colon comes the number of decimals, 0 to 9")
		}
		decimals = n
	}
	if path == "" || strings.ContainsAny(path, " {\t") {
		return errors.New("between braces comes the path of a value")
	}
	t.Paths = append(t.Paths, schema.Path(path))
	t.Decimals = append(t.Decimals, decimals)
	return nil
}

// missing is what stands in a text for a value that is not known.
const missing = "–"

// fill puts values into the places. Null values become a dash.
func (t *textTemplate) fill(value func(i int) schema.Value) string {
	var b strings.Builder
	for i := range t.Paths {
		b.WriteString(t.Texts[i])
		b.WriteString(formatValue(value(i), t.Decimals[i]))
	}
	b.WriteString(t.Texts[len(t.Paths)])
	return b.String()
}

// formatValue writes a value for people. Without decimals, a number has about four digits, without zeros at its end.
func formatValue(v schema.Value, decimals int) string {
	switch v.Kind() {
	case schema.NullValue:
		return missing
	case schema.BoolValue:
		return strconv.FormatBool(v.Bool())
	case schema.IntValue:
		if decimals < 0 {
			return strconv.FormatInt(v.Int(), 10)
		}
		return formatNumber(v.Float(), decimals)
	case schema.FloatValue, schema.DecimalValue:
		return formatNumber(v.Float(), decimals)
	case schema.DateTimeValue:
		return v.Time().Format("2006-01-02 15:04")
	case schema.DurationValue:
		return v.Duration().String()
	case schema.ListValue:
		parts := make([]string, len(v.List()))
		for i, e := range v.List() {
			parts[i] = formatValue(e, decimals)
		}
		return strings.Join(parts, ", ")
	}
	return v.Text()
}

func formatNumber(f float64, decimals int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return missing
	}
	if decimals >= 0 {
		return strconv.FormatFloat(f, 'f', decimals, 64)
	}
	switch size := math.Abs(f); {
	case size >= 1000:
		decimals = 0
	case size >= 100:
		decimals = 1
	case size >= 0.1 || size == 0:
		decimals = 2
	default:
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	text := strconv.FormatFloat(f, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}
