package query

import (
	"math"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// walkQuestion is what fields that walk the graph are asked beside their relationships.
type walkQuestion struct {
	through *schema.Condition // what the graph decides of the condition on every hop
	decide  *predicate        // what it does not; nil: nothing
	budget  int               // > 0: entities visited at most
	weight  schema.Path
	missing *float64
}

// understand reads the arguments through, budget, weight and missing.
func (w *walkQuestion) understand(c *catalog, args map[string]any) error {
	through, err := filterScope{catalog: c, shown: schema.EntityType}.parse(args["through"])
	if err != nil {
		return err
	}
	w.through, w.decide = through.split()
	if w.budget, err = stepCount("budget", args["budget"]); err != nil {
		return err
	}
	weight, _ := args["weight"].(string)
	w.weight = schema.Path(weight)
	if args["missing"] == nil {
		return nil
	}
	v, err := schema.ParseValue(args["missing"], schema.ValueType{Scalar: schema.Float}, c.model)
	if err != nil {
		return err
	}
	if f := v.Float(); f >= 0 && !math.IsInf(f, 0) {
		w.missing = &f
		return nil
	}
	return fault.New(fault.Invalid, "missing is %v; a weight is a number from 0", v.Float())
}

// weighs sees that some relationship of the steps has a property that can be a weight.
func (c *catalog) weighs(steps []graph.Step, weight schema.Path) error {
	var names []string
	for _, s := range steps {
		relation := c.model.Relations[s.Relation]
		component := c.model.Components[relation.Props]
		if component == nil {
			continue
		}
		for _, p := range component.Properties {
			numeric := p.Type.Scalar == schema.Int || p.Type.Scalar == schema.Long || p.Type.Scalar == schema.Float || p.Type.Scalar == schema.Decimal
			if p.Kind != schema.Static || !numeric || p.Type.List || p.Type.Enum != "" {
				continue
			}
			if p.Name == string(weight) {
				return nil
			}
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return unknownName("numeric relationship property", string(weight), names)
}
