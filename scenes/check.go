package scenes

import (
	"maps"
	"slices"

	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
	"mereon/schema/fault"
)

// World is what a scene is checked against.
type World struct {
	Model *schema.Model
	Rules *rules.Book // nil: none
	// TypeOf returns the asset type of an entity. Nil when the entities are not known: then references to them are not checked.
	TypeOf func(graph.EntityID) (schema.TypeName, bool)
}

// Check compares a scene with a model and its rule sets: types, hierarchies, entities, rules and the paths of values.
func Check(scene *Scene, world World) fault.List {
	c := &worldCheck{sceneCheck: sceneCheck{scene: scene}, World: world, looks: scene.Looks(), warned: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(scene.Parameters)) {
		c.parameter(name, scene.Parameters[name])
	}
	for i := range scene.Bindings {
		b := &scene.Bindings[i]
		t, ok := c.typeOf(b.At, b.Entity)
		if !ok {
			continue
		}
		if b.Node != nil {
			c.address(b.Node, t)
		}
		c.effects(b.Effects, t)
	}
	for i := range scene.Templates {
		c.template(&scene.Templates[i])
	}
	c.problems.Sort()
	return c.problems
}

type worldCheck struct {
	sceneCheck
	World
	looks  map[string]Look
	warned map[string]bool // states without a look
}

func (c *worldCheck) parameter(name string, p Parameter) {
	if !c.assetType(p.Position, p.Type) || p.Default == "" || c.TypeOf == nil {
		return
	}
	t, ok := c.TypeOf(graph.EntityID(p.Default))
	switch {
	case !ok:
		c.fail(p.Position, "Name an entity that exists.", "there is no entity %q", p.Default)
	case !c.is(t, p.Type):
		c.fail(p.Position, "Choose an entity of type "+string(p.Type)+".", "%s, the default of parameter %s, is a %s", p.Default, name, t)
	}
}

// is says whether t is want or below it.
func (c *worldCheck) is(t, want schema.TypeName) bool {
	at := c.Model.Types[t]
	return t == want || at != nil && slices.Contains(at.Ancestors, want)
}

func (c *worldCheck) assetType(at fault.Position, name schema.TypeName) bool {
	if c.Model.Types[name] != nil {
		return true
	}
	if name != "" {
		var names []string
		for _, n := range c.Model.TypeNames {
			names = append(names, string(n))
		}
		c.unknown(at, "asset type", string(name), names)
	}
	return false
}

// typeOf returns the asset type a reference to an entity leads to; false when it is not known.
func (c *worldCheck) typeOf(at fault.Position, ref string) (schema.TypeName, bool) {
	if name, ok := parameterOf(ref); ok {
		t := c.scene.Parameters[name].Type
		return t, c.Model.Types[t] != nil
	}
	if c.TypeOf == nil {
		return "", false
	}
	t, ok := c.TypeOf(graph.EntityID(ref))
	if !ok {
		c.fail(at, "Name an entity that exists.", "there is no entity %q", ref)
	}
	return t, ok && c.Model.Types[t] != nil
}

func (c *worldCheck) template(t *Template) {
	if w := t.Every.Within; w != nil {
		if _, ok := c.Model.Hierarchies[w.Hierarchy]; !ok {
			c.unknown(w.At, "hierarchy", w.Hierarchy, slices.Sorted(maps.Keys(c.Model.Hierarchies)))
		}
		c.typeOf(w.At, w.Of)
	}
	if !c.assetType(t.Every.At, t.Every.Type) {
		return
	}
	c.address(t.Node, t.Every.Type)
	c.effects(t.Effects, t.Every.Type)
}

// address checks that the places in an address are stored values of the entity itself.
func (c *worldCheck) address(n *Node, t schema.TypeName) {
	for _, text := range n.texts() {
		if parsed, err := parseText(text); err == nil {
			c.stored(n.At, parsed.Paths, t, "an address")
		}
	}
}

func (c *worldCheck) stored(at fault.Position, paths []schema.Path, t schema.TypeName, what string) {
	for _, path := range paths {
		route, ok := c.route(at, path, t)
		if ok && (len(route.Hops) > 0 || route.Property != nil && route.Property.Kind != schema.Static) {
			c.fail(at, "Use a stored property, id or name.", "%s takes stored values of the entity, which %s is not", what, path)
		}
	}
}

// route finds the value a path names.
func (c *worldCheck) route(at fault.Position, path schema.Path, t schema.TypeName) (rules.Route, bool) {
	route, err := rules.FindRoute(c.Model, t, path)
	if err != nil {
		c.fail(at, "", "%v", err)
	}
	return route, err == nil
}

func (c *worldCheck) effects(effects []Effect, t schema.TypeName) {
	for i := range effects {
		for _, e := range effects[i].given() {
			if e.tag != nil {
				c.tag(e.tag, t)
			} else {
				c.channel(e.name, e.channel, t)
			}
		}
	}
}

func (c *worldCheck) tag(tag *Tag, t schema.TypeName) {
	if text, err := parseText(tag.Text); err == nil {
		for _, path := range text.Paths {
			c.route(tag.At, path, t)
		}
	}
	if tag.Icon != nil {
		c.states(tag.Icon, t)
	}
}

func (c *worldCheck) channel(name EffectName, ch *Channel, t schema.TypeName) {
	if clip, err := parseText(ch.Clip); err == nil {
		c.stored(ch.At, clip.Paths, t, "a clip")
	}
	switch {
	case ch.Rule != "" && natures[name].state:
		c.states(ch, t)
	case ch.Rule != "":
		if set := c.rule(ch, t); set != nil && !set.HasScalar() {
			c.fail(ch.At, "Add scalar: to the rule set.", "%s takes a number, and rule set %s gives none", name, ch.Rule)
		}
	case ch.Input != "":
		route, ok := c.route(ch.At, ch.Input, t)
		if ok && !drives(route.Property, name) {
			c.fail(ch.At, "Use a numeric property.", "%s takes a number, which %s is not", name, ch.Input)
		}
	}
}

// drives says whether a property can be the input of an effect: numbers, and yes or no for visibility.
func drives(p *schema.Property, name EffectName) bool {
	if p == nil || p.Type.List || p.Type.Enum != "" {
		return false
	}
	return p.Type.Scalar.Numeric() || p.Type.Scalar == schema.Boolean && name == Visible
}

func (c *worldCheck) rule(ch *Channel, t schema.TypeName) *rules.Set {
	if c.Rules == nil {
		c.fail(ch.At, "Write it in the folder rules.", "there is no rule set %q", ch.Rule)
		return nil
	}
	if set, ok := c.Rules.Find(t, ch.Rule); ok {
		return set
	}
	var names []string
	for _, set := range c.Rules.For(t) {
		names = append(names, set.Name)
	}
	c.unknown(ch.At, "rule set of "+string(t), ch.Rule, names)
	return nil
}

// states checks a channel that shows states; a state nobody gave a look is a warning.
func (c *worldCheck) states(ch *Channel, t schema.TypeName) {
	set := c.rule(ch, t)
	if set == nil {
		return
	}
	if len(set.States) == 0 {
		c.fail(ch.At, "Add states: to the rule set.", "rule set %s gives no states", ch.Rule)
	}
	for _, state := range set.States {
		if _, ok := c.looks[state]; !ok && !c.warned[state] {
			c.warned[state] = true
			c.warn(ch.At, "Add it to the palette: palette: {"+state+": {color: \"#e69f00\", icon: warning, severity: 2}}.", "state %s of rule set %s is not in the palette and looks like normal", state, ch.Rule)
		}
	}
}
