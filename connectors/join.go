package connectors

import (
	"fmt"
	"slices"
	"strings"
)

// joined is a collection as the joins of a question widen it: its own columns, and those of every join as "Name.column".
// The text says what is wrong with the joins, "" when nothing is.
func joined(d *Descriptor, c *Collection, joins []Join) (*Collection, string) {
	if len(joins) == 0 {
		return c, ""
	}
	wide := *c
	wide.Columns = slices.Clone(c.Columns)
	for i, j := range joins {
		if j.Name == "" || strings.Contains(j.Name, ".") || slices.ContainsFunc(joins[:i], func(other Join) bool { return other.Name == j.Name }) {
			return nil, fmt.Sprintf("the join %q needs a name of its own without a dot", j.Name)
		}
		at := slices.IndexFunc(d.Collections, func(c Collection) bool { return c.Name == j.Collection })
		if at < 0 {
			return nil, fmt.Sprintf("the join %s needs the collection %q; there is %s", j.Name, j.Collection, list(collectionNames(d)))
		}
		inner := &d.Collections[at]
		if why := checkOn(&wide, inner, j); why != "" {
			return nil, why
		}
		for _, column := range inner.Columns {
			column.Name, column.Key = j.Name+"."+column.Name, false
			wide.Columns = append(wide.Columns, column)
		}
	}
	return &wide, ""
}

func checkOn(outer, inner *Collection, j Join) string {
	if len(j.On) == 0 {
		return fmt.Sprintf("the join %s has no columns to join on", j.Name)
	}
	for _, on := range j.On {
		if !hasColumn(outer, on[0]) {
			return fmt.Sprintf("the join %s needs the column %s, which %s does not have", j.Name, on[0], outer.Name)
		}
		if !hasColumn(inner, on[1]) {
			return fmt.Sprintf("the join %s needs the column %s, which %s does not have", j.Name, on[1], inner.Name)
		}
	}
	return ""
}

func hasColumn(c *Collection, name string) bool {
	return slices.ContainsFunc(c.Columns, func(have Column) bool { return have.Name == name })
}
