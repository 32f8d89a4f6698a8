package neo4j

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

var _ graph.View = (*View)(nil)

// View is one revision of the graph: everything in Neo4j says from which revision to which it holds, and a View asks for
// what holds at its own. It remembers the entities it has met; their rows are numbers it gave them.
type View struct {
	store    *Store
	fetch    fetcher
	caller   context.Context // of who opened it
	opening  sync.Mutex      // held by the first question
	settled  atomic.Bool     // revision, layout and opened are known and stay
	revision graph.Revision
	layout   *graph.Layout // before it is settled: the one that is assumed
	opened   time.Time
	size     int // entities, about
	failure  error

	mu       sync.Mutex
	ids      []graph.EntityID
	rows     map[graph.EntityID]graph.Row
	entities map[graph.EntityID]*record.Entity

	foreseen foreseen
}

// Revision implements graph.View.
func (v *View) Revision() graph.Revision {
	v.sure(v.caller)
	return v.revision
}

// Layout implements graph.View.
func (v *View) Layout() *graph.Layout {
	v.sure(v.caller)
	return v.layout
}

// Close implements graph.View. Nothing in Neo4j waits for it.
func (v *View) Close() {}

// keptFor is how long what a View sees is kept in Neo4j at least after it has gone: as long as a View may be asked without
// looking whether it is still there.
const keptFor = 5 * time.Minute

const readHorizon = "MATCH (m:@Meta {k: 'head'}) RETURN m.horizon"

// whole sees to it that nothing was cleaned away that the question needed. It is asked after the answer came.
func (v *View) whole(ctx context.Context) error {
	if time.Since(v.opened) < keptFor {
		return nil
	}
	records, err := v.store.again(ctx, driver.AccessModeWrite, statement{text: readHorizon}, nil)
	if err != nil {
		return err
	}
	if horizon, _ := records[0].Values[0].(int64); graph.Revision(horizon) > v.revision {
		return fault.New(fault.Conflict, "the view of revision %d is too old, Neo4j keeps what was for some minutes only: open a new one", v.revision)
	}
	return nil
}

// row numbers an entity; v.mu is held.
func (v *View) row(id graph.EntityID) graph.Row {
	if row, known := v.rows[id]; known {
		return row
	}
	row := graph.Row(len(v.ids))
	v.ids, v.rows[id] = append(v.ids, id), row
	return row
}

// learn remembers entities that were fetched.
func (v *View) learn(entities []record.Entity) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range entities {
		v.entities[entities[i].ID] = &entities[i]
	}
}

// finder finds entities by their ids, and by keys of an index.
type finder interface {
	states(ctx context.Context, ids []string) ([]record.Entity, error)
	owners(ctx context.Context, keys []string) ([]record.Entity, error)
}

// known returns entities by id, fetching those not met before; absent ones are left out.
func (v *View) known(ctx context.Context, ids []graph.EntityID) (map[graph.EntityID]*record.Entity, error) {
	return v.found(ctx, v.fetch, ids)
}

func (v *View) found(ctx context.Context, by finder, ids []graph.EntityID) (map[graph.EntityID]*record.Entity, error) {
	found := make(map[graph.EntityID]*record.Entity, len(ids))
	var missing []string
	v.mu.Lock()
	for _, id := range ids {
		if e := v.entities[id]; e != nil {
			found[id] = e
		} else if _, asked := found[id]; !asked {
			found[id] = nil
			missing = append(missing, string(id))
		}
	}
	v.mu.Unlock()
	if len(missing) > 0 {
		fetched, err := by.states(ctx, missing)
		if err != nil {
			return nil, err
		}
		v.learn(fetched)
		for i := range fetched {
			found[fetched[i].ID] = &fetched[i]
		}
	}
	for id, e := range found {
		if e == nil {
			delete(found, id)
		}
	}
	return found, v.whole(ctx)
}

// idsAt returns the ids of rows; rows that are none are left out.
func (v *View) idsAt(rows []graph.Row) []graph.EntityID {
	v.mu.Lock()
	defer v.mu.Unlock()
	ids := make([]graph.EntityID, 0, len(rows))
	for _, row := range rows {
		if int(row) < len(v.ids) {
			ids = append(ids, v.ids[row])
		}
	}
	return ids
}

// Lookup implements graph.View.
func (v *View) Lookup(ctx context.Context, ids []graph.EntityID, columns []schema.Path) (*graph.Batch, error) {
	return asked(ctx, v, func() (*graph.Batch, error) { return v.lookup(ctx, v.fetch, ids, columns) })
}

func (v *View) lookup(ctx context.Context, by finder, ids []graph.EntityID, columns []schema.Path) (*graph.Batch, error) {
	found, err := v.found(ctx, by, ids)
	if err != nil {
		return nil, err
	}
	b := &graph.Batch{Rows: make([]graph.Row, len(ids))}
	v.mu.Lock()
	for i, id := range ids {
		b.Rows[i] = graph.NoRow
		if found[id] != nil {
			b.Rows[i] = v.row(id)
		}
	}
	v.mu.Unlock()
	b.Cells = cells(ids, found, columns)
	return b, nil
}

