package schema

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// FoldFunc says how many values become one.
type FoldFunc string

const (
	FoldCount FoldFunc = "COUNT" // values that are not null: Int
	FoldMin   FoldFunc = "MIN"   // the least by Compare, of the kind of the values
	FoldMax   FoldFunc = "MAX"
	FoldSum   FoldFunc = "SUM" // of numbers: Int, Float or Decimal, as the widest of them
	FoldAvg   FoldFunc = "AVG" // of numbers: always Float
)

// Fold sums up values one by one. Null is left out; sum and average take numbers only. The zero Fold holds nothing.
// Sums of whole numbers and decimals are exact, those of floats compensated, so that the order matters little.
type Fold struct {
	count    int64
	numbers  int64
	min, max Value
	whole    int64 // sum of Int values while it fits
	sum, low float64
	floats   bool // a Float was added, or whole overflowed
	exact    *big.Rat
	scale    int // digits after the point in exact
}

// Add takes one value.
func (f *Fold) Add(v Value) {
	if v.kind == NullValue {
		return
	}
	if f.min.IsNull() {
		f.min, f.max = v, v
	} else if Compare(v, f.min) < 0 {
		f.min = v
	} else if Compare(v, f.max) > 0 {
		f.max = v
	}
	f.count++
	switch v.kind {
	case IntValue:
		f.numbers++
		f.addWhole(v.Int())
	case FloatValue:
		f.numbers++
		f.floats = true
		f.addFloat(v.Float())
	case DecimalValue:
		f.addDecimal(v)
	}
}

func (f *Fold) addWhole(i int64) {
	sum, _ := bits.Add64(uint64(f.whole), uint64(i), 0)
	if next := int64(sum); (next > f.whole) == (i > 0) || i == 0 {
		f.whole = next
		return
	}
	f.floats = true
	f.addFloat(float64(i))
}

// addFloat is Neumaier's compensated sum.
func (f *Fold) addFloat(x float64) {
	t := f.sum + x
	if math.Abs(f.sum) >= math.Abs(x) {
		f.low += (f.sum - t) + x
	} else {
		f.low += (x - t) + f.sum
	}
	f.sum = t
}

func (f *Fold) addDecimal(v Value) {
	r := v.rat()
	if r == nil {
		return
	}
	f.numbers++
	if f.exact == nil {
		f.exact = new(big.Rat)
	}
	f.exact.Add(f.exact, r)
	if _, fraction, found := strings.Cut(v.text, "."); found {
		f.scale = max(f.scale, len(fraction))
	}
}

// AddPart takes what another Fold gave over further values: how many there were, and of the others what is known; null is not.
// Sum and average need the count of numbers: parts of a sum are of numbers alone.
func (f *Fold) AddPart(count int64, min, max, sum Value) {
	if !min.IsNull() && (f.min.IsNull() || Compare(min, f.min) < 0) {
		f.min = min
	}
	if !max.IsNull() && (f.max.IsNull() || Compare(max, f.max) > 0) {
		f.max = max
	}
	f.count += count
	switch sum.kind {
	case IntValue:
		f.addWhole(sum.Int())
	case FloatValue:
		f.floats = true
		f.addFloat(sum.Float())
	case DecimalValue:
		f.addDecimal(sum)
		f.numbers--
	default:
		return
	}
	f.numbers += count
}

// Count returns how many values were added that are not null.
func (f *Fold) Count() int64 { return f.count }

// Of returns the result of one function; null when there is none: no value, for sum and average no number.
func (f *Fold) Of(fn FoldFunc) Value {
	switch fn {
	case FoldCount:
		return IntOf(f.count)
	case FoldMin:
		return f.min
	case FoldMax:
		return f.max
	case FoldSum:
		return f.total()
	case FoldAvg:
		if f.numbers == 0 {
			return Null
		}
		return finite(f.float() / float64(f.numbers))
	}
	return Null
}

func (f *Fold) total() Value {
	switch {
	case f.numbers == 0:
		return Null
	case f.floats:
		return finite(f.float())
	case f.exact != nil:
		sum := new(big.Rat).Add(f.exact, new(big.Rat).SetInt64(f.whole))
		text, _ := CanonicalDecimal(sum.FloatString(f.scale))
		if text == "" { // more digits than a decimal may have
			return finite(f.float())
		}
		return DecimalOf(text)
	}
	return IntOf(f.whole)
}

func (f *Fold) float() float64 {
	sum := f.sum + f.low + float64(f.whole)
	if f.exact != nil {
		part, _ := f.exact.Float64()
		sum += part
	}
	return sum
}

// finite is null for what no Float may be.
func finite(x float64) Value {
	if x-x != 0 {
		return Null
	}
	return FloatOf(x)
}

// AppendKey appends a text that is equal for values that Equal calls equal, and only for them; no such text is the
// beginning of another. Groups are told apart by it.
func AppendKey(b []byte, v Value) []byte {
	switch v.kind {
	case NullValue:
		return append(b, 'n')
	case BoolValue, DateTimeValue, DurationValue:
		return appendBits(append(b, 'A'+byte(v.kind)), v.bits)
	case IntValue:
		if i := v.Int(); i <= exactFloat && i >= -exactFloat {
			return appendBits(append(b, 'f'), math.Float64bits(float64(i)))
		}
		return appendSized(append(b, 'd'), strconv.FormatInt(v.Int(), 10))
	case FloatValue:
		if x := v.Float(); x <= exactFloat && x >= -exactFloat {
			return appendBits(append(b, 'f'), math.Float64bits(x+0))
		}
		return appendNumber(b, v)
	case DecimalValue:
		return appendNumber(b, v)
	case ListValue:
		b = strconv.AppendInt(append(b, '['), int64(len(v.List())), 10)
		b = append(b, ':')
		for _, e := range v.List() {
			b = AppendKey(b, e)
		}
		return b
	}
	return appendSized(append(b, 'A'+byte(v.kind)), v.text)
}

// appendNumber writes a number that may need all its digits: as a float where that is exactly it.
func appendNumber(b []byte, v Value) []byte {
	r := v.rat()
	if r == nil {
		return appendSized(append(b, 't'), v.text)
	}
	if x, exact := r.Float64(); exact && x <= exactFloat && x >= -exactFloat {
		return appendBits(append(b, 'f'), math.Float64bits(x+0))
	}
	if r.IsInt() {
		return appendSized(append(b, 'd'), r.Num().String())
	}
	return appendSized(append(b, 'r'), r.String())
}

func appendBits(b []byte, bits uint64) []byte {
	return append(b, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24), byte(bits>>32), byte(bits>>40), byte(bits>>48), byte(bits>>56))
}

func appendSized(b []byte, text string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(text)), 10), ':'), text...)
}
