package scenes

import (
	"slices"

	"mereon/schema/fault"
)

// EffectName names what is done to a node.
type EffectName string

const (
	Color          EffectName = "color"
	Emissive       EffectName = "emissive"
	Opacity        EffectName = "opacity"
	Visible        EffectName = "visible"
	AnimationSpeed EffectName = "animationSpeed"
	AnimationTime  EffectName = "animationTime"
	Rotate         EffectName = "rotate"
	Translate      EffectName = "translate"
	ScaleEffect    EffectName = "scale"
	Fill           EffectName = "fill"
	TagEffect      EffectName = "tag"
)

// nature says what an effect needs.
type nature struct {
	state     bool       // takes a state; else a number
	clip      bool       // moves a clip of the document
	axis      [3]float64 // of motions: the one meant when none is given
	motion    bool
	low, high float64 // the range of its numbers; equal: any
}

var natures = map[EffectName]nature{
	Color:          {state: true},
	Emissive:       {state: true},
	Opacity:        {low: 0, high: 1},
	Visible:        {low: 0, high: 1},
	AnimationSpeed: {clip: true},
	AnimationTime:  {clip: true, low: 0, high: 1},
	Rotate:         {motion: true, axis: [3]float64{0, 1, 0}},
	Translate:      {motion: true, axis: [3]float64{1, 0, 0}},
	ScaleEffect:    {axis: [3]float64{0, 1, 0}},
	Fill:           {low: 0, high: 1},
	TagEffect:      {},
}

// named is one effect of a binding under its name. Channel is nil for tags.
type named struct {
	name    EffectName
	channel *Channel
	tag     *Tag
}

// given returns the effects that are written; a correct Effect has one.
func (e *Effect) given() (list []named) {
	for _, n := range []named{
		{Color, e.Color, nil}, {Emissive, e.Emissive, nil}, {Opacity, e.Opacity, nil}, {Visible, e.Visible, nil},
		{AnimationSpeed, e.AnimationSpeed, nil}, {AnimationTime, e.AnimationTime, nil}, {Rotate, e.Rotate, nil},
		{Translate, e.Translate, nil}, {ScaleEffect, e.Scale, nil}, {Fill, e.Fill, nil}, {TagEffect, nil, e.Tag},
	} {
		if n.channel != nil || n.tag != nil {
			list = append(list, n)
		}
	}
	return list
}

func (c *sceneCheck) effects(at fault.Position, effects []Effect, anchor bool) {
	if len(effects) == 0 {
		c.fail(at, "Write for example effects: [{color: {rule: NAME}}].", "the binding has no effect")
	}
	for i := range effects {
		given := effects[i].given()
		if len(given) != 1 {
			c.fail(effects[i].At, "Write each effect as an element of its own.", "an element of effects holds one effect, not %d", len(given))
		}
		for _, e := range given {
			switch {
			case e.tag != nil:
				c.tag(e.tag)
			case anchor:
				c.fail(effects[i].At, "Anchors take tags only; bind the effect to a node.", "an anchor has nothing that could take the effect %s", e.name)
			default:
				c.channel(e.name, e.channel)
			}
		}
	}
}

func (c *sceneCheck) tag(t *Tag) {
	if t.Text == "" && t.Icon == nil {
		c.fail(t.At, "Write text: \"{flow} m3/h\", or icon: {rule: NAME}.", "the tag has neither text nor icon")
	}
	if _, err := parseText(t.Text); err != nil {
		c.fail(t.At, "Write {path} for a value, {{ for a brace.", "the text of the tag: %v", err)
	}
	if i := t.Icon; i != nil && (i.Rule == "" || i.Input != "" || i.Fixed != nil || i.From != nil || i.To != nil) {
		c.fail(t.At, "Write icon: {rule: NAME}.", "the icon of a tag takes a rule")
	}
}

func (c *sceneCheck) channel(name EffectName, ch *Channel) {
	n := natures[name]
	sources := 0
	for _, given := range []bool{ch.Rule != "", ch.Input != "", ch.Fixed != nil} {
		if given {
			sources++
		}
	}
	switch {
	case sources != 1:
		c.fail(ch.At, "Write rule: NAME, input: PATH or fixed: NUMBER.", "%s takes its value from one of rule, input and fixed", name)
	case n.state && ch.Rule == "":
		c.fail(ch.At, "Write "+string(name)+": {rule: NAME}; the palette gives each state its color.", "%s takes a rule", name)
	}
	c.ranges(name, n, ch)
	if ch.Clip != "" && !n.clip {
		c.fail(ch.At, "Remove clip.", "%s has no clip", name)
	}
	if ch.Axis != nil {
		if n.axis == [3]float64{} {
			c.fail(ch.At, "Remove axis.", "%s has no axis", name)
		}
		c.vector(ch.At, "axis", ch.Axis, true)
		if len(ch.Axis) == 3 && point(ch.Axis) == [3]float64{} {
			c.fail(ch.At, "Write for example [0, 1, 0].", "the axis has no length")
		}
	}
	if ch.Priority < -1000 || ch.Priority > 1000 {
		c.fail(ch.At, "Write a number from -1000 to 1000.", "the priority %d is out of range", ch.Priority)
	}
}

func (c *sceneCheck) ranges(name EffectName, n nature, ch *Channel) {
	if (ch.From == nil) != (ch.To == nil) {
		c.fail(ch.At, "Write both: from: [0, 3000], to: [0, 2].", "from and to belong together")
		return
	}
	if ch.From == nil {
		return
	}
	if n.state || ch.Fixed != nil {
		c.fail(ch.At, "Remove from and to.", "from and to have no meaning for %s here", name)
	}
	if len(ch.From) != 2 || len(ch.To) != 2 {
		c.fail(ch.At, "Write two numbers each: from: [0, 3000], to: [0, 2].", "from and to take two numbers each")
		return
	}
	if ch.From[0] == ch.From[1] {
		c.fail(ch.At, "Give from two different numbers.", "the range from has no width")
	}
	if n.low < n.high && slices.ContainsFunc(ch.To, func(f float64) bool { return f < n.low || f > n.high }) {
		c.fail(ch.At, "Use numbers from 0 to 1.", "%s goes from %g to %g", name, n.low, n.high)
	}
}

// value maps a number of the source to the effect's own unit.
func (ch *Channel) value(f float64, n nature) float64 {
	if ch.From != nil {
		part := min(max((f-ch.From[0])/(ch.From[1]-ch.From[0]), 0), 1)
		f = ch.To[0] + part*(ch.To[1]-ch.To[0])
	}
	if n.low < n.high {
		f = min(max(f, n.low), n.high)
	}
	return f
}
