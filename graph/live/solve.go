package live

import (
	"context"

	"mereon/connectors"
	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
)

// solve finds the dependencies of all new cells and of those whose entity changed. Each round reads what the cells still
// need of the graph in one batch. On an error of the store the rest waits for the next call.
func (h *Hub) solve(ctx context.Context) error {
	var view graph.View
	defer func() {
		if view != nil {
			view.Close()
		}
	}()
	for len(h.unsolved) > 0 {
		if list := h.unloaded(); len(list) > 0 {
			if view == nil {
				var err error
				if view, err = h.options.Store.View(ctx); err != nil {
					return err
				}
			}
			if err := h.load(ctx, view, list); err != nil {
				return err
			}
		}
		round := h.unsolved
		h.unsolved = nil
		for _, c := range round {
			if c.lost {
				continue
			}
			if c.solved = h.find(c); !c.solved {
				h.unsolved = append(h.unsolved, c)
				continue
			}
			h.setLevel(c)
			h.mark(c)
		}
	}
	return nil
}

// unloaded returns the records of unsolved cells that must be read, each once.
func (h *Hub) unloaded() []*record {
	var list []*record
	seen := map[*record]bool{}
	for _, c := range h.unsolved {
		if r := h.records[c.key.entity]; !c.lost && !r.loaded && !seen[r] {
			seen[r] = true
			list = append(list, r)
		}
	}
	return list
}

// setLevel puts the cell above what it depends on, and its users above it.
func (h *Hub) setLevel(c *cell) {
	level := 0
	for _, d := range c.deps {
		level = max(level, d.level+1)
	}
	if level == c.level || level > maxLevel {
		return
	}
	c.level = level
	if c.queued {
		c.queued = false
		h.mark(c)
	}
	for _, u := range c.users {
		h.setLevel(u)
	}
}

// find gives a cell its kind and dependencies; it returns false when its record must be loaded first.
func (h *Hub) find(c *cell) bool {
	r := h.records[c.key.entity]
	if !r.loaded {
		return false
	}
	switch {
	case !r.exists:
		return h.broken(c, "there is no entity "+string(r.id))
	case c.key.set != "" && c.key.path != "":
		return h.findCount(c, r)
	case c.key.set != "":
		return h.findRule(c, r)
	}
	p := h.propertyOf(r.kind, c.key.path)
	switch p.kind {
	case brokenCell:
		return h.broken(c, p.why)
	case storedCell:
		if _, ok := r.column(c.key.path); !ok {
			return false
		}
		h.link(c, nil)
	case liveCell:
		return h.findSeries(c, r, p)
	case computedCell:
		keys := make([]cellKey, len(p.program.Reads()))
		for i, path := range p.program.Reads() {
			keys[i] = cellKey{entity: r.id, path: path}
		}
		h.link(c, keys)
	case routedCell:
		target, ok := r.target(p.hop)
		if !ok {
			return false
		}
		if target == "" {
			h.link(c, nil)
		} else {
			h.link(c, []cellKey{{entity: target, path: p.rest}})
		}
	}
	c.kind, c.property = p.kind, p
	return true
}

// broken makes a cell say that what it names does not exist.
func (h *Hub) broken(c *cell, why string) bool {
	h.link(c, nil)
	h.drop(c)
	h.counts.remove(c)
	c.kind, c.property, c.rule = brokenCell, property{why: why}, nil
	return true
}

// findSeries finds the reference of a live property: the entity's own binding, else the template of the model.
func (h *Hub) findSeries(c *cell, r *record, p property) bool {
	bindings, ok := r.column(graph.ColumnBindings)
	values := make([]schema.Value, len(p.series.Paths))
	for i, path := range p.series.Paths {
		var have bool
		values[i], have = r.column(path)
		ok = ok && have
	}
	if !ok {
		return false
	}
	c.kind, c.property = liveCell, p
	connector, ref, why := p.series.Reference(bindings, values, h.options.Source)
	if c.property.why = why; why != "" {
		h.link(c, nil)
		return true
	}
	h.link(c, []cellKey{{series: seriesKey{connector, ref}}})
	return true
}

// findRule finds the rule set that applies now and its inputs. A set that behaves as before keeps its running state.
func (h *Hub) findRule(c *cell, r *record) bool {
	set, ok := h.book.Find(r.kind, c.key.set)
	if !ok {
		return h.broken(c, "no rule set "+c.key.set+" applies to "+string(r.kind))
	}
	column := schema.Null
	if len(set.Params) > 0 {
		if column, ok = r.column(graph.ColumnRules); !ok {
			return false
		}
	}
	state := &ruleState{set: set}
	if old := c.rule; old != nil && old.set.Hash == set.Hash {
		state.running, state.alarm = old.running, old.alarm
	} else if old != nil {
		h.drop(c)
	}
	params, err := set.ParamValues(column.Text())
	if err != nil {
		state.problem = err.Error()
	}
	state.params = params
	keys := make([]cellKey, len(set.Inputs))
	for i, in := range set.Inputs {
		keys[i] = cellKey{entity: r.id, path: in.Path}
		if in.Count != nil {
			keys[i] = cellKey{entity: r.id, set: set.Name, path: schema.Path(in.Name)}
		}
	}
	h.link(c, keys)
	c.kind, c.rule = ruleCell, state
	return true
}

// findCount finds the keys by which neighbours are counted.
func (h *Hub) findCount(c *cell, r *record) bool {
	in, ok := h.countedInput(r.kind, c.key)
	if !ok {
		return h.broken(c, "the rule set "+c.key.set+" counts nothing named "+string(c.key.path))
	}
	state := &countState{count: in.Count}
	if in.Count.Join != nil {
		for _, pair := range in.Count.Join.On {
			v, have := r.column(pair.Ours)
			ok = ok && have
			state.values = append(state.values, v)
		}
		if !ok {
			return false
		}
	}
	h.link(c, nil)
	c.kind = countedCell
	h.counts.put(c, state)
	return true
}

func (h *Hub) countedInput(t schema.TypeName, key cellKey) (rules.Input, bool) {
	set, ok := h.book.Find(t, key.set)
	if !ok {
		return rules.Input{}, false
	}
	for _, in := range set.Inputs {
		if in.Count != nil && in.Name == string(key.path) {
			return in, true
		}
	}
	return rules.Input{}, false
}

// pending is what a value is before anything is known of it.
func pending() reading { return reading{status: connectors.Pending, why: "not known yet"} }
