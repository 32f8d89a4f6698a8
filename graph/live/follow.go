package live

import (
	"context"
	"slices"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// enlist finds every entity of a type with an alarm set and starts those sets; entities that were enlisted and are gone are
// let go. It returns the revision it saw.
func (h *Hub) enlist(ctx context.Context) (graph.Revision, error) {
	view, err := h.options.Store.View(ctx)
	if err != nil {
		return 0, err
	}
	defer view.Close()
	var types []schema.TypeName
	for _, t := range h.model.TypeNames {
		if len(h.alarmSets(t)) > 0 {
			types = append(types, t)
		}
	}
	found := map[graph.EntityID]bool{}
	if len(types) > 0 {
		batch, err := view.Select(ctx, graph.Selection{Types: types, Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID, graph.ColumnType}})
		if err != nil {
			return 0, err
		}
		for i := range batch.Rows {
			id := graph.EntityID(batch.Cell(0, i).Text())
			found[id] = true
			h.stand(id, schema.TypeName(batch.Cell(1, i).Text()))
		}
	}
	for id := range h.standing {
		if !found[id] {
			h.stand(id, "")
		}
	}
	return view.Revision(), nil
}

// alarmSets returns the names of the rule sets with an alarm that apply to a type.
func (h *Hub) alarmSets(t schema.TypeName) []string {
	var names []string
	for _, s := range h.book.For(t) {
		if s.Alarm != nil {
			names = append(names, s.Name)
		}
	}
	return names
}

// stand keeps the alarm sets of one entity running, those of type t; none for "".
func (h *Hub) stand(id graph.EntityID, t schema.TypeName) {
	old := h.standing[id]
	var cells []*cell
	for _, name := range h.alarmSets(t) {
		cells = append(cells, h.acquire(cellKey{entity: id, set: name}))
	}
	for _, c := range old {
		h.release(c)
	}
	if len(cells) == 0 {
		delete(h.standing, id)
		return
	}
	h.standing[id] = cells
}

// follow takes every change of the graph until the hub closes.
func (h *Hub) follow(from graph.Revision) {
	for h.ctx.Err() == nil {
		for change, err := range h.options.Store.Watch(h.ctx, from) {
			if err != nil {
				if fault.CodeOf(err) == fault.Conflict {
					from = h.relist(from)
				} else if h.ctx.Err() == nil {
					h.options.Log.Warn("changes of the graph cannot be followed; trying again", "error", err)
				}
				break
			}
			h.changed(change)
			from = change.Revision
		}
		select {
		case <-h.ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// relist reads everything anew, when the change log no longer reaches back.
func (h *Hub) relist(from graph.Revision) graph.Revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, err := h.enlist(h.ctx)
	if err != nil {
		return from
	}
	h.forgetAll()
	h.ring()
	return revision
}

// forgetAll lets everything be found anew.
func (h *Hub) forgetAll() {
	for _, r := range h.records {
		h.forget(r)
	}
}

// forget lets the cells of one entity be found anew.
func (h *Hub) forget(r *record) {
	r.loaded = false
	for c := range r.cells {
		if c.solved {
			c.solved = false
			h.unsolved = append(h.unsolved, c)
		}
	}
}

func (h *Hub) changed(change graph.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range change.Entities {
		if r := h.records[d.ID]; r != nil && r.reads(d) {
			h.forget(r)
		}
		switch d.Op {
		case graph.Create, graph.Retype, graph.Put:
			h.stand(d.ID, d.Type)
			h.attachNew(d.ID)
		case graph.Delete:
			h.stand(d.ID, "")
		}
	}
	for _, d := range change.Relationships {
		for _, id := range []graph.EntityID{d.From, d.To} {
			if r := h.records[id]; r != nil && (len(r.targets) > 0 || r.counts()) {
				h.forget(r)
			}
		}
	}
	if len(h.unsolved) > 0 {
		h.ring()
	}
}

// reads says whether a change of an entity concerns what is known of it.
func (r *record) reads(d graph.EntityDelta) bool {
	if d.Op != graph.Update {
		return true
	}
	return slices.ContainsFunc(d.Paths, func(p schema.Path) bool { _, ok := r.columns[p]; return ok })
}

// counts says whether something of the entity's relationships is counted.
func (r *record) counts() bool {
	for c := range r.cells {
		if c.kind == countedCell {
			return true
		}
	}
	return false
}
