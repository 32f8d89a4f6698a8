package neo4j

import (
	"context"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
)

// remembered is what the writer knows of the graph without asking: the entities that its last groups touched. It holds as
// long as nobody else has taken the lock of writers. It is the writer's alone.
type remembered struct {
	token    string // of the last transaction of this process
	head     head   // as that left it
	entities map[graph.EntityID]state
}

// state is what an entity is since a revision.
type state struct {
	*record.Entity
	since graph.Revision
}

// rememberMost is how many entities are remembered at most, about.
const rememberMost = 10_000

// forget is for when nobody can say what became of a transaction.
func (m *remembered) forget() { *m = remembered{} }

// learn takes what a group has written. It adds to what was known where nobody wrote in between.
func (m *remembered) learn(w *writing) {
	if w.lastToken != m.token || w.base != m.head.revision || len(m.entities)+len(w.net.entities) > rememberMost || m.entities == nil {
		m.entities = map[graph.EntityID]state{}
	}
	for id, e := range w.net.entities {
		if e == nil {
			delete(m.entities, id)
		} else {
			m.entities[id] = state{e, w.base + 1}
		}
	}
	m.token, m.head = w.token, w.head
	m.head.revision, m.head.entities = w.tip, w.entities
	if w.net.layout != nil {
		m.head.layout = w.base + 1
	}
}

// recall puts together what a group needs from what is remembered; nil when that is not all of it.
func (m *remembered) recall(s *Store, group []*request, token string) *writing {
	if m.token == "" || s.prunes(&m.head, m.head.revision+graph.Revision(len(group))) {
		return nil
	}
	layout := s.layouts.known(m.head.layout)
	if layout == nil {
		return nil
	}
	n := needsOf(layout, group)
	if !n.onlyEntities() {
		return nil
	}
	p := newPatch(layout)
	for id := range n.ids {
		e, known := m.entities[graph.EntityID(id)]
		if !known {
			return nil
		}
		p.entities[e.ID] = e.Entity
	}
	return &writing{store: s, token: token, lastToken: m.token, head: m.head, base: m.head.revision, tip: m.head.revision, needs: n, p: p}
}

// ifRemembered goes on only when nobody else has written since, under the lock. What is compared behind SET must not be
// read before it: it would not be read again.
const ifRemembered = `MATCH (m:@Meta {k: 'head'}) WHERE m._lock = $last SET m._lock = $token
WITH m WHERE m.revision = $base AND m.loading IS NULL AND m.storage = $storage AND (m.hold IS NULL OR m.hold = $holder OR m.holdUntil <= timestamp())
`

// writeStates puts a state behind each that is known by the revision it began with.
const writeStates = `CALL { UNWIND $states AS x MATCH (n:@Entity)-[:_state]->(s:@State {id: x[0], _since: x[1]}) USING INDEX SEEK s:@State(id, _since)
  SET s._until = $end, s._ended = $since CREATE (n)-[:_state]->(z:@State) SET z = x[2] }
`

// states are those rows.
func (m *remembered) states(w *writing) [][]any {
	rows := make([][]any, 0, len(w.net.entities))
	for id, e := range w.net.entities {
		rows = append(rows, []any{string(id), int64(m.entities[id].since), properties(e, w.base+1)})
	}
	return rows
}

// writeRemembered decides about a group by what is remembered and writes it in one statement, if nothing else has to be
// known. Otherwise nothing has happened, and whoever is refused is so by what stands in Neo4j.
func (a *attempt) writeRemembered(ctx context.Context) (done bool, err error) {
	w := a.store.memory.recall(a.store, a.group, a.token)
	if w == nil {
		return false, nil
	}
	if err := w.decide(ctx, a.group); err != nil {
		return false, err
	}
	if w.tip == w.base || !w.net.onlyEntities() {
		return false, nil
	}
	for _, r := range a.group {
		if r.err != nil {
			return false, nil
		}
	}
	text, parameters := ifRemembered+writeStates, map[string]any{}
	if e := w.net.entries(); !e.none() || len(w.repeats) > 0 { // parts that find nothing to do take their time too
		text, parameters = text+writeEntries, w.entries(e)
	}
	text += writeTip + "\nRETURN m.revision"
	parameters = w.tips(parameters)
	parameters["states"], parameters["last"], parameters["token"], parameters["base"] = a.store.memory.states(w), w.lastToken, a.token, int64(w.base)
	parameters["storage"], parameters["holder"] = int64(storage), a.store.holder
	a.tip = w.tip
	records, err := a.store.once(ctx, driver.AccessModeWrite, statement{text: text}, parameters)
	switch {
	case err != nil && (lost(err) || ctx.Err() != nil):
		return false, errUnsure
	case err != nil || len(records) == 0:
		return false, err
	}
	a.committed = true
	a.store.committed(w.tip)
	a.store.memory.learn(w)
	return true, nil
}
