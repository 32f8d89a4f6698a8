package live

import (
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/query"
	"mereon/rules"
	"mereon/schema"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

type typePath struct {
	kind schema.TypeName
	path schema.Path
}

// property is what a path means for an asset type.
type property struct {
	kind     kind
	property *schema.Property // nil for id, name, assetType
	series   query.Series     // live
	program  *expr.Program    // computed
	hop      rules.Hop        // routed: the first relationship
	rest     schema.Path      // routed: the path from there
	why      string           // broken
}

// propertyOf finds what path means for an asset type; a path that leads nowhere is broken, with the reason.
func (h *Hub) propertyOf(t schema.TypeName, path schema.Path) property {
	key := typePath{t, path}
	p, ok := h.paths[key]
	if !ok {
		p = h.findProperty(t, path)
		h.paths[key] = p
	}
	return p
}

func (h *Hub) findProperty(t schema.TypeName, path schema.Path) property {
	a := h.model.Types[t]
	if a == nil {
		return property{kind: brokenCell, why: "the model has no asset type " + string(t)}
	}
	if path == graph.ColumnID || path == graph.ColumnName || path == graph.ColumnType {
		return property{kind: storedCell}
	}
	properties, relationships := a.Properties, a.Relationships
	segments := strings.Split(string(path), ".")
	for i, name := range segments {
		if p := named(properties, name); p != nil {
			if p.Kind != schema.Group {
				if i == len(segments)-1 {
					return h.leaf(t, schema.Leaf{Path: path, Property: p, Within: schema.Path(strings.Join(segments[:i], "."))})
				}
				break
			}
			c := h.model.Components[p.Type.Component]
			if c == nil {
				break
			}
			properties, relationships = c.Properties, c.Relationships
			continue
		}
		for _, r := range relationships {
			if r.Field == name && !r.Many && i < len(segments)-1 {
				return property{kind: routedCell, hop: rules.Hop{Relation: r.Relation.Name, Inverse: r.Inverse}, rest: schema.Path(strings.Join(segments[i+1:], "."))}
			}
		}
		break
	}
	_, err := rules.FindRoute(h.model, t, path)
	if err == nil {
		err = fault.New(fault.Invalid, "%s is no single value", path)
	}
	return property{kind: brokenCell, why: err.Error()}
}

func named(list []*schema.Property, name string) *schema.Property {
	for _, p := range list {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func (h *Hub) leaf(t schema.TypeName, leaf schema.Leaf) property {
	out := property{kind: storedCell, property: leaf.Property}
	switch leaf.Property.Kind {
	case schema.Live:
		out.kind, out.series = liveCell, query.SeriesOf(leaf)
	case schema.Computed:
		c, ok := h.computed.Find(t, leaf.Path)
		if !ok {
			return property{kind: brokenCell, why: string(leaf.Path) + " cannot be computed"}
		}
		out.kind, out.program = computedCell, c.Program
	}
	return out
}

// limit is the age after which a value is stale: the property's own, else the connector's, else three periods; 0 is none.
func (p property) limit(connector time.Duration) time.Duration {
	switch b := p.property.Live; {
	case b.StaleAfter > 0:
		return b.StaleAfter
	case connector > 0:
		return connector
	default:
		return 3 * b.Every
	}
}
