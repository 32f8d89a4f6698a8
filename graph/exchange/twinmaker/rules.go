package twinmaker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/graph/exchange"
)

// Targets of rule statements.
const (
	targetIcon    = "iottwinmaker.common.icon:"
	targetColor   = "iottwinmaker.common.color:"
	targetOpacity = "iottwinmaker.common.opacity:"
	targetNumber  = "iottwinmaker.common.number"
)

type ruleMap struct {
	Statements []statement `json:"statements"`
}

type statement struct {
	Expression string `json:"expression"`
	Target     string `json:"target"`
}

// ruleSet is one rule file.
type ruleSet struct {
	Name   string            `yaml:"ruleSet"`
	On     string            `yaml:"on"`
	Inputs map[string]string `yaml:"inputs"`
	States []ruleState       `yaml:"states"`
	Scalar *ruleScalar       `yaml:"scalar,omitempty"`
	Alarm  *ruleAlarm        `yaml:"alarm,omitempty"`
}

type ruleState struct {
	State string `yaml:"state"`
	When  string `yaml:"when,omitempty"`
}

type ruleScalar struct {
	Expr string `yaml:"expr"`
}

type ruleAlarm struct {
	On       []string `yaml:"on"`
	Severity string   `yaml:"severity"`
	Message  string   `yaml:"message"`
}

// look is how a state is drawn.
type look struct {
	Color    string `yaml:"color"`
	Icon     string `yaml:"icon"`
	Severity int    `yaml:"severity"`
}

// rulebook makes rule sets of rule maps, once for each asset type that uses them.
type rulebook struct {
	sets    map[string]*ruleSet // by file name
	names   map[string]string   // scene + rule map -> name of the rule set
	content map[string]string   // name -> rule map as written, so that equal maps of two scenes are one set
	looks   map[string]look     // states of colours
	report  *exchange.Report
}

func newRulebook(report *exchange.Report) *rulebook {
	return &rulebook{sets: map[string]*ruleSet{}, names: map[string]string{}, content: map[string]string{}, looks: map[string]look{}, report: report}
}

// use returns the name of the rule set for a rule map bound to a property of a component of an asset type.
func (b *rulebook) use(file, id string, rules map[string]ruleMap, t *assetType, s *slot) string {
	key := file + "\n" + id
	name, known := b.names[key]
	if !known {
		name = identifier(id)
		text := fmt.Sprint(rules[id])
		for i := 2; b.content[name] != "" && b.content[name] != text; i++ {
			name = identifier(id) + digits(i)
		}
		b.content[name], b.names[key] = text, name
	}
	path := "rules/" + slug(name) + "." + slug(t.name) + ".yaml"
	if b.sets[path] == nil {
		b.sets[path] = b.translate(file, id, rules[id], name, t, s)
	}
	return name
}

func (b *rulebook) translate(file, id string, m ruleMap, name string, t *assetType, s *slot) *ruleSet {
	set := &ruleSet{Name: name, On: t.name, Inputs: map[string]string{}}
	var opacity []string
	for i, st := range m.Statements {
		at := exchange.Finding{File: file, Path: fmt.Sprintf("$.rules.%s.statements[%d]", id, i)}
		cel, ok := b.expression(st.Expression, s, set, &at)
		if !ok {
			b.report.Unmapped = append(b.report.Unmapped, at)
			continue
		}
		switch {
		case st.Target == targetNumber:
			set.Scalar = &ruleScalar{Expr: cel}
		case strings.HasPrefix(st.Target, targetOpacity):
			if f, err := strconv.ParseFloat(strings.TrimPrefix(st.Target, targetOpacity), 64); err == nil {
				opacity = append(opacity, fmt.Sprintf("%s ? %s : ", cel, decimal(f)))
				continue
			}
			fallthrough
		default:
			state, ok := b.state(st.Target)
			if !ok {
				at.Message = fmt.Sprintf("the target %q is not understood", st.Target)
				b.report.Unmapped = append(b.report.Unmapped, at)
				continue
			}
			set.States = append(set.States, ruleState{State: state, When: cel})
		}
	}
	if len(opacity) > 0 && set.Scalar == nil {
		set.Scalar = &ruleScalar{Expr: strings.Join(opacity, "") + "1.0"}
	}
	set.States = append(set.States, ruleState{State: "ok"})
	return set
}

