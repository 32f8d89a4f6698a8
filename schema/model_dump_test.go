package schema_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mereon/schema"
)

// TestParseExpandsModels compares everything a model holds after expansion with the text beside each file.
func TestParseExpandsModels(t *testing.T) {
	files, err := filepath.Glob("testdata/models/*.graphql")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d models, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			m := parseFile(t, file)
			checkSound(t, m)
			golden(t, strings.TrimSuffix(file, ".graphql")+".want", dump(m))
		})
	}
}

func dump(m *schema.Model) string {
	var b strings.Builder
	for _, name := range m.TypeNames {
		at := m.Types[name]
		fmt.Fprintf(&b, "asset type %s: %s, %s; abstract %v, instantiable %v, exposed %v; ancestors %v; concrete %v\n",
			name, at.Singular, at.Plural, at.Abstract, at.Instantiable, at.Exposed, at.Ancestors, at.Concrete)
		for _, leaf := range at.Leaves() {
			fmt.Fprintf(&b, "  %s: %s\n", leaf.Path, property(leaf.Property))
		}
		links(&b, at.Relationships, at.Joins)
	}
	for _, name := range sorted(m.Components) {
		c := m.Components[name]
		fmt.Fprintf(&b, "component %s: abstract %v; fields %v; ancestors %v\n", name, c.Abstract, c.Fields, c.Ancestors)
		links(&b, nil, c.Joins)
	}
	for _, name := range sorted(m.Records) {
		r := m.Records[name]
		fmt.Fprintf(&b, "record type %s: %s, %s; %s %s by %s\n", name, r.Singular, r.Plural, r.Connector, r.Collection, r.Key)
		for _, p := range r.Properties {
			fmt.Fprintf(&b, "  %s: %s\n", p.Name, property(p))
		}
		links(&b, nil, r.Joins)
	}
	for _, name := range sorted(m.Enums) {
		fmt.Fprintf(&b, "enum %s: %v\n", name, m.Enums[name].Names())
	}
	for _, name := range sorted(m.Hierarchies) {
		fmt.Fprintf(&b, "hierarchy %s:", name)
		for _, r := range m.Hierarchies[name].Relations {
			fmt.Fprintf(&b, " %s (to parent %v)", r.Name, r.ToParent)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func property(p *schema.Property) string {
	var b strings.Builder
	b.WriteString([...]string{"static ", "live ", "computed ", "component "}[p.Kind] + p.Type.String() + " of " + string(p.DeclaredIn))
	for _, word := range []struct {
		holds bool
		text  string
	}{
		{p.Unit != "", " in " + p.Unit}, {p.Unique, " unique in " + string(p.UniqueIn)}, {p.Index, " indexed"}, {p.Personal, " personal"},
		{p.Pattern != "", " like " + p.Pattern}, {p.Min != nil, " with least"}, {p.Max != nil, " with most"}, {p.Expr != "", " = " + p.Expr},
		{p.Deprecated != "", " deprecated: " + p.Deprecated},
	} {
		if word.holds {
			b.WriteString(word.text)
		}
	}
	if p.Default != nil {
		b.WriteString(" default " + string(p.Default.AppendJSON(nil)))
	}
	if p.Live != nil {
		fmt.Fprintf(&b, " from %s %q %v every %v stale after %v", p.Live.Connector, p.Live.Ref.Source, p.Live.Ref.Paths, p.Live.Every, p.Live.StaleAfter)
	}
	return b.String()
}

func links(b *strings.Builder, relationships []*schema.Relationship, joins []*schema.Join) {
	for _, r := range relationships {
		fmt.Fprintf(b, "  %s: %s to %s, many %v, required %v, inverse %v, hierarchy %q, props %q\n",
			r.Field, r.Relation.Name, r.Target, r.Many, r.NonNull, r.Inverse, r.Relation.Hierarchy, r.Relation.Props)
	}
	for _, j := range joins {
		fmt.Fprintf(b, "  %s: joins %s, many %v, on %v\n", j.Field, j.Target, j.Many, j.On)
	}
}
