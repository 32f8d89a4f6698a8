package schema

import (
	"math"
	"strconv"
	"strings"
	"time"

	"mereon/schema/fault"
)

const day = 24 * time.Hour

// ParseDuration reads "5s", "1h30m", "1d", "250ms" or ISO 8601 "PT5S", "P1DT2H", "P2W"; a sign may come first. Years and
// months are refused, since their length depends on the date. A day is 24 hours. The error is Invalid.
func ParseDuration(text string) (time.Duration, error) {
	s, negative := strings.CutPrefix(text, "-")
	if !negative {
		s = strings.TrimPrefix(s, "+")
	}
	units := goDurationUnits
	if iso, ok := strings.CutPrefix(s, "P"); ok {
		s, units = iso, isoDateUnits
		if strings.HasSuffix(s, "T") {
			return 0, durationError(text)
		}
	}
	if s == "" {
		return 0, durationError(text)
	}
	var total time.Duration
	for s != "" {
		if isISO(units) && s[0] == 'T' {
			s, units = s[1:], isoTimeUnits
			continue
		}
		whole, fraction, rest, ok := cutNumber(s)
		if !ok {
			return 0, durationError(text)
		}
		unit, rest, ok := cutUnit(rest, units)
		if !ok {
			return 0, durationError(text)
		}
		if whole > int64(longestDuration/unit) {
			return 0, durationTooLong(text)
		}
		if total += time.Duration(whole)*unit + time.Duration(math.Round(fraction*float64(unit))); total > longestDuration {
			return 0, durationTooLong(text)
		}
		s = rest
	}
	if negative {
		total = -total
	}
	return total, nil
}

// longestDuration leaves room for sums and differences in 64 bits of nanoseconds.
const longestDuration = math.MaxInt64 / 2

func durationTooLong(text string) error {
	return fault.New(fault.Invalid, "the duration %q is too long: the longest is 146 years", text)
}

func durationError(text string) error {
	return fault.New(fault.Invalid, "%q is no duration: write 5s, 1h30m, 1d or PT5S", text)
}

type durationUnit struct {
	name string
	unit time.Duration
}

// Longer names come first: ms before m.
var goDurationUnits = []durationUnit{
	{"ns", time.Nanosecond}, {"us", time.Microsecond}, {"µs", time.Microsecond}, {"ms", time.Millisecond},
	{"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", day}, {"w", 7 * day},
}

var isoDateUnits = []durationUnit{{"D", day}, {"W", 7 * day}}

var isoTimeUnits = []durationUnit{{"H", time.Hour}, {"M", time.Minute}, {"S", time.Second}}

func isISO(units []durationUnit) bool { return units[0].name == "D" }

// cutNumber reads digits with a fraction; the whole part is kept apart, so that it is exact.
func cutNumber(s string) (whole int64, fraction float64, rest string, ok bool) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.') {
		end++
	}
	digits, decimals, _ := strings.Cut(s[:end], ".")
	whole, err := strconv.ParseInt("0"+digits, 10, 64)
	if err != nil || digits+decimals == "" {
		return 0, 0, s, false
	}
	fraction, err = strconv.ParseFloat("0."+decimals+"0", 64)
	return whole, fraction, s[end:], err == nil
}

func cutUnit(s string, units []durationUnit) (time.Duration, string, bool) {
	for _, u := range units {
		if rest, ok := strings.CutPrefix(s, u.name); ok {
			return u.unit, rest, true
		}
	}
	return 0, s, false
}

// AppendDuration appends d in ISO 8601 with days, hours, minutes and seconds: P1DT2H, PT0.25S, -PT5S, PT0S. It allocates
// only to grow dst.
func AppendDuration(dst []byte, d time.Duration) []byte {
	n := uint64(d)
	if d < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = append(dst, 'P')
	if n == 0 {
		return append(dst, "T0S"...)
	}
	if days := n / uint64(day); days > 0 {
		dst = append(strconv.AppendUint(dst, days, 10), 'D')
	}
	if n %= uint64(day); n == 0 {
		return dst
	}
	dst = append(dst, 'T')
	if hours := n / uint64(time.Hour); hours > 0 {
		dst = append(strconv.AppendUint(dst, hours, 10), 'H')
	}
	if minutes := n % uint64(time.Hour) / uint64(time.Minute); minutes > 0 {
		dst = append(strconv.AppendUint(dst, minutes, 10), 'M')
	}
	return appendSeconds(dst, n%uint64(time.Minute))
}

func appendSeconds(dst []byte, nanoseconds uint64) []byte {
	if nanoseconds == 0 {
		return dst
	}
	dst = strconv.AppendUint(dst, nanoseconds/uint64(time.Second), 10)
	if fraction := nanoseconds % uint64(time.Second); fraction > 0 {
		dst = append(dst, '.')
		for unit := uint64(time.Second) / 10; fraction > 0; unit /= 10 {
			dst = append(dst, '0'+byte(fraction/unit))
			fraction %= unit
		}
	}
	return append(dst, 'S')
}

// FormatDuration returns d in ISO 8601, as AppendDuration writes it.
func FormatDuration(d time.Duration) string { return string(AppendDuration(nil, d)) }
