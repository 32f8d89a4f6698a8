package unit

import (
	"math/big"
	"strconv"
	"strings"

	"mereon/schema/fault"
)

const (
	maxCode  = 100
	maxDepth = 8
	maxPower = 20
)

// Parse reads a UCUM code (case sensitive). The error is Invalid and says what is wrong; Hint says what to write.
//
// Source: The Unified Code for Units of Measure, section 2.2 "Full and limited conformance", the grammar of terms.
func Parse(code string) (Unit, error) { return parseWith(code, atoms()) }

func parseWith(code string, known map[string]atom) (Unit, error) {
	if code == "" || len(code) > maxCode {
		return Unit{}, fault.New(fault.Invalid, "a unit has 1 to %d characters, this one has %d", maxCode, len(code))
	}
	p := &parser{code: code, rest: code, atoms: known}
	u, err := p.term(0)
	if err != nil {
		return Unit{}, err
	}
	if p.rest != "" {
		return Unit{}, p.bad("there is a ) too many")
	}
	u.code = code
	return u, nil
}

type parser struct {
	code, rest string
	atoms      map[string]atom
}

func (p *parser) bad(reason string) error {
	return fault.New(fault.Invalid, "%q is no UCUM unit: %s", p.code, reason)
}

func one() Unit { return Unit{factor: big.NewRat(1, 1)} }

// term reads components joined by . and /, up to the end or a closing bracket.
func (p *parser) term(depth int) (Unit, error) {
	if depth > maxDepth {
		return Unit{}, p.bad("it has too many brackets")
	}
	result, divide := one(), p.cut("/")
	for n := 0; ; n++ {
		next, err := p.component(depth)
		if err != nil {
			return Unit{}, err
		}
		if n == 0 && !divide {
			result = next
		} else if result, err = p.combine(result, next, divide); err != nil {
			return Unit{}, err
		}
		switch {
		case p.cut("."):
			divide = false
		case p.cut("/"):
			divide = true
		case p.rest == "" || p.rest[0] == ')':
			return result, nil
		default:
			return Unit{}, p.bad("join units with . and /")
		}
	}
}

func (p *parser) cut(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

// component reads a bracketed term, an annotation, a number or a unit with its exponent.
func (p *parser) component(depth int) (Unit, error) {
	if p.cut("(") {
		u, err := p.term(depth + 1)
		if err != nil {
			return Unit{}, err
		}
		if !p.cut(")") {
			return Unit{}, p.bad("a ) is missing")
		}
		return u, nil
	}
	symbol := p.symbol()
	if symbol == "" && !strings.HasPrefix(p.rest, "{") {
		return Unit{}, p.bad("a unit is missing")
	}
	if p.cut("{") {
		_, rest, ok := strings.Cut(p.rest, "}")
		if !ok {
			return Unit{}, p.bad("a } is missing")
		}
		p.rest = rest
	}
	if symbol == "" {
		return one(), nil
	}
	return p.simple(symbol)
}

// symbol cuts a unit with its exponent: everything up to . / ( ) { that is not inside [ ].
func (p *parser) symbol() string {
	inside := false
	for i, r := range p.rest {
		switch {
		case r == '[':
			inside = true
		case r == ']':
			inside = false
		case !inside && strings.ContainsRune("./(){}", r):
			symbol := p.rest[:i]
			p.rest = p.rest[i:]
			return symbol
		}
	}
	symbol := p.rest
	p.rest = ""
	return symbol
}

func (p *parser) simple(symbol string) (Unit, error) {
	if n, ok := new(big.Int).SetString(symbol, 10); ok && symbol[0] >= '0' && symbol[0] <= '9' && len(symbol) <= 15 {
		if n.Sign() == 0 {
			return Unit{}, p.bad("0 is no factor")
		}
		return Unit{factor: new(big.Rat).SetInt(n)}, nil
	}
	name, power, ok := splitPower(symbol)
	if !ok {
		return Unit{}, p.bad("exponents go from -" + strconv.Itoa(maxPower) + " to " + strconv.Itoa(maxPower))
	}
	u, ok := p.find(name)
	if !ok {
		return Unit{}, fault.New(fault.Invalid, "%q is no UCUM unit: there is no %s", p.code, name)
	}
	if u.zero != nil && power != 1 {
		return Unit{}, p.standsAlone(u)
	}
	return p.raise(u, power)
}

// splitPower separates the exponent at the end of a symbol.
func splitPower(symbol string) (name string, power int, ok bool) {
	end := len(symbol)
	for end > 0 && symbol[end-1] >= '0' && symbol[end-1] <= '9' {
		end--
	}
	if end == len(symbol) {
		return symbol, 1, true
	}
	if end > 0 && (symbol[end-1] == '-' || symbol[end-1] == '+') {
		end--
	}
	power, err := strconv.Atoi(symbol[end:])
	return symbol[:end], power, err == nil && power != 0 && power >= -maxPower && power <= maxPower
}

// find reads an atom, or a prefix and a metric atom.
func (p *parser) find(name string) (Unit, bool) {
	if a, ok := p.atoms[name]; ok {
		return a.unit, true
	}
	for _, prefix := range prefixes {
		rest, ok := strings.CutPrefix(name, prefix.code)
		if a, known := p.atoms[rest]; ok && known && a.metric {
			u := a.unit
			u.factor = new(big.Rat).Mul(u.factor, prefix.factor)
			return u, true
		}
	}
	return Unit{}, false
}

func (p *parser) standsAlone(u Unit) error {
	return p.bad(u.code + " has a zero point and stands alone; a difference of temperature is in K")
}

func (p *parser) combine(a, b Unit, divide bool) (Unit, error) {
	for _, u := range [...]Unit{a, b} {
		if u.zero != nil {
			return Unit{}, p.standsAlone(u)
		}
	}
	if divide {
		inverse, err := p.raise(b, -1)
		if err != nil {
			return Unit{}, err
		}
		b = inverse
	}
	d := a.dimension
	for i, e := range b.dimension.base {
		sum := int(d.base[i]) + int(e)
		if sum > maxPower*2 || sum < -maxPower*2 {
			return Unit{}, p.bad("its exponents are too large")
		}
		d.base[i] = int8(sum)
	}
	switch {
	case b.dimension.arbitrary == "":
	case d.arbitrary == "" || d.arbitrary == b.dimension.arbitrary:
		d.arbitrary = b.dimension.arbitrary
		if d.power += b.dimension.power; d.power == 0 {
			d.arbitrary = ""
		}
	default:
		return Unit{}, p.bad(d.arbitrary + " and " + b.dimension.arbitrary + " are arbitrary units and cannot be joined")
	}
	return Unit{factor: new(big.Rat).Mul(a.factor, b.factor), dimension: d}, nil
}

func (p *parser) raise(u Unit, power int) (Unit, error) {
	if power == 1 {
		return u, nil
	}
	result := one()
	for range max(power, -power) {
		next, err := p.combine(result, u, false)
		if err != nil {
			return Unit{}, err
		}
		result = next
	}
	if power < 0 {
		result.factor.Inv(result.factor)
		for i := range result.dimension.base {
			result.dimension.base[i] = -result.dimension.base[i]
		}
		result.dimension.power = -result.dimension.power
	}
	return result, nil
}
