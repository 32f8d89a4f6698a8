package project

import (
	"encoding/json"

	"mereon/graph"
	"mereon/schema/fault"
)

// checkOverrides checks the parameters that an entity gives to rule sets: rules: {bearing: {limit: 95}}.
func (c *Checked) checkOverrides(in graph.EntityInput) fault.List {
	given, ok := in.Fields["rules"]
	if !ok || given == nil || c.Book == nil {
		return nil
	}
	column, err := json.Marshal(given)
	if err == nil {
		err = c.Book.CheckOverrides(in.Type, string(column))
	}
	if err == nil {
		return nil
	}
	problem := fault.Problem{Message: err.Error(), Hint: "rules takes {rule set: {parameter: value}}."}
	if in.At != nil {
		problem.Position = in.At("rules")
	}
	return fault.List{problem}
}
