package twinmaker

import (
	"slices"

	"mereon/graph/exchange"
)

// relations gives relationship properties the names of relations. A relation means the same in the whole model, and an entity
// has each once; in the service every component has its own.
type relations struct {
	many   map[string]bool // of each name
	report *exchange.Report
}

func newRelations(report *exchange.Report) *relations {
	return &relations{many: map[string]bool{tree: false}, report: report}
}

// name names the relations of a component type: like their properties, behind prefix. The tree of entities keeps its own.
func (r *relations) name(k *kind, prefix string) {
	for _, f := range k.fields {
		_, relationship, many := f.definition.DataType.graphQL()
		if !relationship {
			continue
		}
		f.relation = prefix + f.name
		for i := 2; f.relation == tree || !r.agrees(f.relation, many); i++ {
			f.relation = prefix + f.name + digits(i)
		}
		r.many[f.relation] = many
		if f.relation != f.original {
			r.report.Renamed = append(r.report.Renamed, exchange.Renamed{What: "relationship of " + k.id, From: f.original, To: f.relation, Why: "a name means one relation in the model, and an entity has it once"})
		}
	}
}

func (r *relations) agrees(name string, many bool) bool {
	other, taken := r.many[name]
	return !taken || other == many
}

// separate gives a component of an asset type a type of its own where another component has the same relations.
func (r *relations) separate(c *catalog, t *assetType, names *namer) {
	used := map[string]bool{}
	for i := range t.components {
		s := &t.components[i]
		clash := slices.ContainsFunc(s.kind.fields, func(f *field) bool { return f.relation != "" && used[f.relation] })
		if clash {
			s.kind = r.variant(c, s, names)
		}
		for _, f := range s.kind.fields {
			if f.relation != "" {
				used[f.relation] = true
			}
		}
	}
}

// variant returns a copy of the component type whose relations are named after the component.
func (r *relations) variant(c *catalog, s *slot, names *namer) *kind {
	key := s.kind.id + " " + s.field
	if c.kinds[key] != nil {
		return c.kinds[key]
	}
	k := *s.kind
	k.name, k.fields, k.byName = names.name("component type", k.name+"Of"+typeName(s.field)), nil, map[string]*field{}
	for _, f := range s.kind.fields {
		own := *f
		k.fields, k.byName[f.original] = append(k.fields, &own), &own
	}
	r.name(&k, s.field+"_")
	c.kinds[key], c.order = &k, append(c.order, key)
	return &k
}