// cells writes the values of entities, column-major; null for those not found.
func cells(ids []graph.EntityID, found map[graph.EntityID]*record.Entity, columns []schema.Path) []schema.Value {
	if len(columns) == 0 || len(ids) == 0 {
		return nil
	}
	out := make([]schema.Value, len(columns)*len(ids))
	for i, id := range ids {
		if e := found[id]; e != nil {
			for c, path := range columns {
				out[c*len(ids)+i] = cell(e, path)
			}
		}
	}
	return out
}

// cell returns the value of a column.
func cell(e *record.Entity, path schema.Path) schema.Value {
	switch path {
	case graph.ColumnID:
		return schema.StringOf(string(e.ID))
	case graph.ColumnType:
		return schema.StringOf(string(e.Type))
	case graph.ColumnRevision:
		return schema.IntOf(int64(e.Revision))
	case graph.ColumnCreatedAt:
		return schema.TimeOf(e.Created)
	case graph.ColumnUpdatedAt:
		return schema.TimeOf(e.Updated)
	case graph.ColumnOrigin:
		return schema.StringOf(string(e.Origin))
	case graph.ColumnEdited:
		return schema.BoolOf(e.Edited)
	}
	return valueOf(e, path)
}

// ByKey implements graph.View.
func (v *View) ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	return v.findByKey(ctx, v.fetch, scope, path, values, columns)
}

func (v *View) findByKey(ctx context.Context, by finder, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	return asked(ctx, v, func() (*graph.Batch, error) {
		u := v.uniqueKey(scope, path)
		if u == nil && !v.settled.Load() { // the layout may be a newer one
			if err := v.settle(ctx); err != nil {
				return nil, err
			}
		}
		if u == nil {
			return nil, fault.New(fault.Invalid, "%s is not unique within %s", path, scope)
		}
		return v.byKey(ctx, by, u, values, columns)
	})
}

func (v *View) uniqueKey(scope schema.TypeName, path schema.Path) *graph.UniqueKey {
	for i := range v.layout.Unique {
		if u := &v.layout.Unique[i]; u.Scope == scope && u.Path == path && scope != "" {
			return u
		}
	}
	return nil
}

func (v *View) byKey(ctx context.Context, by finder, u *graph.UniqueKey, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	keys := make([]string, 0, len(values))
	for _, value := range values {
		if !value.IsNull() {
			key, _ := indexKey(value)
			keys = append(keys, uniquePlace(u)+key)
		}
	}
	owners, err := by.owners(ctx, keys)
	if err != nil {
		return nil, err
	}
	v.learn(owners)
	byKey := map[string]graph.EntityID{}
	for i := range owners {
		byKey[sortKey(valueOf(&owners[i], u.Path))] = owners[i].ID
	}
	ids := make([]graph.EntityID, len(values))
	for i, value := range values {
		if !value.IsNull() {
			ids[i] = byKey[sortKey(value)]
		}
	}
	return v.lookup(ctx, v.fetch, ids, columns)
}

// Read implements graph.View.
func (v *View) Read(ctx context.Context, rows []graph.Row, columns []schema.Path) ([]schema.Value, error) {
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	ids := make([]graph.EntityID, len(rows)) // "" for rows that are none
	v.mu.Lock()
	for i, row := range rows {
		if int(row) < len(v.ids) {
			ids[i] = v.ids[row]
		}
	}
	v.mu.Unlock()
	found, err := v.known(ctx, ids)
	if err != nil {
		return nil, err
	}
	return cells(ids, found, columns), nil
}

const readCounts = `MATCH (s:@State) WHERE s._since <= $r AND s._until > $u WITH s.assetType AS type, count(*) AS n`

// Counts implements graph.View.
func (v *View) Counts(ctx context.Context) (map[schema.TypeName]int, error) {
	return asked(ctx, v, func() (map[schema.TypeName]int, error) {
		records, err := v.read(ctx, statement{text: readCounts, returns: "type, n"}, map[string]any{})
		if err != nil {
			return nil, err
		}
		counts := make(map[schema.TypeName]int, len(records))
		for _, r := range records {
			typ, _ := r.Values[0].(string)
			n, _ := r.Values[1].(int64)
			counts[schema.TypeName(typ)] = int(n)
		}
		return counts, v.whole(ctx)
	})
}

// adopt turns the rows that a snapshot in memory answered with into those of the view.
func (v *View) adopt(ctx context.Context, s *memory.Snapshot, b *graph.Batch, columns []schema.Path) (*graph.Batch, error) {
	// The last column is the id; it was added for this.
	n := len(b.Rows)
	v.mu.Lock()
	for i := range b.Rows {
		b.Rows[i] = v.row(graph.EntityID(b.Cells[len(columns)*n+i].Text()))
	}
	v.mu.Unlock()
	if b.Cells = b.Cells[:len(columns)*n]; len(columns) == 0 || n == 0 {
		b.Cells = nil
	}
	return b, v.whole(ctx)
}

// withID adds the id to columns.
func withID(columns []schema.Path) []schema.Path {
	return append(columns[:len(columns):len(columns)], graph.ColumnID)
}

// rowsIn returns the rows of entities in a snapshot, NoRow for those not in it.
func rowsIn(ctx context.Context, s *memory.Snapshot, ids []graph.EntityID) ([]graph.Row, error) {
	b, err := s.Lookup(ctx, ids, nil)
	if err != nil {
		return nil, err
	}
	return b.Rows, nil
}
