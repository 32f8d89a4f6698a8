package rules

import (
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// rawSet is a rule file as written. Parts whose places matter in later messages stay nodes.
type rawSet struct {
	Position    fault.Position `yaml:"-"`
	RuleSet     yaml.Node      `yaml:"ruleSet,required"`
	On          yaml.Node      `yaml:"on,required"`
	Description string         `yaml:"description"`
	Params      yaml.Node      `yaml:"params"`
	Inputs      yaml.Node      `yaml:"inputs"`
	States      []rawState     `yaml:"states"`
	Bands       *rawBands      `yaml:"bands"`
	Map         *rawMap        `yaml:"map"`
	Scalar      *rawScalar     `yaml:"scalar"`
	Alarm       *rawAlarm      `yaml:"alarm"`
	Source      any            `yaml:"source"` // what an importer kept; means nothing here
}

type rawState struct {
	State yaml.Node     `yaml:"state,required"`
	When  yaml.Node     `yaml:"when"`
	Hold  time.Duration `yaml:"hold"`
	Clear yaml.Node     `yaml:"clear"`
}

type rawBands struct {
	Input      yaml.Node `yaml:"input,required"`
	Hysteresis float64   `yaml:"hysteresis"`
	Steps      []rawBand `yaml:"steps,required"`
}

type rawBand struct {
	State yaml.Node `yaml:"state,required"`
	Below yaml.Node `yaml:"below"`
}

type rawMap struct {
	Input  yaml.Node `yaml:"input,required"`
	States yaml.Node `yaml:"states,required"`
	Else   yaml.Node `yaml:"else"`
}

type rawScalar struct {
	Position fault.Position `yaml:"-"`
	Ramp     *rawRamp       `yaml:"ramp"`
	Expr     yaml.Node      `yaml:"expr"`
}

type rawRamp struct {
	Position fault.Position `yaml:"-"`
	Input    yaml.Node      `yaml:"input,required"`
	From     float64        `yaml:"from"`
	To       *float64       `yaml:"to,required"`
}

type rawAlarm struct {
	On       []yaml.Node `yaml:"on,required"`
	Severity yaml.Node   `yaml:"severity"`
	Message  yaml.Node   `yaml:"message"`
}

type rawParam struct {
	Type        yaml.Node `yaml:"type"`
	Default     yaml.Node `yaml:"default"`
	Unit        string    `yaml:"unit"`
	Description string    `yaml:"description"`
	Min         *float64  `yaml:"min"`
	Max         *float64  `yaml:"max"`
}

type rawCount struct {
	Count yaml.Node `yaml:"count,required"`
	Where yaml.Node `yaml:"where"`
}
