package query

import (
	"math"
	"slices"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
	"mereon/schema/unit"
)

// checkAggregate refuses aggregates that what a property holds cannot have, or that its type could not show.
func checkAggregate(by connectors.Aggregate, p *schema.Property) error {
	numbers := p.Type.Scalar.Numeric() && p.Type.Enum == "" && !p.Type.List
	if numbers || by != connectors.Avg && by != connectors.Sum && by != connectors.Count {
		return nil
	}
	base := p.Type.Scalar.String()
	if p.Type.Enum != "" {
		base = string(p.Type.Enum)
	}
	return fault.New(fault.Invalid, "%s holds %s, which has no %s; ask for FIRST, LAST, MIN or MAX", p.Name, base, by)
}

// convert brings the measurements to the unit of the property. What does not fit is null and bad.
func (h *historyCell) convert(c *catalog, by connectors.Aggregate) {
	fresh := false
	for i, m := range h.measurements {
		if m.Value.IsNull() || fits(m.Value, h.property.Type) && (m.Unit == "" || m.Unit == h.property.Unit) {
			continue
		}
		if !fresh {
			h.measurements, fresh = slices.Clone(h.measurements), true
		}
		v, err := h.summed(c, m, by)
		if err != nil {
			h.status, h.why = connectors.BadData, err.Error()
			h.measurements[i].Quality = connectors.Bad
		}
		h.measurements[i].Value, h.measurements[i].Unit = v, ""
	}
}

// summed brings one value to the type and unit of the property. An average or a sum of whole numbers stays a number of its
// own; counts have no unit.
func (h *historyCell) summed(c *catalog, m connectors.Measurement, by connectors.Aggregate) (schema.Value, error) {
	whole := h.property.Type.Scalar == schema.Int || h.property.Type.Scalar == schema.Long
	switch {
	case by == connectors.Count && whole:
		return m.Value, nil
	case by == connectors.Count:
		return c.measured(m.Value, "", h.property)
	case by == connectors.Sum && !additive(m.Unit, h.property.Unit):
		return schema.Null, scaleError(m.Unit, h.property.Unit)
	case whole && (by == connectors.Avg || by == connectors.Sum) && (m.Value.Kind() == schema.FloatValue || m.Value.Kind() == schema.IntValue):
		if m.Unit == "" || m.Unit == h.property.Unit {
			return m.Value, nil
		}
		return convertValue(schema.FloatOf(m.Value.Float()), m.Unit, h.property.Unit)
	}
	return c.measured(m.Value, m.Unit, h.property)
}

// additive says whether a sum can be converted: the scales of both units begin at the same point.
func additive(from, to string) bool {
	if from == "" || to == "" || from == to {
		return true
	}
	c, err := unit.Between(from, to)
	return err != nil || c.Apply(0) == 0
}

func scaleError(from, to string) error {
	return fault.New(fault.Invalid, "a sum of %s cannot be converted to %s, whose scale begins elsewhere; ask for AVG", from, to)
}

// historyValue writes a measurement as the property's type has it: an average of whole numbers is rounded.
func (w *writer) historyValue(property *schema.Property, column *historyColumn, m *connectors.Measurement, exact bool) outcome {
	v := m.Value
	by := column.want.Aggregate
	if column.target != "" && column.target != property.Unit && by != connectors.Count {
		var err error
		if by == connectors.Sum && !additive(property.Unit, column.target) {
			err = scaleError(property.Unit, column.target)
		} else {
			v, err = convertValue(v, property.Unit, column.target)
		}
		if err != nil {
			w.fail(err)
			return isNull
		}
	}
	if whole := property.Type.Scalar == schema.Int || property.Type.Scalar == schema.Long; whole && !exact && v.Kind() == schema.FloatValue {
		v = schema.IntOf(int64(math.Round(v.Float())))
	}
	return w.value(v)
}
