package simulator

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// compiler checks a configuration and collects every mistake.
type compiler struct {
	config   *config
	problems fault.List
}

func (c *compiler) wrong(at fault.Position, hint, format string, args ...any) {
	c.problems = append(c.problems, fault.Problem{Position: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// compile checks what was decoded from file.
func compile(f *config, file schema.File) (*Simulator, fault.List) {
	if f.At.Line == 0 {
		f.At = fault.Position{File: file.Name, Line: 1} // nothing is written
	}
	c := &compiler{config: f}
	s := &Simulator{seed: 1, staleAfter: f.StaleAfter, outages: f.Outages, series: map[string]*series{}, revision: revisionOf(f)}
	if f.Seed != nil {
		s.seed = uint64(*f.Seed)
	}
	if f.Period == 0 {
		f.Period = time.Second
	}
	if len(f.Series) == 0 {
		c.wrong(f.At, "Write series: {\"pumps/{pump}/flow\": {constant: 12.5}}.", "\"series\" is missing")
	}
	for i := range s.outages {
		s.outages[i].Kind = "outage"
		c.disturbance(&s.outages[i])
	}
	for _, source := range slices.Sorted(maps.Keys(f.Series)) {
		c.template(s, source, f.Series[source])
	}
	slices.SortStableFunc(s.templates, func(a, b *template) int { return b.literal - a.literal })
	c.circles(s)
	if s.staleAfter == 0 {
		s.staleAfter = 3 * f.Period
	}
	c.problems.Sort()
	document.Quote(file, c.problems)
	return s, c.problems
}

func (t *template) definitions() []*definition {
	all := []*definition{t.general}
	for _, key := range slices.Sorted(maps.Keys(t.keys)) {
		all = append(all, t.keys[key])
	}
	return all
}

func (c *compiler) template(s *Simulator, source string, f *seriesConfig) {
	if f == nil {
		c.wrong(c.config.At, "", "series %s is empty", source)
		return
	}
	t, err := newTemplate(source)
	if err != nil {
		c.wrong(f.At, "", "series %s: %s", source, err)
		return
	}
	t.general = c.definition(t, source, f)
	for _, key := range slices.Sorted(maps.Keys(f.Keys)) {
		own := f.Keys[key]
		switch {
		case own == nil:
			c.wrong(f.At, "", "key %s of %s is empty", key, source)
		case own.Keys != nil:
			c.wrong(own.At, "", "a key cannot have keys of its own")
		case strings.Count(key, "/")+1 != len(t.names):
			c.wrong(own.At, "", "key %s of %s must have %d values, joined by /", key, source, len(t.names))
		default:
			t.keys[key] = c.definition(t, source+" ("+key+")", f.with(own))
		}
	}
	s.templates = append(s.templates, t)
}

func (c *compiler) definition(t *template, source string, f *seriesConfig) *definition {
	d := &definition{source: source, at: f.At, unit: f.Unit, min: math.Inf(-1), max: math.Inf(1), digits: -1, faults: f.Faults,
		period: int64(f.Period)}
	if d.period == 0 {
		d.period = int64(c.config.Period)
	}
	if d.period < int64(10*time.Millisecond) {
		c.wrong(f.At, "", "the period of %s must be at least 10ms", source)
		d.period = int64(time.Second)
	}
	c.adjust(d, f)
	names := slices.Sorted(maps.Keys(f.Inputs))
	for _, name := range names {
		d.inputs = append(d.inputs, f.Inputs[name])
		c.input(t, d, name, f.Inputs[name])
	}
	c.formula(d, f, names)
	c.place(t, d, f)
	for i := range d.faults {
		c.disturbance(&d.faults[i])
	}
	return d
}

func (c *compiler) adjust(d *definition, f *seriesConfig) {
	if f.Noise != nil {
		d.noise = *f.Noise
	}
	if f.Min != nil {
		d.min = *f.Min
	}
	if f.Max != nil {
		d.max = *f.Max
	}
	if f.Digits != nil {
		d.digits = *f.Digits
	}
	switch {
	case d.noise < 0:
		c.wrong(f.At, "", "the noise of %s must not be negative", d.source)
	case d.min > d.max:
		c.wrong(f.At, "", "min of %s is above max", d.source)
	case f.Digits != nil && (d.digits < 0 || d.digits > 12):
		c.wrong(f.At, "", "digits of %s must be between 0 and 12", d.source)
	}
	for text, label := range f.Labels {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			c.wrong(f.At, "Write {0: STOPPED, 1: RUNNING}.", "the label %q of %s must stand at a whole number, not %q", label, d.source, text)
			continue
		}
		if d.labels == nil {
			d.labels = map[int64]string{}
		}
		d.labels[n] = label
	}
}

// place sets where the cycle begins.
func (c *compiler) place(t *template, d *definition, f *seriesConfig) {
	switch {
	case f.Shift != nil:
		d.shift = int64(*f.Shift)
		if f.Spread != nil {
			d.spread = int64(*f.Spread)
		}
	case f.Spread != nil:
		d.spread = int64(*f.Spread)
	case len(t.names) > 0 && d.formula != nil:
		d.spread = int64(d.formula.length())
	}
}

func (c *compiler) input(t *template, d *definition, name, ref string) {
	if !identifier.MatchString(name) || functions[name].call != nil {
		c.wrong(d.at, "", "the input %q of %s must be a name of letters and digits", name, d.source)
	}
	for _, place := range placeholder.FindAllStringSubmatch(ref, -1) {
		if !slices.Contains(t.names, place[1]) {
			c.wrong(d.at, "", "input %s of %s: its reference names {%s}, which %s does not have", name, d.source, place[1], t.source)
		}
	}
}

func (c *compiler) disturbance(d *disturbance) {
	if !slices.Contains(kinds[:], d.Kind) {
		c.wrong(d.At, "Known kinds: "+strings.Join(kinds[:], ", ")+".", "unknown kind of fault %q", d.Kind)
	}
	switch {
	case d.Every == 0 && (d.Start != 0 || d.For != 0):
		c.wrong(d.At, "", "a fault with \"at\" or \"for\" needs \"every\"")
	case d.Every > 0 && (d.For <= 0 || d.Start+d.For > d.Every):
		c.wrong(d.At, "", "\"at\" and \"for\" of a fault must lie within \"every\"")
	case d.Kind == "late" && d.By <= 0:
		c.wrong(d.At, "", "a late fault needs \"by\", how much later values arrive")
	case d.Kind != "late" && d.By != 0:
		c.wrong(d.At, "", "\"by\" belongs to the kind late")
	}
}
