package query

import (
	"context"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// Reference is the series that supplies a live property of one entity. Without a Connector there is none: Why says the reason.
type Reference struct {
	Connector  string
	Ref        string
	Why        string
	Property   *schema.Property
	StaleAfter time.Duration // after which a value is stale by the model; 0: the connector's own limit holds
}

// References returns the series of the live property at path of every row, overrides of single entities included:
// len(references) == len(rows). It asks the view once.
func (e *Engine) References(ctx context.Context, view graph.View, rows []graph.Row, path schema.Path) ([]Reference, error) {
	lv := &level{}
	lv.column(graph.ColumnType)
	e.catalog.liveColumns(nil, path, func(p schema.Path) { lv.column(p) })
	cells, err := view.Read(ctx, rows, lv.columns)
	if err != nil {
		return nil, err
	}
	x := &execution{engine: e, ctx: ctx, view: view}
	f := &frame{level: lv, n: len(rows), rows: rows, cols: lv.columns, cells: cells}
	finder := x.references(f, path)
	out := make([]Reference, len(rows))
	for i := range rows {
		if !f.present(i) {
			out[i].Why = "there is no such entity"
			continue
		}
		ref, why := finder.of(i)
		out[i] = Reference{Connector: ref.connector, Ref: ref.ref, Why: why}
		if ref.source != nil {
			out[i].Property, out[i].StaleAfter = ref.source.property, ref.source.limit(0)
		}
	}
	return out, nil
}

// Value is what is known of one property of one entity now, in the property's unit. A stored value has no Time.
type Value struct {
	Value   schema.Value
	Unit    string
	Time    time.Time
	Quality connectors.Quality
	Status  connectors.Status // NOT_FOUND: there is no such entity, UNSUPPORTED: it has no such property
	Why     string
}

// Values returns the properties at paths of entities, stored, live or computed: values[i][k] is that of ids[i] at paths[k].
// It asks the view once and every connector once. It fails only when the view does; sources that fail give statuses.
func (e *Engine) Values(ctx context.Context, view graph.View, ids []graph.EntityID, paths []schema.Path) ([][]Value, error) {
	lv := &level{}
	lv.column(graph.ColumnType)
	q := &question{columns: lv.columns}
	for _, path := range paths {
		e.catalog.addProperty(nil, path, &lateNeeds{q})
	}
	b, err := view.Lookup(ctx, ids, q.columns)
	if err != nil {
		return nil, err
	}
	x := &execution{engine: e, ctx: ctx, view: view}
	f := &frame{level: lv, n: len(b.Rows), rows: b.Rows, cols: q.columns, cells: b.Cells}
	x.askHaving(f, q)
	out := make([][]Value, len(ids))
	for i := range ids {
		out[i] = make([]Value, len(paths))
		for k, path := range paths {
			out[i][k] = x.valueAt(f, i, path)
		}
	}
	return out, nil
}

// askHaving asks for live properties of those rows whose type has them.
func (x *execution) askHaving(f *frame, q *question) {
	var asks liveAsks
	for _, path := range q.extra {
		var having typeSet
		for _, t := range x.engine.catalog.all {
			if x.engine.catalog.sources[sourceKey{t, path}] != nil {
				having = append(having, t)
			}
		}
		x.collectLive(&asks, f, path, having)
	}
	x.askAll(&asks)
}

func (x *execution) valueAt(f *frame, i int, path schema.Path) Value {
	if !f.present(i) {
		return Value{Status: connectors.NotFound, Why: "there is no such entity", Quality: connectors.Bad}
	}
	_, stored := builtin(string(path))
	p, ok := x.engine.catalog.model.Property(f.typeOf(i), path)
	switch {
	case !ok && !stored:
		return Value{Status: connectors.Unsupported, Why: string(f.typeOf(i)) + " has no property " + string(path), Quality: connectors.Bad}
	case stored || p.Kind == schema.Static:
		v := Value{Status: connectors.OK, Quality: connectors.Good}
		if c := f.columnOf(path); c >= 0 {
			v.Value = f.cell(c, i)
		}
		if p != nil {
			v.Unit = p.Unit
		}
		return v
	}
	c := x.federated(f, path, i)
	return Value{c.value, p.Unit, c.time, c.quality, c.status, c.why}
}
