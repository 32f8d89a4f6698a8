package query

import (
	"fmt"
	"hash/fnv"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// orderKey is one key of an order. Federated keys are decided by the engine: live and computed values, and what
// relationships and joins lead to.
type orderKey struct {
	path      schema.Path
	desc      bool
	federated bool
	related   *relatedKey // nil: a value of the row itself
	ranked    bool        // by a search: the store gives it with the rows
}

// relatedKey is a key that a relationship or join leads to: a key of its only target, or the number of its targets.
type relatedKey struct {
	to    *relatedPredicate
	inner *orderKey // of the target; nil: the number of targets
}

// orderScope is what the names of an order belong to: an asset type and the component in it, or a record type.
type orderScope struct {
	catalog *catalog
	shown   schema.TypeName
	record  *schema.RecordType
	prefix  schema.Path
	depth   int
}

// maxOrderDepth is how many relationships and joins an order may follow.
const maxOrderDepth = 5

// orderKeys reads orderBy: a list of objects with exactly one key each, nested for components, relationships and joins.
func (c *catalog) orderKeys(lv *level, v any) ([]orderKey, error) {
	scope := orderScope{catalog: c, shown: lv.shown, record: lv.record}
	var keys []orderKey
	for _, item := range listOf(v) {
		k, err := scope.key(item)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func (s orderScope) key(v any) (orderKey, error) {
	in, ok := v.(map[string]any)
	if !ok || len(in) != 1 {
		return orderKey{}, fault.New(fault.Invalid, "each element of orderBy must have exactly one key: [{name: ASC}, {id: DESC}]")
	}
	for name, direction := range in {
		if nested, ok := direction.(map[string]any); ok {
			return s.nested(name, nested)
		}
		return s.value(name, direction == "DESC")
	}
	return orderKey{}, nil
}

// value is a key of the row itself.
func (s orderScope) value(name string, desc bool) (orderKey, error) {
	k := orderKey{path: join(s.prefix, name), desc: desc}
	if _, stored := builtin(name); stored && s.prefix == "" && s.record == nil {
		return k, nil
	}
	found, ok := s.member(name)
	if !ok || found.property == nil {
		return k, s.unknown(name)
	}
	k.federated = s.record == nil && found.property.Kind != schema.Static
	return k, nil
}

func (s orderScope) nested(name string, in map[string]any) (orderKey, error) {
	found, ok := s.member(name)
	switch {
	case !ok:
		return orderKey{}, s.unknown(name)
	case found.property != nil:
		s.prefix = found.path
		return s.key(in)
	case s.depth == maxOrderDepth:
		return orderKey{}, fault.New(fault.Limit, "an order may follow at most %d relationships and joins; order by something nearer", maxOrderDepth)
	}
	filter := filterScope{catalog: s.catalog, shown: s.shown, record: s.record, prefix: s.prefix}
	var to relatedPredicate
	many := false
	if found.relationship != nil {
		to, many = filter.relationshipShape(found.relationship), found.relationship.Many
	} else {
		to, many = filter.joinShape(found.join), found.join.Many
	}
	key := orderKey{path: join(s.prefix, name), federated: true, related: &relatedKey{to: &to}}
	if many {
		key.path, key.desc = join(key.path, "count"), in["count"] == "DESC"
		return key, nil
	}
	inner, err := orderScope{catalog: s.catalog, shown: to.shown, record: to.record, depth: s.depth + 1}.key(in)
	key.related.inner, key.desc, key.path = &inner, inner.desc, s.through(key.path, inner)
	return key, err
}

// through is the name of a key that a relationship or join leads to; for joins of records it is the column that a source gives.
func (s orderScope) through(path schema.Path, inner orderKey) schema.Path {
	if inner.related != nil {
		return path + "/" + inner.path
	}
	return path + "." + inner.path
}

func (s orderScope) member(name string) (member, bool) {
	if s.record != nil {
		return recordMember(s.record, name)
	}
	return s.catalog.entityMember(s.shown, s.prefix, name)
}

func (s orderScope) unknown(name string) error {
	of := string(s.shown)
	if s.record != nil {
		of = string(s.record.Name)
	}
	return fault.New(fault.Invalid, "%s cannot be ordered by %s", of, join(s.prefix, name))
}

// graphOrder returns keys in the words of the graph.
func graphOrder(keys []orderKey) []graph.Order {
	if len(keys) == 0 || keys[0].ranked {
		return nil
	}
	out := make([]graph.Order, len(keys))
	for i, k := range keys {
		out[i] = graph.Order{Path: k.path, Desc: k.desc}
	}
	return out
}

// orderHash tells cursors of different types and orders apart.
func orderHash(lv *level, keys []orderKey) uint32 {
	var text strings.Builder
	if _, own := lv.rows.(ordered); lv.record != nil {
		text.WriteString(string(lv.record.Name))
	} else if !own {
		text.WriteString(string(lv.shown))
	}
	for _, k := range keys {
		fmt.Fprintf(&text, "%s %t,", k.path, k.desc)
	}
	h := fnv.New32a()
	h.Write([]byte(text.String()))
	return h.Sum32()
}
