package scenes

import (
	"fmt"
	"slices"
	"strconv"

	"mereon/graph/live"
	"mereon/schema"
	"mereon/schema/fault"
)

// bind adds the slots of one entity at one node or anchor.
func (r *resolver) bind(n *Node, anchor string, e entity, layer string, effects []Effect) {
	base := Slot{Anchor: anchor, Entity: e.id, Name: e.name, Layer: layer}
	if n != nil && !r.locate(n, &e, &base) {
		return
	}
	first := len(r.table.slots)
	for i := range effects {
		for _, effect := range effects[i].given() {
			if effect.tag != nil {
				r.tag(base, effect.tag, first)
			} else {
				r.channel(base, effect.name, effect.channel, &e)
			}
		}
	}
}

// locate finds the node of an entity. In a document that is missing there is none, and the slots stay without.
func (r *resolver) locate(n *Node, e *entity, base *Slot) bool {
	base.Document = n.Document
	var absent schema.Path
	address := n.address(func(text string) string {
		t, err := parseText(text)
		if err != nil {
			return text
		}
		return t.fill(func(i int) schema.Value {
			if e.values[t.Paths[i]].IsNull() {
				absent = t.Paths[i]
			}
			return e.values[t.Paths[i]]
		})
	})
	entry := r.entries[n.Document]
	switch {
	case absent != "":
		r.problem("%s has no %s, which the address of its node in %s needs", e.id, absent, n.Document)
		return false
	case entry == nil:
		return true
	}
	found := entry.Resolver.find(address)
	if found.Outcome == Lost || found.Outcome == Ambiguous {
		r.unresolved(e, n.Document, address, found, entry.Resolver)
		return false
	}
	if found.Node >= 0 {
		base.Node = &found.Node
	}
	return true
}

// unresolved tells of an address without a node; the nearest nodes are looked for only as long as somebody is told.
func (r *resolver) unresolved(e *entity, document string, address Address, found Resolution, in *Resolver) {
	if found.Outcome == Lost && r.problems < maxProblems {
		found.Candidates = in.nearest(address)
	}
	text := fmt.Sprintf("%s: no node of %s matches %s", e.id, document, address)
	if found.Outcome == Ambiguous {
		text = fmt.Sprintf("%s: several nodes of %s match %s", e.id, document, address)
	}
	if len(found.Candidates) > 0 {
		text += "; nearest: " + quotedList(found.Candidates)
	}
	r.problem("%s", text)
}

// input returns the number of an input, the same for equal ones.
func (r *resolver) input(in live.Input) int32 {
	i, ok := r.index[in]
	if !ok {
		i = int32(len(r.table.inputs))
		r.index[in] = i
		r.table.inputs = append(r.table.inputs, in)
	}
	return i
}

func (r *resolver) add(s Slot, p program) int {
	s.Slot, s.Kind = len(r.table.slots), slotKindNames[p.kind]
	if len(p.inputs) > 0 {
		s.StaleAfter = r.scene.StaleAfter.Milliseconds()
	}
	r.table.slots = append(r.table.slots, s)
	r.table.programs = append(r.table.programs, p)
	return s.Slot
}

func (r *resolver) channel(s Slot, name EffectName, ch *Channel, e *entity) {
	n := natures[name]
	s.Effect, s.Priority, s.Rule = name, ch.Priority, ch.Rule
	if n.clip && !r.clip(&s, ch, e) {
		return
	}
	if n.axis != [3]float64{} {
		axis := n.axis
		if ch.Axis != nil {
			axis = point(ch.Axis)
		}
		s.Axis = &axis
	}
	p := program{kind: scalarSlot, channel: ch, nature: n}
	if n.state {
		p.kind = stateSlot
	}
	switch {
	case ch.Rule != "":
		p.inputs = []int32{r.input(live.Input{Entity: e.id, RuleSet: ch.Rule})}
	case ch.Input != "":
		p.inputs = []int32{r.input(live.Input{Entity: e.id, Path: ch.Input})}
	}
	r.add(s, p)
}

// clip finds the clip a slot moves: by name, by number, or the first that moves the node.
func (r *resolver) clip(s *Slot, ch *Channel, e *entity) bool {
	entry := r.entries[s.Document]
	if entry == nil {
		return true
	}
	doc := entry.Document
	if ch.Clip == "" {
		switch {
		case s.Node != nil && len(doc.Nodes[*s.Node].Clips) > 0:
			s.Clip = &doc.Nodes[*s.Node].Clips[0]
		case s.Node == nil && len(doc.Clips) > 0:
			s.Clip = new(int)
		default:
			r.problem("%s: no clip of %s moves its node", e.id, s.Document)
		}
		return s.Clip != nil
	}
	t, err := parseText(ch.Clip)
	if err != nil {
		return false
	}
	name := t.fill(func(i int) schema.Value { return e.values[t.Paths[i]] })
	i := slices.Index(doc.Clips, name)
	if number, err := strconv.Atoi(name); i < 0 && err == nil && number >= 0 && number < len(doc.Clips) {
		i = number
	}
	if i < 0 {
		text := fmt.Sprintf("%s: %s has no clip %q", e.id, s.Document, name)
		if near := fault.Suggest(name, doc.Clips); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		r.problem("%s", text)
		return false
	}
	s.Clip = &i
	return true
}

// tag adds the slots of a tag: its text, and the state that picks its icon unless the binding shows that state anyway.
func (r *resolver) tag(s Slot, tag *Tag, first int) {
	text, err := parseText(tag.Text)
	if err != nil {
		return
	}
	if tag.Icon != nil {
		icon := r.icon(s, tag.Icon, first)
		s.Icon = &icon
	}
	s.Effect, s.Priority = TagEffect, tag.Priority
	p := program{kind: textSlot, text: &text}
	for _, path := range text.Paths {
		p.inputs = append(p.inputs, r.input(live.Input{Entity: s.Entity, Path: path}))
	}
	r.add(s, p)
}

func (r *resolver) icon(s Slot, ch *Channel, first int) int {
	for i := first; i < len(r.table.slots); i++ {
		if r.table.programs[i].kind == stateSlot && r.table.slots[i].Rule == ch.Rule {
			return i
		}
	}
	s.Effect, s.Rule = iconEffect, ch.Rule
	return r.add(s, program{kind: stateSlot, channel: ch, nature: nature{state: true}, inputs: []int32{r.input(live.Input{Entity: s.Entity, RuleSet: ch.Rule})}})
}

// invert fills the inverted index from inputs to slots.
func (r *resolver) invert() {
	r.table.users = make([][]int32, len(r.table.inputs))
	for s := range r.table.programs {
		for _, in := range r.table.programs[s].inputs {
			if users := r.table.users[in]; len(users) == 0 || users[len(users)-1] != int32(s) {
				r.table.users[in] = append(users, int32(s))
			}
		}
	}
}
