package file

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mereon/schema"
)

// format is how times or dates are written in a column. The zero format tries what is common.
type format struct {
	unit   time.Duration // numbers: so many of these since 1970
	layout string        // of package time
	date   bool          // the layout has no time of day
}

const formatHint = "Write epoch-s, epoch-ms, epoch-us, epoch-ns, rfc3339, a pattern such as dd/MM/yyyy HH:mm:ss, or a duration (1h) of which a number counts since 1970."

var epochs = map[string]time.Duration{"epoch-s": time.Second, "epoch-ms": time.Millisecond, "epoch-us": time.Microsecond, "epoch-ns": 1}

// patterns are the parts of a written pattern, longer ones first, and what package time calls them.
var patterns = [...]struct{ written, layout string }{{"yyyy", "2006"}, {"yy", "06"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"},
	{"dd", "02"}, {"d", "2"}, {"HH", "15"}, {"mm", "04"}, {"ss", "05"}, {"SSS", "000"}, {"XXX", "Z07:00"}, {"T", "T"}, {"Z", "Z"}}

func formatOf(text string) (format, error) {
	if unit, ok := epochs[text]; ok || text == "" {
		return format{unit: unit}, nil
	}
	if text == "rfc3339" {
		return format{layout: time.RFC3339Nano}, nil
	}
	if d, err := schema.ParseDuration(text); err == nil && d > 0 {
		return format{unit: d}, nil
	}
	if !strings.Contains(text, "H") && !strings.Contains(text, "M") {
		text = strings.ReplaceAll(text, "mm", "MM") // a date in small letters
	}
	f := format{date: !strings.Contains(text, "H")}
	for rest := text; rest != ""; {
		n, layout := token(rest)
		if n == 0 {
			return f, fmt.Errorf("%q is no format of times", text)
		}
		f.layout += layout
		rest = rest[n:]
	}
	if !strings.Contains(text, "yy") {
		return f, fmt.Errorf("%q is no format of times: it has no year (yyyy)", text)
	}
	return f, nil
}

func token(text string) (n int, layout string) {
	for _, p := range patterns {
		if strings.HasPrefix(text, p.written) {
			return len(p.written), p.layout
		}
	}
	if c := text[0]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 {
		return 0, ""
	}
	return 1, text[:1]
}

// common are the layouts tried where none is given.
var common = [...]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"}

// time reads a time; zone is that of times written without one.
func (f format) time(text string, zone *time.Location) (time.Time, error) {
	switch {
	case f.unit > 0:
		return since1970(text, f.unit)
	case f.layout != "":
		t, err := time.ParseInLocation(f.layout, text, zone)
		if err != nil {
			return t, fmt.Errorf("%q is not a time of the column's format", clip(text))
		}
		return bounded(t, text)
	}
	for _, layout := range common {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return bounded(t, text)
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
	case n >= 1e8 && n < 1e11:
		return since1970(text, time.Second)
	case n >= 1e11 && n < 1e14:
		return since1970(text, time.Millisecond)
	}
	return time.Time{}, fmt.Errorf("%q is not a time; say its format: columns: {...: {time: epoch-ms}}", clip(text))
}

// bounded refuses times that do not fit a count of nanoseconds.
func bounded(t time.Time, text string) (time.Time, error) {
	if y := t.Year(); y < 1700 || y > 2250 {
		return t, fmt.Errorf("the time %q is out of range", clip(text))
	}
	return t.UTC(), nil
}

func since1970(text string, unit time.Duration) (time.Time, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
			return time.Time{}, fmt.Errorf("the time %q is out of range", clip(text))
		}
		return bounded(time.Unix(0, n*int64(unit)), text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f*float64(unit)) > math.MaxInt64/2 || f-f != 0 {
		return time.Time{}, fmt.Errorf("%q is not a number of time", clip(text))
	}
	return bounded(time.Unix(0, int64(f*float64(unit))), text)
}

func clip(text string) string {
	if len(text) > 60 {
		return text[:60] + "..."
	}
	return text
}
