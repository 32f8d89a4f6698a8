package neo4j

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"mereon/schema"
)

// maxKey bounds the part of a value that an index entry holds, in bytes: Neo4j refuses larger ones. Equal beginnings are
// told apart by what the entities hold.
const maxKey = 1024

// sortKey writes a value as a text whose code points sort as schema.Compare says: a digit for its kind, then its content.
// Numbers of all kinds share one form, so that 1, 1.0 and the decimal 1.00 have one key. Null has none.
func sortKey(v schema.Value) string {
	switch v.Kind() {
	case schema.NullValue:
		return ""
	case schema.BoolValue:
		if v.Bool() {
			return "1t"
		}
		return "1f"
	case schema.IntValue:
		return "2" + numberKey(strconv.FormatInt(v.Int(), 10))
	case schema.FloatValue:
		return "2" + numberKey(exactDigits(v.Float()))
	case schema.DecimalValue:
		return "2" + numberKey(v.Text())
	case schema.StringValue:
		return "5" + strings.ToValidUTF8(v.Text(), "\uFFFD")
	case schema.DateValue:
		return "6" + strings.ToValidUTF8(v.Text(), "\uFFFD")
	case schema.DateTimeValue:
		return "7" + int64Key(v.Int())
	case schema.DurationValue:
		return "8" + int64Key(v.Int())
	case schema.JSONValue:
		return "9" + strings.ToValidUTF8(v.Text(), "\uFFFD")
	}
	return listKey(v.List())
}

// listKey joins the keys of the elements so that they sort element by element and a shorter list first.
func listKey(elements []schema.Value) string {
	var b strings.Builder
	b.WriteString("a")
	for _, e := range elements {
		key := sortKey(e)
		if e.IsNull() {
			key = "z"
		}
		b.WriteString(strings.ReplaceAll(key, "\x00", "\x00\x01"))
		b.WriteString("\x00\x00")
	}
	return b.String()
}

func int64Key(i int64) string { return fmt.Sprintf("%016x", uint64(i)^1<<63) }

// exactDigits writes all digits of a float.
func exactDigits(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		return strconv.FormatInt(int64(f), 10)
	}
	mantissa, exponent := math.Float64bits(f)&(1<<52-1), int(math.Float64bits(f)>>52&0x7ff)
	if exponent == 0 {
		exponent = 1
	} else {
		mantissa |= 1 << 52
	}
	fraction := 1075 - exponent - bits.TrailingZeros64(mantissa)
	return strconv.FormatFloat(f, 'f', max(0, fraction), 64)
}

// numberKey turns decimal digits, with or without a point and an exponent, into a text that sorts by value: the sign, the
// exponent and the digits, both turned around for negative numbers.
func numberKey(digits string) string {
	negative := strings.HasPrefix(digits, "-")
	digits = strings.TrimLeft(digits, "+-")
	shift := 0
	if at := strings.IndexAny(digits, "eE"); at >= 0 {
		shift, _ = strconv.Atoi(digits[at+1:])
		digits = digits[:at]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent := len(whole) + shift
	all := whole + fraction
	trimmed := strings.TrimLeft(all, "0")
	exponent -= len(all) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, "0")
	if trimmed == "" {
		return "5"
	}
	power := fmt.Sprintf("%06d", 500_000+exponent)
	if !negative {
		return "6" + power + trimmed
	}
	return "4" + turned(power) + turned(trimmed) + "~"
}

// turned replaces every digit by what it lacks to 9.
func turned(digits string) string {
	b := []byte(digits)
	for i := range b {
		b[i] = '0' + '9' - b[i]
	}
	return string(b)
}

// indexKey is the beginning of a sort key, as long as an index holds; whole says that it is all of it.
func indexKey(v schema.Value) (key string, whole bool) {
	key = sortKey(v)
	if len(key) <= maxKey {
		return key, true
	}
	cut := maxKey
	for cut > 0 && key[cut]&0xC0 == 0x80 {
		cut--
	}
	return key[:cut], false
}
