package query

import (
	"fmt"
	"hash/fnv"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// orderKey is one key of an order. Federated keys are live or computed.
type orderKey struct {
	path      schema.Path
	desc      bool
	federated bool
	computed  bool
}

// orderKeys reads orderBy: a list of objects with exactly one key each, nested for components.
func (c *catalog) orderKeys(lv *level, v any) ([]orderKey, error) {
	var keys []orderKey
	for _, item := range listOf(v) {
		k, err := c.orderKey(lv, "", item)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func (c *catalog) orderKey(lv *level, prefix schema.Path, v any) (orderKey, error) {
	in, ok := v.(map[string]any)
	if !ok || len(in) != 1 {
		return orderKey{}, fault.New(fault.Invalid, "each element of orderBy must have exactly one key: [{name: ASC}, {id: DESC}]")
	}
	for name, direction := range in {
		path := join(prefix, name)
		if nested, ok := direction.(map[string]any); ok {
			return c.orderKey(lv, path, nested)
		}
		k := orderKey{path: path, desc: direction == "DESC"}
		if lv.record != nil {
			return k, nil
		}
		if _, stored := builtin(name); stored && prefix == "" {
			return k, nil
		}
		found, ok := c.entityMember(lv.shown, prefix, name)
		if !ok || found.property == nil {
			return k, fault.New(fault.Invalid, "%s cannot be ordered by %s", lv.shown, path)
		}
		k.federated = found.property.Kind != schema.Static
		k.computed = found.property.Kind == schema.Computed
		return k, nil
	}
	return orderKey{}, nil
}

// graphOrder returns keys in the words of the graph.
func graphOrder(keys []orderKey) []graph.Order {
	if len(keys) == 0 {
		return nil
	}
	out := make([]graph.Order, len(keys))
	for i, k := range keys {
		out[i] = graph.Order{Path: k.path, Desc: k.desc}
	}
	return out
}

// orderHash tells cursors of different orders apart.
func orderHash(lv *level, keys []orderKey) uint32 {
	var text strings.Builder
	if lv.record != nil {
		text.WriteString(string(lv.record.Name))
	}
	for _, k := range keys {
		fmt.Fprintf(&text, "%s %t,", k.path, k.desc)
	}
	h := fnv.New32a()
	h.Write([]byte(text.String()))
	return h.Sum32()
}
