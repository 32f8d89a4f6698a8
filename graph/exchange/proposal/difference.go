package proposal

import (
	"fmt"
	"slices"
	"strings"

	"mereon/schema"
)

// Known says whether the model has a record type or a live property of the connector already, so that Differences tells more
// than the whole.
func Known(connector string, model *schema.Model) bool {
	for _, r := range model.Records {
		if r.Connector == connector {
			return true
		}
	}
	return false
}

// Differences says what the model and the system do not have in common: lines with + for what the model lacks, - for what
// the system lacks, ~ for what has another type there. It is empty when there are none. Whole types that the model lacks are
// written as they would be proposed.
func (p *Proposal) Differences(model *schema.Model) []string {
	var lines []string
	for _, r := range p.records {
		if r.known == nil {
			lines = append(lines, prefixed("+ ", r.text(p.connector))...)
			continue
		}
		if changed := r.changes(model); len(changed) > 0 {
			lines = append(lines, fmt.Sprintf("  type %s (collection %s)", r.name, r.collection))
			lines = append(lines, changed...)
		}
	}
	for _, e := range p.enums {
		lines = append(lines, prefixed("+ ", e.text())...)
	}
	return append(lines, p.gone(model)...)
}

func prefixed(with, text string) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := range lines {
		lines[i] = with + lines[i]
	}
	return lines
}

// changes compares the columns and links of a table with the type of the model.
func (r *record) changes(model *schema.Model) []string {
	var lines []string
	for i := range r.fields {
		f := &r.fields[i]
		if f.column == nil {
			if !r.joined(f) {
				lines = append(lines, "+   "+f.line())
			}
			continue
		}
		property, ok := r.known.Property(f.name)
		switch {
		case !ok:
			lines = append(lines, "+   "+f.line())
		case !holds(property.Type, f.column.Type):
			lines = append(lines, fmt.Sprintf("~   %s: %s          the column holds %s", f.name, property.Type, typeText(f.column.Type)))
		default:
			lines = append(lines, r.labels(f.name, model.Enums[property.Type.Enum])...)
		}
	}
	for _, property := range r.known.Properties {
		if !slices.ContainsFunc(r.fields, func(f field) bool { return f.column != nil && f.name == property.Name }) {
			lines = append(lines, fmt.Sprintf("-   %s: %s          %s has no such column", property.Name, property.Type, r.collection))
		}
	}
	return lines
}

// labels lists the texts that a column may hold and the enum of the model lacks.
func (r *record) labels(column string, e *schema.Enum) []string {
	if e == nil {
		return nil
	}
	var lines []string
	for _, label := range r.table.Labels[column] {
		if !e.Has(label) {
			lines = append(lines, fmt.Sprintf("+   enum %s { %s }          the column %s may hold it", e.Name, label, column))
		}
	}
	return lines
}

// joined says whether the model has a join over the same columns.
func (r *record) joined(f *field) bool {
	return slices.ContainsFunc(r.known.Joins, func(j *schema.Join) bool {
		return len(j.On) == len(f.on) && !slices.ContainsFunc(j.On, func(pair schema.JoinPair) bool {
			return !slices.Contains(f.on, [2]string{string(pair.Theirs), string(pair.Ours)})
		})
	})
}

// holds says whether values of a column can be those of a property: numbers are numbers, and texts may be texts of any kind.
func holds(property, column schema.ValueType) bool {
	if property.List != column.List {
		return false
	}
	if property.Enum != "" {
		return textual(column.Scalar)
	}
	number := func(s schema.Scalar) bool {
		return s == schema.Int || s == schema.Long || s == schema.Float || s == schema.Decimal
	}
	switch {
	case property.Scalar == column.Scalar, textual(property.Scalar) && textual(column.Scalar):
		return true
	case property.Scalar == schema.Float || property.Scalar == schema.Decimal:
		return number(column.Scalar)
	case property.Scalar == schema.Long:
		return column.Scalar == schema.Int
	}
	return false
}

func textual(s schema.Scalar) bool { return s == schema.String || s == schema.ID }

// gone lists the record types of the model whose collections are not there.
func (p *Proposal) gone(model *schema.Model) []string {
	var lines []string
	for _, r := range model.Records {
		if r.Connector == p.connector && p.record(r.Collection) == nil {
			lines = append(lines, fmt.Sprintf("- type %s          %s has no collection %s", r.Name, p.connector, r.Collection))
		}
	}
	slices.Sort(lines)
	return lines
}
