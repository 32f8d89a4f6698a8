package rules

import (
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
)

// message is a text with placeholders, compiled: texts[i] precedes slots[i].
type message struct {
	texts []string
	slots []int // stateSlot: the state itself
}

const stateSlot = -1

// compileMessage reads "bearing of {name} at {t}"; a placeholder is an input, a parameter, a property, or {state}.
func (c *compiler) compileMessage(n *yaml.Node, text string) *message {
	m := &message{}
	rest := text
	for {
		before, after, open := strings.Cut(rest, "{")
		if !open {
			m.texts = append(m.texts, rest)
			return m
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			c.Wrong(n, "Close the placeholder, such as {name}.", "the message has a { without }")
			return m
		}
		slot := stateSlot
		if name != "state" {
			placeholder := *n
			placeholder.Value = name
			slot, _, _, _ = c.source(&placeholder, "placeholder")
		}
		m.texts, m.slots, rest = append(m.texts, before), append(m.slots, slot), tail
	}
}

// Message returns the text of the set's alarm for the values given to Step.
func (s *Set) Message(state string, values []schema.Value) string {
	if s.message == nil {
		return state
	}
	var b strings.Builder
	for i, text := range s.message.texts {
		b.WriteString(text)
		if i >= len(s.message.slots) {
			break
		}
		if slot := s.message.slots[i]; slot == stateSlot {
			b.WriteString(state)
		} else {
			b.WriteString(Display(values[slot]))
		}
	}
	return b.String()
}

// Display writes a value for people: numbers with four significant digits (whole parts in full), "?" when it is not known.
func Display(v schema.Value) string {
	switch v.Kind() {
	case schema.NullValue:
		return "?"
	case schema.BoolValue:
		return strconv.FormatBool(v.Bool())
	case schema.IntValue:
		return strconv.FormatInt(v.Int(), 10)
	case schema.FloatValue, schema.DecimalValue:
		return displayNumber(v.Float())
	case schema.DateTimeValue:
		return v.Time().Format(time.RFC3339)
	case schema.DurationValue:
		return v.Duration().String()
	case schema.ListValue:
		texts := make([]string, len(v.List()))
		for i, e := range v.List() {
			texts[i] = Display(e)
		}
		return strings.Join(texts, ", ")
	}
	return v.Text()
}

func displayNumber(x float64) string {
	digits := 3
	for limit := 10.0; digits > 0 && math.Abs(x) >= limit; limit *= 10 {
		digits--
	}
	scale := math.Pow(10, float64(digits))
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}
