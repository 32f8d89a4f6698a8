package unit

import (
	"math/big"
	"strings"

	"mereon/schema/fault"
)

// Unit is a parsed code. The zero value is not valid.
type Unit struct {
	code      string
	factor    *big.Rat // of the coherent SI unit
	zero      *big.Rat // added before the factor is applied; nil for none
	dimension dimension
}

// dimension holds exponents of the base units, and of an arbitrary unit that compares only with itself.
type dimension struct {
	base      [len(baseUnits)]int8
	arbitrary string
	power     int8
}

var baseUnits = [...]string{"m", "s", "kg", "rad", "K", "C", "cd", "mol", "bit"}

// Code returns the code as it was given.
func (u Unit) Code() string { return u.code }

// Compatible says whether values in u can be converted to other.
func (u Unit) Compatible(other Unit) bool { return u.dimension == other.dimension }

// Dimension returns the dimension in SI base units: m3.s-1, or 1 for a plain number.
func (u Unit) Dimension() string {
	var parts []string
	for i, e := range u.dimension.base {
		parts = appendPower(parts, baseUnits[i], e)
	}
	parts = appendPower(parts, u.dimension.arbitrary, u.dimension.power)
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, ".")
}

func appendPower(parts []string, name string, e int8) []string {
	switch e {
	case 0:
		return parts
	case 1:
		return append(parts, name)
	}
	return append(parts, name+big.NewInt(int64(e)).String())
}

// Compatible says whether values can be converted from a to b: both codes are known and have the same dimension. Two
// empty codes (no unit) are compatible.
func Compatible(a, b string) bool {
	_, err := Between(a, b)
	return err == nil
}

// Conversion turns a value of one unit into another: value * Factor + Offset.
type Conversion struct {
	Factor, Offset float64
}

// Apply returns value in the other unit.
func (c Conversion) Apply(value float64) float64 { return value*c.Factor + c.Offset }

// Identity says whether the conversion changes nothing.
func (c Conversion) Identity() bool { return c == Conversion{Factor: 1} }

// Between compiles the conversion from one code to another. "" is no unit and converts only to itself. The error is
// Invalid and says which code is unknown, or the two dimensions.
func Between(from, to string) (Conversion, error) {
	if from == "" && to == "" {
		return Conversion{Factor: 1}, nil
	}
	a, err := known(from)
	if err != nil {
		return Conversion{}, err
	}
	b, err := known(to)
	if err != nil {
		return Conversion{}, err
	}
	if !a.Compatible(b) {
		return Conversion{}, fault.New(fault.Invalid, "%s cannot be converted to %s: their dimensions are %s and %s",
			from, to, a.Dimension(), b.Dimension())
	}
	ratio := new(big.Rat).Quo(a.factor, b.factor)
	offset := new(big.Rat)
	if a.zero != nil {
		offset.Mul(a.zero, ratio)
	}
	if b.zero != nil {
		offset.Sub(offset, b.zero)
	}
	c := Conversion{}
	c.Factor, _ = ratio.Float64()
	c.Offset, _ = offset.Float64()
	return c, nil
}

func known(code string) (Unit, error) {
	if code == "" {
		return Unit{}, fault.New(fault.Invalid, "a value without a unit cannot be converted: give the property a @unit")
	}
	u, err := Parse(code)
	if err != nil {
		if hint := Hint(code); hint != "" {
			return u, fault.New(fault.Invalid, "%s: %s", err, hint)
		}
	}
	return u, err
}

// Convert returns value, which is in unit from, in unit to. Errors are those of Between.
func Convert(value float64, from, to string) (float64, error) {
	c, err := Between(from, to)
	if err != nil {
		return 0, err
	}
	return c.Apply(value), nil
}
