package project_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"mereon/graph/exchange/project"
)

func TestOverridesOfRuleParametersAreChecked(t *testing.T) {
	for override, want := range map[string]string{
		"{heat: {limit: 95}}":   "",
		"{heat: {limt: 95}}":    `entities/a.yaml:1:40: the rule set heat has no parameter "limt"; did you mean "limit"?`,
		"{heat: {limit: high}}": "the parameter limit takes a value of type Float, not high",
		"{haet: {limit: 95}}":   `no rule set "haet" applies to Pump; did you mean "heat"?`,
	} {
		_, problems := project.ReadAndCheck(fstest.MapFS{
			"mereon.yaml":        {Data: []byte("project: p\n")},
			"model/pump.graphql": {Data: []byte("type Pump @asset { temperature: Float }\n")},
			"rules/heat.yaml":    {Data: []byte("ruleSet: heat\non: Pump\nparams: {limit: 90}\nstates: [{state: hot, when: temperature > limit}, {state: ok}]\n")},
			"entities/a.yaml":    {Data: []byte("- {assetType: Pump, id: p, name: Pump, rules: " + override + "}\n")},
		})
		if want == "" && len(problems) > 0 || want != "" && !strings.Contains(problems.Error(), want) {
			t.Errorf("rules: %s says\n%s\nwant %q", override, problems.Error(), want)
		}
	}
}
