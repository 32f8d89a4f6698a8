package simulator

import (
	"slices"
	"strings"
	"time"
)

// formula sets the formula of a series and what kind of values it gives.
func (c *compiler) formula(d *definition, f *seriesConfig, inputs []string) {
	given := f.formulas()
	slices.Sort(given)
	if len(given) != 1 {
		c.wrong(f.At, "Write one of constant, sine, ramp, steps, walk, pick, expr and total.", "%s must have exactly one formula, it has %d (%s)",
			d.source, len(given), strings.Join(given, ", "))
		d.formula = constant(0)
		return
	}
	kind := "float"
	switch {
	case f.Constant != nil:
		kind, d.formula = f.Constant.kind, constant(f.Constant.number)
		if kind == "string" {
			d.texts = []string{f.Constant.text}
		}
	case f.Sine != nil:
		d.formula = f.Sine
		c.positive(d, "period", f.Sine.Period)
	case f.Ramp != nil:
		kind = c.cycle(d, f.Ramp)
		d.formula = ramp{f.Ramp}
		if kind == "string" || kind == "bool" {
			c.wrong(f.At, "Use steps.", "a ramp needs numbers")
		}
	case f.Steps != nil:
		kind, d.texts = c.cycle(d, f.Steps), f.Steps.texts
		d.formula = steps{f.Steps}
	case f.Walk != nil:
		d.formula = f.Walk
		c.positive(d, "turn", f.Walk.Turn)
		if len(f.Walk.Between) != 2 || f.Walk.Between[0] > f.Walk.Between[1] {
			c.wrong(f.Walk.At, "Write between: [58, 66].", "a walk needs two bounds, the lower one first")
			d.formula = constant(0)
		}
	case f.Pick != nil:
		kind = c.pick(d, f.Pick)
	case f.Expr != "":
		d.formula = computed{c.program(d, f.Expr, inputs)}
	case f.Total != nil:
		c.total(d, f.Total, inputs)
	}
	c.kind(d, f, kind)
}

func (c *compiler) kind(d *definition, f *seriesConfig, kind string) {
	if d.labels != nil {
		kind = "string"
	}
	d.kind = kind
	switch f.Type {
	case "", kind:
	case "float", "int", "bool", "string":
		if d.texts != nil || d.labels != nil || kind == "bool" && f.Type != "int" {
			c.wrong(f.At, "", "%s gives values of type %s, not %s", d.source, kind, f.Type)
		}
		d.kind = f.Type
	default:
		c.wrong(f.At, "Known types: float, int, bool, string.", "unknown type %q of %s", f.Type, d.source)
	}
	if d.texts != nil && (d.noise != 0 || d.digits >= 0) {
		c.wrong(f.At, "", "%s gives texts: noise and digits belong to numbers", d.source)
	}
}

func (c *compiler) positive(d *definition, name string, v time.Duration) {
	if v <= 0 {
		c.wrong(d.at, "", "%s of %s must be longer than 0s", name, d.source)
		d.formula = constant(0)
	}
}

func (c *compiler) cycle(d *definition, f *cycle) string {
	if f.places == nil { // a key may share the cycle of its series
		problems := f.prepare()
		c.problems = append(c.problems, problems...)
	}
	return f.kind
}

func (c *compiler) pick(d *definition, f *pick) string {
	d.formula = constant(0)
	if len(f.From) == 0 || len(f.Weights) > 0 && len(f.Weights) != len(f.From) {
		c.wrong(f.At, "", "pick needs values in \"from\", and as many weights or none")
		return "float"
	}
	if len(f.Weights) == 0 {
		f.Weights = slices.Repeat([]float64{1}, len(f.From))
	}
	f.sum = 0
	for i, w := range f.Weights {
		if f.sum += w; w < 0 || f.From[i].kind != f.From[0].kind {
			c.wrong(f.At, "", "the values of a pick must be of one type, the weights not negative")
			return "float"
		}
	}
	if f.From[0].kind == "string" {
		for _, v := range f.From {
			d.texts = append(d.texts, v.text)
		}
	}
	d.formula = f
	c.positive(d, "every", f.Every)
	return f.From[0].kind
}

func (c *compiler) program(d *definition, text string, inputs []string) *program {
	p, err := parse(text, inputs)
	if err != nil {
		c.wrong(d.at, "", "expression of %s: %s", d.source, err)
		return &program{func(*scope) float64 { return 0 }}
	}
	return p
}

func (c *compiler) total(d *definition, f *total, inputs []string) {
	f.program = c.program(d, f.Expr, inputs)
	if f.Per == 0 {
		f.Per = time.Second
	}
	if f.Reset == 0 {
		f.Reset = 24 * time.Hour
	}
	f.step = max(d.period, int64(f.Reset)/maxSteps)
	d.formula = f
	if f.Reset < time.Second || f.Reset > 7*24*time.Hour {
		c.wrong(f.At, "", "reset of %s must be between 1s and 7d", d.source)
		d.formula = constant(0)
	}
}

// maxCost bounds how many series one value may depend on, counted each time.
const maxCost = 1000

// circles refuses series that depend on each other in a circle, on texts, on nothing known, or on too many.
func (c *compiler) circles(s *Simulator) {
	cost := map[*definition]int{} // 0 unknown, -1 being looked at
	var visit func(d *definition) int
	visit = func(d *definition) int {
		if known := cost[d]; known != 0 {
			return known
		}
		cost[d] = -1
		sum := 1
		for _, ref := range d.inputs {
			targets := s.targets(ref)
			if len(targets) == 0 {
				c.wrong(d.at, "", "%s depends on %s, which no series serves", d.source, ref)
			}
			most := 0
			for _, target := range targets {
				if target.texts != nil {
					c.wrong(d.at, "", "%s depends on %s, whose values are texts", d.source, ref)
				}
				switch n := visit(target); {
				case n < 0:
					c.wrong(d.at, "", "%s depends on itself through %s", d.source, ref)
				default:
					most = max(most, n)
				}
			}
			sum = min(sum+most, maxCost+1)
		}
		if sum > maxCost {
			c.wrong(d.at, "", "%s depends on more than %d series", d.source, maxCost)
		}
		cost[d] = sum
		return sum
	}
	for _, t := range s.templates {
		for _, d := range t.definitions() {
			visit(d)
		}
	}
}

// targets lists the definitions that may serve a reference, in which places for names may be left.
func (s *Simulator) targets(ref string) []*definition {
	sample := placeholder.ReplaceAllString(ref, "{}")
	for _, t := range s.templates {
		values, ok := t.match(sample)
		if !ok {
			continue
		}
		if own := t.keys[joined(values)]; own != nil && !strings.Contains(sample, "{}") {
			return []*definition{own}
		}
		if strings.Contains(sample, "{}") {
			return t.definitions()
		}
		return []*definition{t.general}
	}
	return nil
}
