package difference

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// pools are the values of each scalar. They are few, so that values are equal often.
var pools = map[string][]any{
	"String": {"a", "b", "ab", "B", "é", "z", "😀", "ｚ", "a b", `"\`}, "ID": {"x1", "x2", "X"}, "Int": {-3, 0, 1, 2, 3, 7, 10}, "Long": {0, 1, 7, 4294967296, -9007199254740991},
	"Float": {-1.5, 0.0, 0.1, 0.25, 1.0, 2.5, 3.0, 10.0, 1e-7, 1e21}, "Boolean": {true, false}, "Date": {"2020-02-29", "2024-01-01", "2026-03-01", "2026-03-29", "2025-12-29"},
	"DateTime": {"2026-03-01T11:00:00Z", "2026-03-01T12:00:00.5Z", "1999-12-31T23:59:59Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"}, "Duration": {"PT5S", "PT1M", "PT1H30M"}, "Decimal": {"0.1", "1.5", "-2", "12.5"},
}

func (w *world) value(f *field) any {
	if f.List {
		list := []any{}
		for range w.some(0, 3) {
			list = append(list, pick(w, pools[f.Type]))
		}
		return list
	}
	if values := w.Enums[f.Type]; values != nil {
		return any(pick(w, values))
	}
	return pick(w, pools[f.Type])
}

func (w *world) data() {
	var concrete []string
	for _, name := range w.order {
		if !w.Types[name].Abstract {
			concrete = append(concrete, name)
		}
	}
	for i := range w.some(3, 18) {
		e := &entity{ID: fmt.Sprint("e", i), Type: pick(w, concrete), Values: map[string]any{}}
		e.Name = pick(w, []string{"n1", "n2", "n3", "N", fmt.Sprint("n", i), "Feed pump 7", "Förderpumpe", "Pump Straße", "水泵 2"})
		w.values(e, "", w.Types[e.Type].Fields)
		if w.chance(15) {
			e.ExternalIDs = map[string]any{"erp": fmt.Sprint("X", i), "lab": pick(w, []string{"Ä-7", "x1"})}
		}
		w.Entities = append(w.Entities, e)
	}
	for i, e := range w.Entities {
		w.links(i, e)
		w.measure(e)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Records)) {
		w.rows(name, w.Records[name])
	}
	w.faults()
}

func (w *world) values(e *entity, prefix string, of fields) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		f := of[name]
		switch {
		case f.Kind == "static" && (f.Required || w.chance(70)):
			e.Values[prefix+name] = w.value(f)
		case f.Kind == "component" && w.chance(70):
			w.values(e, prefix+name+".", w.Components[f.Component])
		}
	}
}

// links gives entity i its relationships; parents come before their children, so that there is no cycle.
func (w *world) links(i int, e *entity) {
	fields := w.Types[e.Type].Fields
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f := fields[name]
		if f.Kind != "relation" || f.Inverse {
			continue
		}
		most := 1
		if f.Many {
			most = 4
		}
		taken := map[string]bool{}
		for range w.some(0, most) {
			to := pick(w, w.Entities)
			if f.Relation == "isIn" {
				if i == 0 {
					continue
				}
				to = w.Entities[w.IntN(i)]
			}
			if taken[to.ID] || !w.is(to.Type, f.Target) {
				continue
			}
			taken[to.ID] = true
			l := link{Relation: f.Relation, From: e.ID, To: to.ID}
			if f.Props != "" && w.chance(70) {
				l.Props = map[string]any{}
				for _, p := range slices.Sorted(maps.Keys(w.Components[f.Props])) {
					if own := w.Components[f.Props][p]; own.Required || w.chance(60) {
						l.Props[p] = w.value(own)
					}
				}
			} else if f.Props != "" && slices.ContainsFunc(slices.Collect(maps.Values(w.Components[f.Props])), func(p *field) bool { return p.Required }) {
				continue
			}
			w.Links = append(w.Links, l)
		}
	}
}

func (w *world) is(t, target string) bool {
	return t == target || slices.Contains(w.Types[t].Ancestors, target)
}

// measure fills the series of the live properties of e, some with values that do not fit.
func (w *world) measure(e *entity) {
	for _, name := range slices.Sorted(maps.Keys(w.Types[e.Type].Fields)) {
		f := w.Types[e.Type].Fields[name]
		if f.Kind != "live" || w.chance(15) {
			continue
		}
		connector, key := f.Connector, e.ID+f.Ref[1]
		if f.Ref[0] == "name" {
			key = url.PathEscape(e.Name) + f.Ref[1]
		}
		if w.chance(6) {
			connector, key = w.bind(e, name, f), "bound "+e.ID+f.Ref[1]
		}
		if w.chance(10) {
			w.Series[connector][key] = []*point{}
			continue
		}
		w.Series[connector][key] = w.series(f)
	}
}

// bind gives a live property of e a series of its own, sometimes of another connector.
func (w *world) bind(e *entity, property string, f *field) (connector string) {
	if e.Bindings == nil {
		e.Bindings = map[string]binding{}
	}
	b := binding{Ref: "bound " + e.ID + f.Ref[1]}
	connector = f.Connector
	if w.chance(50) {
		connector = pick(w, []string{"plant", "lab"})
		b.Connector = connector
	}
	e.Bindings[property] = b
	return connector
}

// series are some measurements in order of time, in one unit; some have the same time.
func (w *world) series(f *field) []*point {
	list := []*point{w.point(f)}
	for age := list[0].Age; w.chance(75) && len(list) < 12; {
		age += pick(w, []int{0, 1, 59, 1800, 5400, 43200, 86400, 3 * 86400, 30 * 86400})
		p := w.point(f)
		p.Age, p.Unit = age, list[0].Unit
		list = append([]*point{p}, list...)
	}
	return list
}

func (w *world) point(f *field) *point {
	p := &point{Value: w.value(f), Age: pick(w, []int{1, 5, 60})}
	if f.Unit != "" && w.chance(40) {
		p.Unit = units[f.Unit][0]
	}
	p.Quality = pick(w, []string{"", "", "GOOD", "UNCERTAIN", "BAD"})
	if w.chance(6) {
		p.Value = "?"
		if f.Type != "String" && w.Enums[f.Type] == nil {
			p.Quality = "BAD" // else nothing could be made of its bucket
		}
	}
	if p.Quality == "BAD" && w.chance(50) {
		p.Value = nil
	}
	return p
}

// faults makes connectors fail: some for everything, some for single references and values of joins.
func (w *world) faults() {
	for _, connector := range []string{"plant", "lab", "erp", "shop"} {
		w.Refused[connector] = map[string]string{}
		if w.chance(12) {
			w.Down[connector] = pick(w, []string{"UNAVAILABLE", "UNAVAILABLE", "DENIED"})
		}
		var references []string
		for _, e := range w.Entities {
			references = append(references, e.ID, e.Name)
		}
		if series := w.Series[connector]; series != nil {
			references = slices.Sorted(maps.Keys(series))
		}
		w.Cut[connector] = map[string]int{}
		for _, reference := range references {
			if w.chance(6) {
				w.Cut[connector][reference] = pick(w, []int{30, 3600, 86400, 20 * 86400})
			}
			if w.chance(4) {
				w.Refused[connector][reference] = pick(w, []string{"DENIED", "TIMEOUT", "THROTTLED", "UNAVAILABLE", "NOT_FOUND"})
			}
		}
	}
}

func (w *world) rows(name string, r *record) {
	for i := range w.some(0, 14) {
		row := map[string]any{"number": fmt.Sprint(name[:1], i)}
		for _, column := range slices.Sorted(maps.Keys(r.Fields)) {
			f := r.Fields[column]
			switch {
			case f.Kind != "static" || column == "number" || w.chance(20):
			case strings.HasPrefix(column, "about"):
				e := pick(w, w.Entities)
				row[column] = pick(w, []string{e.ID, e.Name, "nobody", "O1"})
			default:
				row[column] = w.value(f)
			}
		}
		r.Rows = append(r.Rows, row)
	}
}
