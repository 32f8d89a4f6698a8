package neo4j

import (
	"context"
	"encoding/json"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
)

// stateNow is stateOf for who holds the lock: what is newest.
const stateNow = `
CALL { WITH id MATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id = id AND s._since >= 0
  RETURN s ORDER BY s.id DESC, s._since DESC LIMIT 1 }
WITH s WHERE s._until = $forever`

// lockAndRead takes the lock of all writers, which the transaction holds until it ends, and reads what most change sets
// need in the same go.
const lockAndRead = `MATCH (m:@Meta {k: 'head'}) WITH m, m._lock AS last SET m._lock = $token
WITH m, last
RETURN m.revision, m.layout, m.oldest, m.loading, coalesce(m.entities, 0), coalesce(m.touched, 0), timestamp(),
COLLECT { UNWIND $ids AS id` + stateNow + ` RETURN [s.id, s.assetType, s._data] },
COLLECT { UNWIND $keys AS key MATCH (k:@Key {key: key}) USING INDEX SEEK k:@Key(key, id) WHERE k.id > '' AND k._until = $forever
  WITH k.id AS id` + stateNow + ` RETURN [s.id, s.assetType, s._data] },
COLLECT { UNWIND $repeats AS key MATCH (x:@Repeat {key: key}) USING INDEX SEEK x:@Repeat(key) RETURN [x.key, x.commit] },
CASE WHEN m.holdUntil > timestamp() THEN m.hold END, last, m.storage`

// head is the state of the graph behind the lock.
type head struct {
	revision graph.Revision
	layout   graph.Revision
	oldest   graph.Revision
	loading  string // the load into an empty graph that was begun, "" for none
	touched  int64  // when it went on last, in milliseconds of the server
	now      int64
	entities int64
}

// writing is what one transaction writes.
type writing struct {
	store *Store
	tx    *transaction
	token string
	// lastToken is that of the transaction that took the lock before, about: another may have done so while the lock was
	// waited for.
	lastToken string
	head
	base  graph.Revision
	tip   graph.Revision
	fetch fetcher
	needs *needs
	p     *patch
	net   *net

	repeats []repeat
	deltas  [][]byte  // what the change log gets, one a change
	at      time.Time // of the last of them
}

// lock takes the lock of writers and reads what the group needs.
func (w *writing) lock(ctx context.Context, group []*request) error {
	layout := w.store.layouts.newest()
	for {
		w.needs = needsOf(layout, group)
		records, err := w.tx.ask(ctx, statement{text: lockAndRead}, map[string]any{"token": w.token, "forever": forever,
			"ids": w.needs.ids.list(), "keys": w.needs.keys.list(), "repeats": append([]string{}, w.needs.repeats...)})
		if err != nil {
			return err
		}
		if len(records) != 1 {
			return lostHead()
		}
		if err := w.readHead(records[0]); err != nil {
			return err
		}
		w.lastToken, _ = records[0].Values[11].(string)
		if hold, _ := records[0].Values[10].(string); hold != "" && hold != w.store.holder {
			return errHeld
		}
		if w.loading != "" {
			if err := w.clearLoad(ctx); err != nil {
				return err
			}
			continue
		}
		known, err := w.store.layouts.layout(ctx, w.tx, w.layout)
		if err != nil {
			return err
		}
		if known != layout && !known.SameRules(layout) {
			layout = known
			continue
		}
		w.p = newPatch(known)
		return w.gather(ctx, records[0])
	}
}

// readHead reads what a statement returned that took the lock: last the storage version, since a process that runs on may
// find that a newer one has brought the storage forward.
func (w *writing) readHead(r *driver.Record) error {
	number := func(i int) int64 { n, _ := r.Values[i].(int64); return n }
	w.head = head{revision: graph.Revision(number(0)), layout: graph.Revision(number(1)), oldest: graph.Revision(number(2)), entities: number(4), touched: number(5), now: number(6)}
	w.loading, _ = r.Values[3].(string)
	w.base, w.tip = w.revision, w.revision
	w.fetch = fetcher{past{w.tx, w.revision}}
	return mayWrite(number(len(r.Values) - 1))
}

// gather fills the patch with all that the change sets need.
func (w *writing) gather(ctx context.Context, r *driver.Record) error {
	for _, list := range []any{r.Values[7], r.Values[8]} {
		found, err := entitiesOf(list)
		if err != nil {
			return err
		}
		w.p.addEntities(found)
	}
	w.p.repeats = repeatsOf(r.Values[9])
	if w.needs.whole {
		if err := w.everything(ctx); err != nil {
			return err
		}
	} else {
		for _, part := range []func(context.Context) error{w.gatherRetyped, w.gatherEnds, w.gatherClimbs, w.gatherDoomed} {
			if err := part(ctx); err != nil {
				return err
			}
		}
	}
	return w.gatherArtifacts(ctx)
}

func entitiesOf(list any) ([]record.Entity, error) {
	rows, _ := list.([]any)
	entities := make([]record.Entity, 0, len(rows))
	for _, row := range rows {
		values, _ := row.([]any)
		e, err := entityOf(&driver.Record{Values: values})
		if err != nil {
			return nil, err
		}
		entities = append(entities, e)
	}
	return entities, nil
}

