package query

import (
	"fmt"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// historyColumn is one range of a live property, one per row; err is a mistake in its arguments.
type historyColumn struct {
	err    error
	want   connectors.Want
	first  int
	cells  []historyCell
	target string // unit asked for
	paged  bool   // after was given
	skip   int    // values at the very beginning that were given before
	gaps   bool   // buckets without values are given too
	zone   *time.Location
	end    time.Time // of the range, the connector's now when it is open
}

type historyCell struct {
	measurements []connectors.Measurement
	more         bool
	status       connectors.Status
	why          string
	until        time.Time
	connector    string
	property     *schema.Property
	skipped      int // values that were given on the page before
}

type historyAsk struct {
	connector string
	want      connectors.Want
	keys      []connectors.Key
	cells     []*historyCell
	sources   []*liveSource
	columns   []*historyColumn
	at        *level // that asks first
}

type historyAsks struct{ list []*historyAsk }

func (a *historyAsks) of(connector string, want connectors.Want) *historyAsk {
	for _, ask := range a.list {
		if ask.connector == connector && sameRange(ask.want, want) {
			return ask
		}
	}
	ask := &historyAsk{connector: connector, want: want}
	a.list = append(a.list, ask)
	return ask
}

func sameRange(a, b connectors.Want) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Every == b.Every && a.Location == b.Location
}

// historyNeed adds a range of a live property to a level and returns its index. Equal ranges are read once.
func (lv *level) historyNeed(found member, field *ast.Field, types typeSet, guard uint64) int {
	key := string(found.path) + levelKey(field)
	i := slices.IndexFunc(lv.history, func(n *historyNeed) bool { return n.key == key })
	if i < 0 {
		lv.history = append(lv.history, &historyNeed{path: found.path, property: found.property, key: key, field: field, types: types, guards: guards{guard}})
		return len(lv.history) - 1
	}
	n := lv.history[i]
	n.types, n.guards = union(n.types, types), n.guards.or(guard)
	return i
}

func (x *execution) collectHistory(asks *historyAsks, f *frame, k int, need *historyNeed) {
	if f.ranges == nil {
		f.ranges = make([]*historyColumn, len(f.level.history))
	}
	column := &historyColumn{cells: make([]historyCell, f.n)}
	f.ranges[k] = column
	if column.err = x.engine.catalog.historyArguments(x, need.field, column); column.err == nil {
		column.err = checkAggregate(column.want.Aggregate, need.property)
	}
	if column.err != nil {
		return
	}
	finder := x.references(f, need.path)
	for i := range f.n {
		if !f.present(i) {
			continue
		}
		if need.types != nil {
			if _, wanted := slices.BinarySearch(need.types, f.typeOf(i)); !wanted {
				continue
			}
		}
		cell := &column.cells[i]
		ref, why := finder.of(i)
		if why != "" {
			*cell = historyCell{status: connectors.NotBound, why: why}
			continue
		}
		want := x.ranged(column.want, ref.connector)
		if column.end = want.To; !want.From.Before(want.To) { // behind the last page, or in the future
			*cell = historyCell{status: connectors.Empty, connector: ref.connector, property: ref.source.property}
			continue
		}
		ask := asks.of(ref.connector, want)
		ask.want.PerKey = max(ask.want.PerKey, want.PerKey)
		if ask.at == nil {
			ask.at = f.level
		}
		ask.keys = append(ask.keys, connectors.Key{Ref: ref.ref, Aggregate: want.Aggregate})
		ask.cells = append(ask.cells, cell)
		ask.sources = append(ask.sources, ref.source)
		ask.columns = append(ask.columns, column)
	}
}

// ranged fills in the end of a range that is open: the connector's clock.
func (x *execution) ranged(want connectors.Want, connector string) connectors.Want {
	if want.To.IsZero() {
		want.To = x.engine.source.Now(connector)
	}
	return want
}

// historyArguments reads from, to, every, aggregate, timeZone, first and after.
func (c *catalog) historyArguments(x *execution, field *ast.Field, column *historyColumn) error {
	args, err := argumentsOf(field, x.variables)
	if err != nil {
		return err
	}
	w := connectors.Want{Kind: connectors.History}
	from, err := c.instant("from", args["from"])
	if err != nil {
		return err
	}
	to, err := c.instant("to", args["to"])
	if err != nil {
		return err
	}
	w.From = from.Time()
	if !to.IsNull() {
		w.To = to.Time()
		if !w.To.After(w.From) {
			return fault.New(fault.Invalid, "the range is empty: to (%s) must be after from (%s)", w.To.Format(time.RFC3339), w.From.Format(time.RFC3339))
		}
	}
	if err := bucketArguments(args, &w); err != nil {
		return err
	}
	if column.first, err = pageSize("first", args["first"], x.engine.limits.Points); err != nil {
		return err
	}
	if column.gaps, _ = args["gaps"].(bool); column.gaps && w.Every == 0 {
		return fault.New(fault.Invalid, "gaps needs every, the length of a bucket: every: \"1m\"")
	}
	if column.zone, err = time.LoadLocation(w.Location); err != nil {
		return err
	}
	column.want = w
	after, err := c.decodeCursor("after", args["after"], historyOrder, 2)
	if err != nil {
		return err
	}
	if after != nil {
		column.resume(after.Keys[0].Time(), int(after.Keys[1].Int()))
	}
	column.want.PerKey = column.first + column.skip + 1
	column.target, _ = args["unit"].(string)
	return nil
}

func bucketArguments(args map[string]any, w *connectors.Want) error {
	every, err := schema.ParseValue(args["every"], schema.ValueType{Scalar: schema.Duration}, nil)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "every")
	}
	name, _ := args["aggregate"].(string)
	w.Every, w.Aggregate = every.Duration(), connectors.Aggregate(name)
	switch {
	case every.IsNull() && name != "":
		return fault.New(fault.Invalid, "aggregate needs every, the length of a bucket: every: \"1m\"")
	case every.IsNull():
		return nil
	case w.Every <= 0:
		return fault.New(fault.Invalid, "every must be longer than nothing")
	case name == "":
		w.Aggregate = connectors.Avg
	}
	w.Location, _ = args["timeZone"].(string)
	if _, err := time.LoadLocation(w.Location); err != nil || w.Location == "Local" {
		return fault.New(fault.Invalid, "timeZone %q is not known; write an IANA name such as Europe/Berlin", w.Location)
	}
	return nil
}

func (x *execution) askHistory(ask *historyAsk) {
	answer := x.engine.source.Histories(x.ctx, ask.connector, ask.keys, ask.want)
	for i, r := range answer.Results {
		cell := ask.cells[i]
		*cell = historyCell{status: r.Status, why: r.Why, until: r.Until, connector: ask.connector, property: ask.sources[i].property}
		cell.measurements = r.Measurements
		if cell.status == "" {
			cell.status = connectors.OK
		}
		cell.page(ask.columns[i])
		cell.convert(x.engine.catalog, ask.keys[i].Aggregate)
	}
	calledFor(x, ask.at, "history", ask.connector, fmt.Sprintf("from %s", ask.want.From.Format(time.RFC3339)), answer, len(ask.keys))
}
