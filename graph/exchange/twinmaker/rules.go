package twinmaker

import (
	"errors"
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
	Expression string `json:"expression" yaml:"expression"`
	Target     string `json:"target" yaml:"target"`
}

// ruleSet is one rule file.
type ruleSet struct {
	Name   string            `yaml:"ruleSet"`
	On     string            `yaml:"on"`
	Inputs map[string]string `yaml:"inputs"`
	States []ruleState       `yaml:"states"`
	Scalar *ruleScalar       `yaml:"scalar,omitempty"`
	Alarm  *ruleAlarm        `yaml:"alarm,omitempty"`
	Source *ruleSource       `yaml:"source,omitempty"`

	colors, opacity, number bool // what its targets give
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

// ruleSource keeps the statements that were not translated.
type ruleSource struct {
	Format     string      `yaml:"format"`
	Statements []statement `yaml:"statements"`
}

// look is how a state is drawn.
type look struct {
	Color    string `yaml:"color"`
	Icon     string `yaml:"icon"`
	Severity int    `yaml:"severity"`
}

// rulebook makes rule sets of rule maps, one for each component of an asset type that uses them.
type rulebook struct {
	sets    map[string]*ruleSet    // by file name
	made    map[[4]string]*ruleSet // by rule map, its content, asset type and component
	taken   map[[2]string]bool     // names of rule sets on an asset type
	content map[string]string      // name -> rule map as written, so that equal maps of two scenes are one set
	looks   map[string]look        // states of colours
	report  *exchange.Report
}

func newRulebook(report *exchange.Report) *rulebook {
	return &rulebook{sets: map[string]*ruleSet{}, made: map[[4]string]*ruleSet{}, taken: map[[2]string]bool{}, content: map[string]string{}, looks: map[string]look{}, report: report}
}

// use returns the rule set for a rule map bound to a component of an asset type.
func (b *rulebook) use(file, id string, rules map[string]ruleMap, t *assetType, s *slot) *ruleSet {
	text := fmt.Sprint(rules[id])
	key := [4]string{id, text, t.name, s.field}
	if b.made[key] == nil {
		set := &ruleSet{Name: b.name(id, text, t.name), On: t.name, Inputs: map[string]string{}}
		b.made[key] = set
		b.translate(file, id, rules[id], set, s)
		b.file(set)
	}
	return b.made[key]
}

// name returns a name that is free on the asset type and means no other rule map.
func (b *rulebook) name(id, text, asset string) string {
	wish := identifier(id)
	name := wish
	for i := 2; b.taken[[2]string{name, asset}] || b.content[name] != "" && b.content[name] != text; i++ {
		name = wish + digits(i)
	}
	if name != id && b.content[name] == "" {
		b.report.Renamed = append(b.report.Renamed, exchange.Renamed{What: "rule map", From: id, To: name, Why: "letters, digits and _ only, once on each asset type"})
	}
	b.taken[[2]string{name, asset}], b.content[name] = true, text
	return name
}

func (b *rulebook) file(set *ruleSet) {
	wish := "rules/" + slug(set.Name) + "." + slug(set.On)
	name := wish
	for i := 2; b.sets[name+".yaml"] != nil; i++ {
		name = wish + "-" + digits(i)
	}
	b.sets[name+".yaml"] = set
}

// translate fills a set with the statements of a rule map: the first that holds wins, in the map as in the set.
func (b *rulebook) translate(file, id string, m ruleMap, set *ruleSet, s *slot) {
	visible := "" // how opaque: a chain of choices in the order of the statements
	for i, st := range m.Statements {
		at := exchange.Finding{File: file, Path: fmt.Sprintf("$.rules.%s.statements[%d]", id, i)}
		drop := func(format string, args ...any) {
			at.Message = fmt.Sprintf(format, args...)
			b.report.Unmapped = append(b.report.Unmapped, at)
			if set.Source == nil {
				set.Source = &ruleSource{Format: "twinmaker"}
			}
			set.Source.Statements = append(set.Source.Statements, st)
		}
		want := aTruth
		if st.Target == targetNumber {
			want = aNumber
		}
		cel, uses, err := translate(st.Expression, s.kind, want)
		if mistake := (unreadable{}); errors.As(err, &mistake) {
			drop("the expression %q is left out, as the viewer skips it too: %v", st.Expression, err)
			continue
		} else if err != nil {
			drop("the expression %q is not translated, and a later statement may win in its place: %v", st.Expression, err)
			continue
		}
		state, opacity, known := b.state(st.Target)
		switch {
		case want == aNumber && set.number, want == aNumber && len(set.States) > 0:
			drop("a number counts only as the first statement")
			continue
		case want == aNumber:
			set.number, set.Scalar = true, &ruleScalar{Expr: "max(" + cel + ", 0)"} // a motion never runs backwards
		case !known:
			drop("the target %q is not understood", st.Target)
			continue
		default:
			set.States = append(set.States, ruleState{State: state, When: cel})
			set.colors = set.colors || strings.HasPrefix(st.Target, targetColor)
			set.opacity = set.opacity || opacity < 1
			visible += "(" + cel + ") ? " + decimal(opacity) + " : "
		}
		for _, u := range uses {
			set.Inputs[u.alias] = s.field + "." + u.field.name
		}
	}
	if set.opacity && !set.number {
		set.Scalar = &ruleScalar{Expr: visible + "1.0"}
	}
	set.States = append(set.States, ruleState{State: "ok"})
}

// state names the state of a target and says how opaque it is: icons become the states of the palette, each colour a state
// of its own, mere opacity is normal.
func (b *rulebook) state(target string) (state string, opacity float64, ok bool) {
	if icon, is := strings.CutPrefix(target, targetIcon); is {
		switch icon {
		case "Error":
			return "alarm", 1, true
		case "Warning":
			return "warning", 1, true
		}
		return "info", 1, true
	}
	if text, is := strings.CutPrefix(target, targetOpacity); is {
		f, err := strconv.ParseFloat(text, 64)
		return "ok", f, err == nil && f >= 0 && f <= 1
	}
	css, is := strings.CutPrefix(target, targetColor)
	hex, alpha, known := hexColor(css)
	if !is || !known {
		return "", 1, false
	}
	state = "color_" + strings.TrimPrefix(hex, "#")
	b.looks[state] = look{Color: hex, Icon: "info", Severity: 1}
	return state, alpha, true
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
			set := &ruleSet{
				Name: b.name(s.field, "alarm of "+s.field, t.name), On: t.name, Inputs: map[string]string{"status": s.field + "." + status.name},
				States: []ruleState{
					{State: "alarm", When: "status == 'ACTIVE'"},
					{State: "warning", When: "status == 'ACKNOWLEDGED' || status == 'SNOOZE_DISABLED'"},
					{State: "ok"},
				},
				Alarm: &ruleAlarm{On: []string{"alarm"}, Severity: "critical", Message: "{name}: {status}"},
			}
			b.file(set)
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
