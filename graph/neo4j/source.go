package neo4j

import (
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// source is where the candidates of a selection come from: the state nodes of types, or those that an index finds.
type source struct {
	match  string
	params map[string]any
	ranges bool // an index narrows it
}

const fromIndex = `UNWIND $ranges AS range
MATCH (k:@Key) USING INDEX SEEK k:@Key(key, id) WHERE k.key >= range[0] AND k.key < range[1] AND k.id > '' AND k._since <= $r AND k._until > $u
WITH k.id AS id` + stateOf + ` AND ($types IS NULL OR s.assetType IN $types)`

const (
	// An index over two properties is used only where both are asked for: every id is > ''.
	fromAll   = "MATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id > ''"
	fromType  = "MATCH (s:@State) USING INDEX SEEK s:@State(assetType, id) WHERE s.assetType = $type AND s.id > ''"
	fromTypes = "MATCH (s:@State) USING INDEX SEEK s:@State(assetType, id) WHERE s.assetType IN $types AND s.id > ''"
	alive     = " AND s._since <= $r AND s._until > $u"
)

// sourceOf chooses the way to the candidates. Indexes are used for comparisons that leave a part of them.
func sourceOf(l *graph.Layout, types []schema.TypeName, where *schema.Condition) source {
	if ranges := indexed(l, types, where); ranges != nil {
		src := source{match: fromIndex, params: map[string]any{"ranges": ranges, "types": nil}, ranges: true}
		if types != nil {
			src.params["types"] = idsOf(types)
		}
		return src
	}
	switch {
	case types == nil:
		return source{match: fromAll, params: map[string]any{}}
	case len(types) == 1:
		return source{match: fromType, params: map[string]any{"type": string(types[0])}}
	}
	return source{match: fromTypes, params: map[string]any{"types": idsOf(types)}}
}

// indexed returns the ranges of keys that hold all matches, nil when no index says anything. An equality goes before
// comparisons of order.
func indexed(l *graph.Layout, types []schema.TypeName, where *schema.Condition) [][]string {
	var best [][]string
	for _, c := range conjuncts(where) {
		place := placeFor(l, types, c.Path)
		if place == "" || c.Value.IsNull() {
			continue
		}
		ranges := rangesOf(place, c)
		if exact := c.Op == schema.Eq || c.Op == schema.In; ranges != nil && (best == nil || exact) {
			best = ranges
		}
	}
	return best
}

func conjuncts(c *schema.Condition) []*schema.Condition {
	switch {
	case c == nil:
		return nil
	case c.Op != schema.And:
		return []*schema.Condition{c}
	}
	var all []*schema.Condition
	for _, a := range c.Args {
		all = append(all, conjuncts(a)...)
	}
	return all
}

// placeFor finds an index over a path that holds all entities of the types.
func placeFor(l *graph.Layout, types []schema.TypeName, path schema.Path) string {
	if types == nil {
		return ""
	}
	for i := range l.Unique {
		if u := &l.Unique[i]; u.Path == path && holdsAll(u.Types, types) {
			return uniquePlace(u)
		}
	}
	covered := []schema.TypeName{}
	for i := range l.Indexes {
		if l.Indexes[i].Path == path {
			covered = append(covered, l.Indexes[i].Types...)
		}
	}
	if len(covered) > 0 && holdsAll(covered, types) {
		return indexPlace(path)
	}
	return ""
}

func holdsAll(covered, types []schema.TypeName) bool {
	for _, t := range types {
		if !slices.Contains(covered, t) {
			return false
		}
	}
	return true
}

// rangesOf returns the ranges of keys, each from its first up to but not including its last, nil when the comparison
// leaves all.
func rangesOf(place string, c *schema.Condition) [][]string {
	end := strings.TrimSuffix(place, "\x00") + "\x01"
	key := func(v schema.Value) string {
		k, _ := indexKey(v)
		return place + k
	}
	one := func(v schema.Value) []string { return []string{key(v), key(v) + "\x00"} }
	switch c.Op {
	case schema.Eq:
		return [][]string{one(c.Value)}
	case schema.In:
		ranges := [][]string{}
		for _, v := range c.Value.List() {
			if !v.IsNull() {
				ranges = append(ranges, one(v))
			}
		}
		slices.SortFunc(ranges, slices.Compare)
		return slices.CompactFunc(ranges, slices.Equal)
	case schema.Lt, schema.Lte:
		return [][]string{{place, key(c.Value) + "\x00"}}
	case schema.Gt, schema.Gte:
		return [][]string{{key(c.Value), end}}
	}
	return nil
}
