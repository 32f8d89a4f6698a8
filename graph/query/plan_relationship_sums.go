package query

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// linksOf returns all relationships of row i of the parent, whatever the page.
func (f *frame) linksOf(i int) []link {
	if g := f.groupIndex(i); g >= 0 && g < len(f.whole) {
		return f.whole[g]
	}
	return nil
}

// groupedLinks divides relationships by name and direction, outgoing first.
func groupedLinks(links []link) [][]link {
	sorted := slices.Clone(links)
	slices.SortStableFunc(sorted, func(a, b link) int {
		return cmp.Or(strings.Compare(a.relation, b.relation), b2i(a.inverse)-b2i(b.inverse))
	})
	var groups [][]link
	for i, l := range sorted {
		if i == 0 || l.relation != sorted[i-1].relation || l.inverse != sorted[i-1].inverse {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], l)
	}
	return groups
}

// linkSums plans what several relationships are together: those of whole[i] of a frame.
func (p *planner) linkSums(m merged) []outField {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.linkSum(s)))
	}
	return fields
}

func (p *planner) linkSum(m merged) emit {
	switch m.field.Name {
	case "count":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(len(f.whole[i])), 10)
			return wrote
		}
	case "name":
		return func(w *writer, f *frame, i int) outcome { return w.optional(sharedRelation(f.whole[i])) }
	case "direction":
		return func(w *writer, f *frame, i int) outcome {
			links := f.whole[i]
			if len(links) == 0 || slices.ContainsFunc(links, func(l link) bool { return l.inverse != links[0].inverse }) {
				return isNull
			}
			return w.direction(links[0].inverse)
		}
	case "property":
		return p.linkMeasures(m)
	}
	return constantText(typenameOf(m.field))
}

// sharedRelation is the name that all of the relationships have, "" where they differ.
func sharedRelation(links []link) string {
	if len(links) == 0 || slices.ContainsFunc(links, func(l link) bool { return l.relation != links[0].relation }) {
		return ""
	}
	return links[0].relation
}

// linkMeasures plans the measures of one property of relationships.
func (p *planner) linkMeasures(m merged) emit {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		e := p.measureField(s, 0, &schema.Property{Type: schema.ValueType{Scalar: schema.Float}}, nil)
		if s.field.Name == "unit" {
			e = func(w *writer, f *frame, _ int) outcome { return w.optional(f.why) }
		}
		fields = append(fields, p.outField(s, e))
	}
	return func(w *writer, f *frame, i int) outcome {
		args, err := argumentsOf(m.field, w.x.variables)
		path := schema.Path(textArgument(args, "name"))
		if err == nil {
			err = w.x.engine.catalog.checkLinkProperty(path)
		}
		if err != nil {
			w.fail(err)
			return broken
		}
		var cell sumCell
		for _, l := range f.whole[i] {
			if at := slices.IndexFunc(l.props, func(v graph.PathValue) bool { return v.Path == path }); at >= 0 {
				cell.fold.Add(number(l.props[at].Value))
			}
		}
		unit := w.x.engine.catalog.linkUnit(sharedRelation(f.whole[i]), path)
		return w.object(fields, &frame{sums: []groupSum{{cells: []sumCell{cell}}}, why: unit}, 0)
	}
}

// number is a value as a Float, null for what is none.
func number(v schema.Value) schema.Value {
	switch v.Kind() {
	case schema.IntValue:
		return schema.FloatOf(float64(v.Int()))
	case schema.FloatValue:
		return v
	case schema.DecimalValue:
		if f, err := strconv.ParseFloat(v.Text(), 64); err == nil {
			return schema.FloatOf(f)
		}
	}
	return schema.Null
}

// checkLinkProperty refuses names that no relationship has as a property.
func (c *catalog) checkLinkProperty(path schema.Path) error {
	names := map[string]bool{}
	for _, r := range c.model.Relations {
		if component := c.model.Components[r.Props]; component != nil {
			for _, p := range component.Properties {
				names[p.Name] = true
			}
		}
	}
	if !names[string(path)] {
		return unknownName("property of relationships", string(path), slices.Sorted(maps.Keys(names)))
	}
	return nil
}

// linkUnit is the unit of a property of a relationship, "" for none.
func (c *catalog) linkUnit(relation string, path schema.Path) string {
	if r := c.model.Relations[relation]; r != nil {
		if component := c.model.Components[r.Props]; component != nil {
			for _, p := range component.Properties {
				if p.Name == string(path) {
					return p.Unit
				}
			}
		}
	}
	return ""
}
