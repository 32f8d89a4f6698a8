package neo4j

import (
	"context"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// reader runs statements that read what holds at one revision.
type reader interface {
	read(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error)
}

// past reads at a revision, by itself or within a transaction.
type past struct {
	asker
	revision graph.Revision
}

func (p past) read(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error) {
	parameters["r"], parameters["u"] = int64(p.revision), endOf(p.revision)
	if s.lists {
		return p.list(ctx, s, parameters)
	}
	return p.ask(ctx, s, parameters)
}

// mostListed is how many rows come as one list at most: the server puts it together in its memory.
const mostListed = 30_000

// list reads rows as one list, which takes a fifth of the time that as many records take, or as records where they are many.
func (p past) list(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error) {
	rows := s
	rows.lists = false
	if !strings.Contains(s.tail, "LIMIT") {
		s.tail += " LIMIT $listed"
		parameters["listed"] = mostListed
	} else if limit, _ := parameters["limit"].(int64); limit >= mostListed {
		return p.ask(ctx, rows, parameters)
	}
	records, err := p.ask(ctx, s, parameters)
	if err != nil {
		return nil, err
	}
	if found := recordsOf(records[0].Values[0]); len(found) < mostListed {
		return found, nil
	}
	delete(parameters, "listed")
	return p.ask(ctx, rows, parameters)
}

// fetcher reads entities, relationships and artifacts.
type fetcher struct{ reader }

// chunk is how many ids one statement is given at most.
const chunk = 10_000

// stateOf finds the state of an entity, whose id is at hand, at a revision: the newest one, if it has not ended.
const stateOf = `
CALL { WITH ~id MATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id = id AND s._since <= $r
  RETURN s ORDER BY s.id DESC, s._since DESC LIMIT 1 }
WITH s WHERE s._until > $u`

const readStates = `UNWIND $ids AS id` + stateOf

// theState is what is returned of a state, as entityOf reads it.
const theState = "s.id, s.assetType, s._data"

// states returns the entities with the ids, those that exist.
func (f fetcher) states(ctx context.Context, ids []string) ([]record.Entity, error) {
	return inChunks(ids, func(ids []string) ([]record.Entity, error) {
		return f.entities(ctx, statement{text: readStates, returns: theState}, map[string]any{"ids": ids})
	})
}

func inChunks[K, T any](keys []K, read func([]K) ([]T, error)) (all []T, err error) {
	for len(keys) > 0 {
		n := min(len(keys), chunk)
		some, err := read(keys[:n])
		if err != nil {
			return nil, err
		}
		if keys = keys[n:]; all == nil {
			all = some
		} else {
			all = append(all, some...)
		}
	}
	return all, nil
}

// entities reads the answer of a statement that returns id, type and state.
func (f fetcher) entities(ctx context.Context, s statement, parameters map[string]any) ([]record.Entity, error) {
	s.lists = s.returns != ""
	records, err := f.read(ctx, s, parameters)
	if err != nil {
		return nil, err
	}
	entities := make([]record.Entity, 0, len(records))
	for _, r := range records {
		e, err := entityOf(r)
		if err != nil {
			return nil, err
		}
		entities = append(entities, e)
	}
	return entities, nil
}

func entityOf(r *driver.Record) (record.Entity, error) {
	id, _ := r.Values[0].(string)
	typ, _ := r.Values[1].(string)
	data, _ := r.Values[2].([]byte)
	return decodeState(id, typ, string(data))
}

const readOwners = `UNWIND $keys AS key MATCH (k:@Key {key: key}) USING INDEX SEEK k:@Key(key, id) WHERE k.id > '' AND k._since <= $r AND k._until > $u
WITH DISTINCT k.id AS id` + stateOf

// owners returns the entities that hold one of the values by which an index finds them.
func (f fetcher) owners(ctx context.Context, keys []string) ([]record.Entity, error) {
	return inChunks(keys, func(keys []string) ([]record.Entity, error) {
		return f.entities(ctx, statement{text: readOwners, returns: theState}, map[string]any{"keys": keys})
	})
}

const (
	readOut  = `UNWIND $ids AS id MATCH (a:@Entity {id: id})-[e:#]->(b:@Entity) USING INDEX SEEK a:@Entity(id) WHERE e._since <= $r AND e._until > $u`
	readIn   = `UNWIND $ids AS id MATCH (b:@Entity {id: id})<-[e:#]-(a:@Entity) USING INDEX SEEK b:@Entity(id) WHERE e._since <= $r AND e._until > $u`
	readBoth = `UNWIND $ids AS id MATCH (n:@Entity {id: id})-[e:#]-(:@Entity) USING INDEX SEEK n:@Entity(id) WHERE e._since <= $r AND e._until > $u
WITH DISTINCT e`
	readPairs = `UNWIND $pairs AS pair MATCH (a:@Entity {id: pair[0]})-[e:#]->(b:@Entity {id: pair[1]})
USING INDEX SEEK a:@Entity(id) USING INDEX SEEK b:@Entity(id) WHERE e._since <= $r AND e._until > $u`
)

// theEnds is what is returned of a relationship, as relationshipOf reads it.
const theEnds = "startNode(e).id, type(e), endNode(e).id, e._props"

// hop asks for the relationships of entities over relations, in a direction.
type hop struct {
	relations []string
	direction graph.Direction
}

func (h hop) statement() statement {
	s := statement{text: readOut, returns: theEnds, types: typesOf(h.relations)}
	switch h.direction {
	case graph.In:
		s.text = readIn
	case graph.Both:
		s.text = readBoth
	}
	return s
}

// edges returns the relationships of entities.
func (f fetcher) edges(ctx context.Context, ids []string, h hop) ([]record.Relationship, error) {
	if len(h.relations) == 0 {
		return nil, nil
	}
	return inChunks(ids, func(ids []string) ([]record.Relationship, error) {
		return f.relationships(ctx, h.statement(), map[string]any{"ids": ids})
	})
}

// pairs returns the relationships between pairs of entities, source and target.
func (f fetcher) pairs(ctx context.Context, pairs [][]string, relations []string) ([]record.Relationship, error) {
	if len(relations) == 0 {
		return nil, nil
	}
	return inChunks(pairs, func(pairs [][]string) ([]record.Relationship, error) {
		return f.relationships(ctx, statement{text: readPairs, returns: theEnds, types: typesOf(relations)}, map[string]any{"pairs": pairs})
	})
}

func (f fetcher) relationships(ctx context.Context, s statement, parameters map[string]any) ([]record.Relationship, error) {
	s.lists, s.much = s.returns != "", true
	records, err := f.read(ctx, s, parameters)
	if err != nil {
		return nil, err
	}
	found := make([]record.Relationship, 0, len(records))
	for _, r := range records {
		one, err := relationshipOf(r)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func relationshipOf(r *driver.Record) (record.Relationship, error) {
	from, _ := r.Values[0].(string)
	typ, _ := r.Values[1].(string)
	to, _ := r.Values[2].(string)
	props, _ := r.Values[3].([]byte)
	values, ok := decodeValues(string(props))
	if !ok {
		return record.Relationship{}, damaged("the relationship of", from)
	}
	return record.Relationship{From: graph.EntityID(from), Relation: relationOf(typ), To: graph.EntityID(to), Props: values}, nil
}

const readArtifacts = `UNWIND $names AS name MATCH (f:@Artifact {kind: name[0], name: name[1]}) USING INDEX SEEK f:@Artifact(kind, name) WHERE f._since <= $r AND f._until > $u
RETURN f.kind, f.name, f.revision, f.data`

// artifacts returns the artifacts of the names, each a kind and a name.
func (f fetcher) artifacts(ctx context.Context, names [][]string) ([]record.Artifact, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return f.artifactsBy(ctx, statement{text: readArtifacts}, map[string]any{"names": names})
}

func (f fetcher) artifactsBy(ctx context.Context, s statement, parameters map[string]any) (found []record.Artifact, err error) {
	records, err := f.read(ctx, s, parameters)
	for _, r := range records {
		kind, _ := r.Values[0].(string)
		name, _ := r.Values[1].(string)
		revision, _ := r.Values[2].(int64)
		data, _ := r.Values[3].([]byte)
		if data == nil {
			data = []byte{}
		}
		found = append(found, record.Artifact{Kind: graph.ArtifactKind(kind), Name: name, Revision: graph.Revision(revision), Data: data})
	}
	return found, err
}

func idsOf[T ~string](ids []T) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return texts
}

// relationNames lists the names of a layout's relations.
func relationNames(relations []schema.Relation) []string {
	names := make([]string, len(relations))
	for i := range relations {
		names[i] = relations[i].Name
	}
	return names
}