func repeatsOf(list any) map[string]graph.Commit {
	rows, _ := list.([]any)
	repeats := map[string]graph.Commit{}
	for _, row := range rows {
		values, _ := row.([]any)
		key, _ := values[0].(string)
		text, _ := values[1].(string)
		var commit graph.Commit
		if json.Unmarshal([]byte(text), &commit) == nil {
			repeats[key] = commit
		}
	}
	return repeats
}

// gatherRetyped finds whoever holds the values that an entity of another type must not share any more.
func (w *writing) gatherRetyped(ctx context.Context) error {
	more := &needs{layout: w.p.layout}
	for id := range w.needs.retyped {
		if e := w.p.entities[graph.EntityID(id)]; e != nil {
			for _, v := range e.Values {
				more.value(v.Path, v.Value)
			}
		}
	}
	if len(more.keys) == 0 {
		return nil
	}
	found, err := w.fetch.owners(ctx, more.keys.list())
	w.p.addEntities(found)
	return err
}

// gatherEnds fetches the relationships that are asked about one by one or relation by relation.
func (w *writing) gatherEnds(ctx context.Context) error {
	pairs := map[string][][]string{}
	for e := range w.needs.pairs {
		pairs[e.relation] = append(pairs[e.relation], []string{string(e.from), string(e.to)})
	}
	for relation, list := range pairs {
		if err := w.addEdges(w.fetch.pairs(ctx, list, []string{relation})); err != nil {
			return err
		}
	}
	for direction, ends := range map[graph.Direction]set[end]{graph.Out: w.needs.out, graph.In: w.needs.in} {
		ids := map[string][]string{}
		for e := range ends {
			ids[e.relation] = append(ids[e.relation], e.id)
		}
		for relation, list := range ids {
			if err := w.addEdges(w.fetch.edges(ctx, list, hop{[]string{relation}, direction})); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writing) addEdges(edges []record.Relationship, err error) error {
	w.p.addEdges(edges)
	return err
}

// gatherClimbs fetches all that is above the new parents, unless all the children are new and so above nobody.
func (w *writing) gatherClimbs(ctx context.Context) error {
	for hierarchy, k := range w.needs.climbs {
		known := false
		for id := range k.children {
			known = known || w.p.entities[graph.EntityID(id)] != nil
		}
		if !known {
			continue
		}
		out, in := upward(w.p.layout, hierarchy)
		seen := set[string]{}
		for level := k.parents.list(); len(level) > 0; {
			var next []string
			for _, id := range level {
				seen.add(id)
			}
			for _, h := range []hop{{out, graph.Out}, {in, graph.In}} {
				edges, err := w.fetch.edges(ctx, level, h)
				if err != nil {
					return err
				}
				w.p.addEdges(edges)
				for _, id := range otherEnds(edges, h.direction) {
					if _, met := seen[string(id)]; !met {
						next = append(next, string(id))
					}
				}
			}
			level = next
		}
	}
	return nil
}

// gatherDoomed fetches all relationships of what is deleted, with everything below where that goes too, and the
// sources of those relationships, which change with them.
func (w *writing) gatherDoomed(ctx context.Context) error {
	relations := relationNames(w.p.layout.Relations)
	if len(w.needs.doomed) == 0 {
		return nil
	}
	felled, all := set[string]{}, set[string]{}
	for id := range w.needs.felled {
		felled.add(id)
	}
	for level := w.needs.doomed.list(); len(level) > 0; {
		for _, id := range level {
			all.add(id)
		}
		edges, err := w.fetch.edges(ctx, level, hop{relations, graph.Both})
		if err != nil {
			return err
		}
		w.p.addEdges(edges)
		level = nil
		for i := range edges {
			parent, child, ok := w.p.parentAndChild(&edges[i])
			if !ok {
				continue
			}
			if _, falls := felled[parent]; falls {
				felled.add(child)
				if _, met := all[child]; !met {
					all.add(child)
					level = append(level, child)
				}
			}
		}
		if len(all) > w.store.options.MaxChanges {
			return tooLarge(w.store.options.MaxChanges)
		}
	}
	found, err := w.fetch.states(ctx, w.p.strangers())
	w.p.addEntities(found)
	return err
}

// parentAndChild reads an edge of a hierarchy.
func (p *patch) parentAndChild(r *record.Relationship) (parent, child string, ok bool) {
	for i := range p.layout.Relations {
		if l := &p.layout.Relations[i]; l.Name == r.Relation && l.Hierarchy != "" {
			if l.ToParent {
				return string(r.To), string(r.From), true
			}
			return string(r.From), string(r.To), true
		}
	}
	return "", "", false
}

// everything fetches the whole graph: a new layout is tested on all that is stored.
func (w *writing) everything(ctx context.Context) error {
	last := ""
	for {
		some, err := w.fetch.entities(ctx, nextStates, map[string]any{"after": last, "limit": int64(chunk)})
		if err != nil {
			return err
		}
		w.p.addEntities(some)
		if len(some) < chunk {
			break
		}
		last = string(some[len(some)-1].ID)
	}
	ids := make([]string, 0, len(w.p.entities))
	for id := range w.p.entities {
		ids = append(ids, string(id))
	}
	return w.addEdges(w.fetch.edges(ctx, ids, hop{relationNames(w.p.layout.Relations), graph.Out}))
}

// readAfter reads the entities in the order of their ids, a part at a time.
const readAfter = `MATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id > $after AND s._since <= $r AND s._until > $u`

var nextStates = statement{text: readAfter, returns: theState, tail: " ORDER BY s.id LIMIT $limit"}
