package query

import (
	"slices"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// liveCell is what is known of one live or computed value. The zero cell was not asked for.
type liveCell struct {
	value     schema.Value // in the property's unit
	time      time.Time    // zero: nothing was measured
	age       time.Duration
	quality   connectors.Quality
	status    connectors.Status // "" was not asked for
	why       string
	connector string
	limit     time.Duration // the age from which it is stale, 0 never
}

// liveTarget is where one reading goes.
type liveTarget struct {
	cell   *liveCell
	source *liveSource
}

// liveAsk is one call of Latest: everything a wave wants of one connector.
type liveAsk struct {
	connector string
	refs      []string
	targets   []liveTarget
	what      []string // properties by place, for people
	first     *level   // that asks
	last      levelPath
}

// liveAsks collects asks by connector, in the order of first use. Once closed it takes no further connector.
type liveAsks struct {
	list   []*liveAsk
	closed bool
}

// of returns the ask to a connector; nil when there is none and the collection is closed.
func (a *liveAsks) of(connector string) *liveAsk {
	for _, ask := range a.list {
		if ask.connector == connector {
			return ask
		}
	}
	if a.closed {
		return nil
	}
	ask := &liveAsk{connector: connector}
	a.list = append(a.list, ask)
	return ask
}

// liveColumn returns the column of a live property, made when it is not there yet.
func (f *frame) liveColumn(path schema.Path) *liveColumn {
	for k, need := range f.level.live {
		if need.path == path {
			if f.live == nil {
				f.live = make([]*liveColumn, len(f.level.live))
			}
			if f.live[k] == nil {
				f.live[k] = &liveColumn{path, make([]liveCell, f.n)}
			}
			return f.live[k]
		}
	}
	for _, c := range f.extra {
		if c.path == path {
			return c
		}
	}
	c := &liveColumn{path, make([]liveCell, f.n)}
	f.extra = append(f.extra, c)
	return c
}

// collectLive adds the references of one live property of all rows of f to asks: of types (nil: all) only, and not again
// for rows that were asked already. A row that has no reference gets its status at once.
func (x *execution) collectLive(asks *liveAsks, f *frame, path schema.Path, types typeSet) {
	column := f.liveColumn(path)
	finder := x.references(f, path)
	for i := range f.n {
		cell := &column.cells[i]
		if cell.status != "" || !f.present(i) {
			continue
		}
		if types != nil {
			if _, wanted := slices.BinarySearch(types, f.typeOf(i)); !wanted {
				continue
			}
		}
		ref, why := finder.of(i)
		if why != "" {
			*cell = liveCell{status: connectors.NotBound, why: why, quality: connectors.Bad}
			continue
		}
		if ask := asks.of(ref.connector); ask != nil {
			ask.add(ref, cell, f.level, path)
		}
	}
}

func (a *liveAsk) add(ref reference, cell *liveCell, lv *level, path schema.Path) {
	cell.status = connectors.Pending
	a.refs = append(a.refs, ref.ref)
	a.targets = append(a.targets, liveTarget{cell, ref.source})
	if n := len(a.what); n == 0 || a.last != (levelPath{lv, path}) {
		if n == 0 {
			a.first = lv
		}
		a.last = levelPath{lv, path}
		a.what = append(a.what, lv.pathName()+"."+string(path))
	}
}

type levelPath struct {
	level *level
	path  schema.Path
}

// askLatest makes one call and fills the cells it was made for.
func (x *execution) askLatest(ask *liveAsk) {
	answer := x.latest(ask)
	now := x.engine.source.Now(ask.connector)
	for i, target := range ask.targets {
		*target.cell = x.engine.catalog.cell(answer.Results[i], target.source, ask.connector, now)
	}
	calledFor(x, ask.first, "latest", ask.connector, strings.Join(ask.what, ", "), answer, len(ask.refs))
}

// latest asks the source, except where a live query already knows what the source would say.
func (x *execution) latest(ask *liveAsk) connectors.Answer[connectors.Reading] {
	if x.pushed != nil {
		if known, ok := x.pushed.want(ask.connector, ask.refs); ok {
			return connectors.Answer[connectors.Reading]{Results: known, Cached: len(known), Keys: len(known)}
		}
	}
	return x.engine.source.Latest(x.ctx, ask.connector, ask.refs)
}

// cell judges a reading by the rules of the model: type, unit and age.
func (c *catalog) cell(r connectors.Reading, source *liveSource, connector string, now time.Time) liveCell {
	cell := liveCell{
		value: r.Value, time: r.Time, quality: r.Quality, status: r.Status, why: r.Why, connector: connector,
	}
	if cell.status == "" {
		cell.status = connectors.OK
	}
	if cell.quality == "" {
		cell.quality = connectors.Good
	}
	if !cell.time.IsZero() {
		cell.age = max(0, now.Sub(cell.time).Round(time.Millisecond))
	}
	if cell.status != connectors.OK && cell.status != connectors.Stale {
		cell.value, cell.quality = schema.Null, connectors.Bad
		return cell
	}
	cell.limit = source.limit(r.Stale)
	if cell.limit > 0 && cell.age > cell.limit && cell.status == connectors.OK {
		cell.status, cell.why = connectors.Stale, "older than "+cell.limit.String()
	}
	value, err := c.measured(r.Value, r.Unit, source.property)
	if err != nil {
		cell.value, cell.status, cell.quality, cell.why = schema.Null, connectors.BadData, connectors.Bad, err.Error()
		return cell
	}
	cell.value = value
	return cell
}

// limit is the age after which a value is stale: the property's own, else the connector's, else three periods; 0 is none.
func (s *liveSource) limit(connector time.Duration) time.Duration {
	switch {
	case s.staleAfter > 0:
		return s.staleAfter
	case connector > 0:
		return connector
	}
	return 3 * s.period
}

func (c *catalog) measured(v schema.Value, unit string, p *schema.Property) (schema.Value, error) {
	return Measured(c.model, v, unit, p)
}

// Measured checks a value that a source sent, in unit ("" for the property's own), against the type of a live property and
// converts it to the property's unit. Errors are Invalid.
func Measured(m *schema.Model, v schema.Value, unit string, p *schema.Property) (schema.Value, error) {
	if !fits(v, p.Type) {
		parsed, err := schema.ParseValue(v, p.Type, m)
		if err != nil {
			return schema.Null, err
		}
		v = parsed
	}
	if unit == "" || unit == p.Unit || v.IsNull() {
		return v, nil
	}
	return convertValue(v, unit, p.Unit)
}

// fits says whether v surely is a value of type t, without looking closely.
func fits(v schema.Value, t schema.ValueType) bool {
	if t.List || t.Enum != "" {
		return false
	}
	switch t.Scalar {
	case schema.Float:
		return v.Kind() == schema.FloatValue
	case schema.Boolean:
		return v.Kind() == schema.BoolValue
	case schema.String, schema.ID:
		return v.Kind() == schema.StringValue
	case schema.DateTime:
		return v.Kind() == schema.DateTimeValue
	}
	return false
}
