package neo4j

import (
	"context"
	"maps"
	"strings"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// ordered takes candidates from an index that has them in the order asked for, so that Neo4j looks at a page of them and
// not at all. Only entries near the page are looked at: where most are of other types, all entities are sorted after all.
type ordered struct {
	place    string
	path     schema.Path
	from, to string // keys
	desc     bool
	back     bool
}

// orderedBy finds the index for an order by one column and conditions on that column alone; ok is false without one, and
// when entities without a value may be among those wanted, which are in no index.
func (c *candidates) orderedBy(at *graph.Cursor, back bool) (o ordered, ok bool) {
	if c.query != nil || len(c.q.Order) != 1 || back && at == nil || at != nil && at.Keys[0].IsNull() {
		return o, false
	}
	o = ordered{path: c.q.Order[0].Path, desc: c.q.Order[0].Desc != back, back: back}
	if o.place = placeFor(c.v.layout, c.q.Types, o.path); o.place == "" {
		return o, false
	}
	o.from, o.to = o.place, strings.TrimSuffix(o.place, "\x00")+"\x01"
	for _, x := range conjuncts(c.q.Where) {
		if x.Path != o.path || x.Value.IsNull() {
			return o, false
		}
		switch ranges := rangesOf(o.place, x); {
		case x.Op == schema.In || len(ranges) != 1:
			return o, false
		default:
			o.within(ranges[0][0], ranges[0][1])
		}
	}
	if at != nil {
		key, _ := indexKey(at.Keys[0])
		if o.desc {
			o.within(o.place, o.place+key+"\x00")
		} else {
			o.within(o.place+key, o.to)
		}
	}
	return o, true
}

func (o *ordered) within(from, to string) { o.from, o.to = max(o.from, from), min(o.to, to) }

// fromOrder goes through the entries of an index in order; each may be of an entity of another type.
const fromOrder = `MATCH (k:@Key) USING INDEX SEEK k:@Key(key, id) WHERE k.key >= $from AND k.key < $to AND k.id > '' AND k._since <= $r AND k._until > $u
WITH k.key AS key, k.id AS id ORDER BY `

// first returns the first candidates of an order; nil when fewer are found than wanted, or some cannot be told apart by
// their keys, so that all have to be looked at.
func (c *candidates) first(ctx context.Context, o ordered, push *pushdown, limit int) ([]record.Entity, error) {
	order := "key" + direction(o.desc) + ", id" + direction(o.back)
	text := fromOrder + order + " LIMIT $look" + strings.Replace(stateOf, "WITH s WHERE", "WITH key, id, s WHERE", 1) + " AND s.assetType IN $types"
	for _, t := range push.tests {
		text += " AND " + t
	}
	look := 10*limit + 1000
	if c.q.Budget > 0 {
		look = min(look, c.q.Budget)
	}
	parameters := map[string]any{"from": o.from, "to": o.to, "types": idsOf(c.q.Types), "look": look, "limit": int64(limit)}
	maps.Copy(parameters, push.parameters)
	found, err := c.v.fetch.entities(ctx, statement{text: text, returns: theState, tail: " ORDER BY " + order + " LIMIT $limit"}, parameters)
	if err != nil || len(found) < limit {
		return nil, err
	}
	for i := range found {
		if _, whole := indexKey(valueOf(&found[i], o.path)); !whole {
			return nil, nil
		}
	}
	return found, nil
}