// expression translates one expression and names its inputs.
func (b *rulebook) expression(text string, s *slot, set *ruleSet, at *exchange.Finding) (string, bool) {
	cel, uses, err := translate(text)
	if err != nil {
		at.Message = fmt.Sprintf("the expression %q is not translated: %v", text, err)
		return "", false
	}
	for _, use := range uses {
		f := s.kind.byName[use]
		if f == nil {
			f = s.kind.byName[strings.Replace(use, "__", "-", 1)] // the viewer writes - as __
		}
		if f == nil {
			at.Message = fmt.Sprintf("the expression %q uses %q, which component %s does not have", text, use, s.original)
			return "", false
		}
		set.Inputs[use] = s.field + "." + f.name
	}
	return cel, true
}

// state names the state of a target: icons become the states of the palette, each colour a state of its own.
func (b *rulebook) state(target string) (string, bool) {
	if icon, ok := strings.CutPrefix(target, targetIcon); ok {
		switch icon {
		case "Error":
			return "alarm", true
		case "Warning":
			return "warning", true
		}
		return "info", true
	}
	if css, ok := strings.CutPrefix(target, targetColor); ok {
		hex, ok := hexColor(css)
		if !ok {
			return "", false
		}
		name := "color_" + strings.TrimPrefix(hex, "#")
		b.looks[name] = look{Color: hex, Icon: "info", Severity: 1}
		return name, true
	}
	return "", false
}

// alarms adds a rule set with an alarm for every asset type that has a component of an alarm type.
func (b *rulebook) alarms(types []*assetType) {
	for _, t := range types {
		for i := range t.components {
			s := &t.components[i]
			status := s.kind.byName["alarm_status"]
			if !s.kind.isAlarm() || status == nil {
				continue
			}
			b.sets["rules/"+slug(s.field)+"."+slug(t.name)+".yaml"] = &ruleSet{
				Name: s.field, On: t.name, Inputs: map[string]string{"status": s.field + "." + status.name},
				States: []ruleState{
					{State: "alarm", When: "status == 'ACTIVE'"},
					{State: "warning", When: "status == 'ACKNOWLEDGED' || status == 'SNOOZE_DISABLED'"},
					{State: "ok"},
				},
				Alarm: &ruleAlarm{On: []string{"alarm"}, Severity: "critical", Message: "{name}: {status}"},
			}
		}
	}
}

func (b *rulebook) files(into map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(b.sets)) {
		text, err := yaml.Marshal(b.sets[name])
		if err != nil {
			return err
		}
		into[name] = text
	}
	b.report.Counts["rule sets"] = len(b.sets)
	return nil
}

func decimal(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// named holds the CSS colours that rules of the samples use, beside #rrggbb and rgb().
var named = map[string]string{
	"red": "#ff0000", "green": "#008000", "blue": "#0000ff", "yellow": "#ffff00", "orange": "#ffa500", "white": "#ffffff", "black": "#000000",
	"gray": "#808080", "grey": "#808080", "purple": "#800080", "cyan": "#00ffff", "magenta": "#ff00ff", "lime": "#00ff00", "pink": "#ffc0cb",
	"brown": "#a52a2a", "teal": "#008080", "navy": "#000080", "maroon": "#800000", "olive": "#808000", "silver": "#c0c0c0",
}

func hexColor(css string) (string, bool) {
	css = strings.ToLower(strings.TrimSpace(css))
	if hex, ok := named[css]; ok {
		return hex, true
	}
	if hex, ok := strings.CutPrefix(css, "#"); ok {
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		if _, err := strconv.ParseUint(hex, 16, 32); err == nil && (len(hex) == 6 || len(hex) == 8) {
			return "#" + hex[:6], true
		}
		return "", false
	}
	inner, found := strings.CutPrefix(strings.TrimSuffix(css, ")"), "rgb")
	parts := strings.Split(strings.TrimLeft(inner, "a("), ",")
	if !found || len(parts) < 3 {
		return "", false
	}
	hex := "#"
	for _, part := range parts[:3] {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 10, 8)
		if err != nil {
			return "", false
		}
		hex += fmt.Sprintf("%02x", n)
	}
	return hex, true
}
