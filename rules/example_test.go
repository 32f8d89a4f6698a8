package rules_test

import (
	"fmt"
	"time"

	"mereon/rules"
	"mereon/schema"
)

func Example() {
	model, _ := schema.Parse([]schema.File{{Name: "pump.graphql", Text: `type Pump @asset { temperature: Float }`}})
	book, _ := rules.Compile([]schema.File{{Name: "heat.yaml", Text: `
ruleSet: heat
on: Pump
states:
  - {state: hot, when: temperature > 90, hold: 5s}
  - {state: ok}
`}}, model)
	set, _ := book.Find("Pump", "heat")

	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	running := set.Step(rules.Running{}, []schema.Value{schema.FloatOf(95)}, now)
	fmt.Println(running.State, "again in", running.Wake.Sub(now))
	running = set.Step(running, []schema.Value{schema.FloatOf(95)}, running.Wake)
	fmt.Println(running.State)
	running = set.Step(running, []schema.Value{schema.Null}, now.Add(time.Minute))
	fmt.Println("missing", running.Missing)
	// Output:
	// ok again in 5s
	// hot
	// missing [temperature]
}
