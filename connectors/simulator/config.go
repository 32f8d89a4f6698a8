package simulator

import (
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema/document"
	"mereon/schema/fault"
)

// config is a simulator.yaml, or the same keys in mereon.yaml.
type config struct {
	File       string                   `yaml:"file"`
	Seed       *int64                   `yaml:"seed"`
	Period     time.Duration            `yaml:"period"`
	StaleAfter time.Duration            `yaml:"staleAfter"`
	Outages    []disturbance            `yaml:"outages"`
	Series     map[string]*seriesConfig `yaml:"series"`
	At         fault.Position
}

// seriesConfig is one series, or what differs for one key of it.
type seriesConfig struct {
	Type string `yaml:"type"`
	Unit string `yaml:"unit"`

	Constant *scalar           `yaml:"constant"`
	Sine     *sine             `yaml:"sine"`
	Ramp     *cycle            `yaml:"ramp"`
	Steps    *cycle            `yaml:"steps"`
	Walk     *walk             `yaml:"walk"`
	Pick     *pick             `yaml:"pick"`
	Expr     string            `yaml:"expr"`
	Total    *total            `yaml:"total"`
	Inputs   map[string]string `yaml:"inputs"`

	Noise  *float64          `yaml:"noise"`
	Min    *float64          `yaml:"min"`
	Max    *float64          `yaml:"max"`
	Digits *int              `yaml:"digits"`
	Labels map[string]string `yaml:"labels"`
	Period time.Duration     `yaml:"period"`
	Shift  *time.Duration    `yaml:"shift"`
	Spread *time.Duration    `yaml:"spread"`

	Faults []disturbance            `yaml:"faults"`
	Keys   map[string]*seriesConfig `yaml:"keys"`
	At     fault.Position
}

// scalar is a number, a text or a boolean.
type scalar struct {
	kind   string // float, string, bool
	number float64
	text   string
	at     fault.Position
}

// DecodeDocument takes the kind from how the value is written.
func (s *scalar) DecodeDocument(d *document.Decoder, n *yaml.Node) {
	s.at, s.text, s.kind = d.At(n), n.Value, "string"
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		d.Wrong(n, "", "this must be a number, a text, true or false")
	case n.Tag == "!!int" || n.Tag == "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || f-f != 0 {
			d.Wrong(n, "", "%q is not a number", n.Value)
		}
		s.number, s.kind = f, "float"
	case n.Tag == "!!bool":
		s.kind = "bool"
		if n.Value == "true" || n.Value == "True" || n.Value == "TRUE" {
			s.number = 1
		}
	}
}

// with returns the series with what differs for one key. A formula there replaces the formula here.
func (c seriesConfig) with(own *seriesConfig) *seriesConfig {
	c.Keys, c.At = nil, own.At
	if len(own.formulas()) > 0 {
		c.Constant, c.Sine, c.Ramp, c.Steps, c.Walk, c.Pick, c.Expr, c.Total =
			own.Constant, own.Sine, own.Ramp, own.Steps, own.Walk, own.Pick, own.Expr, own.Total
		c.Inputs = own.Inputs
	} else if own.Inputs != nil {
		c.Inputs = own.Inputs
	}
	if own.Type != "" {
		c.Type = own.Type
	}
	if own.Unit != "" {
		c.Unit = own.Unit
	}
	if own.Period != 0 {
		c.Period = own.Period
	}
	if own.Shift != nil || own.Spread != nil {
		c.Shift, c.Spread = own.Shift, own.Spread
	}
	if own.Labels != nil {
		c.Labels = own.Labels
	}
	if own.Faults != nil {
		c.Faults = own.Faults
	}
	replace(&c.Noise, own.Noise)
	replace(&c.Min, own.Min)
	replace(&c.Max, own.Max)
	if own.Digits != nil {
		c.Digits = own.Digits
	}
	return &c
}

func replace(v **float64, own *float64) {
	if own != nil {
		*v = own
	}
}

// formulas lists the formulas that are given.
func (c *seriesConfig) formulas() (names []string) {
	for name, given := range map[string]bool{"constant": c.Constant != nil, "sine": c.Sine != nil, "ramp": c.Ramp != nil,
		"steps": c.Steps != nil, "walk": c.Walk != nil, "pick": c.Pick != nil, "expr": c.Expr != "", "total": c.Total != nil} {
		if given {
			names = append(names, name)
		}
	}
	return names
}
