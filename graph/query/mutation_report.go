package query

import (
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// reportPart writes the fields of ChangeReport.
func reportPart(p *planner, m merged) part[appliedChange] {
	ids := func(of func(c *appliedChange) []graph.EntityID) part[appliedChange] {
		return func(w *writer, c *appliedChange) outcome {
			list := slices.Sorted(slices.Values(of(c)))
			return w.list(len(list), true, func(k int) outcome { return w.text(string(list[k])) })
		}
	}
	switch m.field.Name {
	case "dryRun":
		return func(w *writer, c *appliedChange) outcome { return w.bool(c.dryRun) }
	case "revision":
		return func(w *writer, c *appliedChange) outcome { return w.value(schema.IntOf(int64(c.Revision))) }
	case "comparedWith":
		return func(w *writer, c *appliedChange) outcome { return w.value(schema.IntOf(int64(c.base))) }
	case "relationships":
		return func(w *writer, c *appliedChange) outcome { return w.value(schema.IntOf(int64(c.Relationships))) }
	case "created":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Created })
	case "updated":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Updated })
	case "deleted":
		return ids(func(c *appliedChange) []graph.EntityID { return c.Deleted })
	case "changes":
		item := objectOf(p, m, differencePart)
		return func(w *writer, c *appliedChange) outcome { return listOfParts(w, c.differences, item) }
	case "text":
		return func(w *writer, c *appliedChange) outcome { return w.text(differenceText(c.differences)) }
	}
	return typenamePart[appliedChange](m)
}

func differencePart(p *planner, m merged) part[difference] {
	switch m.field.Name {
	case "kind":
		return func(w *writer, d *difference) outcome { return w.text(d.kind) }
	case "id":
		return func(w *writer, d *difference) outcome { return w.text(string(d.id)) }
	case "assetType":
		return func(w *writer, d *difference) outcome { return w.text(string(d.t)) }
	case "name":
		return func(w *writer, d *difference) outcome { return w.text(d.name) }
	case "values":
		item := objectOf(p, m, valueDifferencePart)
		return func(w *writer, d *difference) outcome { return listOfParts(w, d.values, item) }
	case "relationships":
		item := objectOf(p, m, linkDifferencePart)
		return func(w *writer, d *difference) outcome { return listOfParts(w, d.links, item) }
	}
	return typenamePart[difference](m)
}

func valueDifferencePart(_ *planner, m merged) part[valueDifference] {
	switch m.field.Name {
	case "path":
		return func(w *writer, v *valueDifference) outcome { return w.text(string(v.path)) }
	case "old":
		return func(w *writer, v *valueDifference) outcome { return w.value(v.old) }
	case "new":
		return func(w *writer, v *valueDifference) outcome { return w.value(v.new) }
	}
	return typenamePart[valueDifference](m)
}

func linkDifferencePart(_ *planner, m merged) part[linkDifference] {
	switch m.field.Name {
	case "name":
		return func(w *writer, l *linkDifference) outcome { return w.text(l.relation) }
	case "to":
		return func(w *writer, l *linkDifference) outcome { return w.text(string(l.to)) }
	case "removed":
		return func(w *writer, l *linkDifference) outcome { return w.bool(l.removed) }
	}
	return typenamePart[linkDifference](m)
}

var differenceMarks = map[string]string{"CREATED": "+ ", "UPDATED": "~ ", "RELATED": "~ ", "DELETED": "- "}

// differenceText writes differences for people, a line for each value and relationship.
func differenceText(list []difference) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(differenceMarks[d.kind] + string(d.t) + " " + string(d.id))
		if d.name != "" && d.name != string(d.id) {
			b.WriteString(" (" + d.name + ")")
		}
		b.WriteByte('\n')
		for _, v := range d.values {
			b.WriteString("    " + string(v.path) + ": ")
			if d.kind != "CREATED" {
				b.WriteString(string(v.old.AppendJSON(nil)) + " -> ")
			}
			b.WriteString(string(v.new.AppendJSON(nil)) + "\n")
		}
		for _, l := range d.links {
			mark := "+ "
			if l.removed {
				mark = "- "
			}
			b.WriteString("    " + mark + l.relation + " " + string(l.to) + "\n")
		}
	}
	return b.String()
}
