package twinmaker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// component maps one component of a scene node other than a model.
func (b *builder) component(i int, c *sceneComponent, world matrix, document string) {
	switch c.Type {
	case "ModelRef":
	case "EntityBinding":
		b.visual(i, c, document)
	case "ModelShader":
		b.shader(i, c, document)
	case "Tag":
		b.tag(i, c, world)
	case "MotionIndicator":
		b.motion(i, c, world)
	case "DataOverlay":
		b.overlay(i, c, world)
	case "Camera":
		b.report.Counts["cameras"]++
		p := world.point([3]float64{})
		t := world.point([3]float64{0, 0, -5})
		b.out.Views[b.views.quiet(slugID(b.scene.nodes[i].Name))] = viewYAML{Position: p[:], Target: t[:]}
	case "SubModelRef":
		b.report.Counts["sub-models"]++
	default:
		b.report.Counts["scene components without counterpart"]++
		b.unmapped(i, "component %s has no counterpart", c.Type)
	}
}

// bound is where a binding leads: an entity or a parameter, its type, and the path of the property.
type bound struct {
	entity string
	of     *assetType
	slot   *slot
	path   string
	shape  shape
}

// resolve follows a data binding; ${name} of an entity becomes a parameter of the scene, of a component its default.
func (b *builder) resolve(i int, d *dataBinding) (bound, bool) {
	if d == nil {
		return bound{}, false
	}
	b.report.Counts["data bindings"]++
	id, reference := d.Context.EntityID, d.Context.EntityID
	if name, ok := variable(id); ok {
		id = b.scene.template[name]
		parameter := identifier(name)
		reference = "{" + parameter + "}"
		if t := b.model.byID[id]; t != nil && !b.parameter[parameter] {
			b.parameter[parameter] = true
			b.out.Parameters[parameter] = parameterYAML{Type: t.name, Default: id}
		}
	}
	t := b.model.byID[id]
	if t == nil {
		b.unmapped(i, "the bound entity %q is not in the source", d.Context.EntityID)
		return bound{}, false
	}
	component := d.Context.ComponentName
	if name, ok := variable(component); ok {
		component = b.scene.template[name]
		b.warn(i, "the variable %s for a component became its default %q; parameters of scenes choose entities", name, component)
	}
	s := t.slot(component)
	if s == nil {
		b.unmapped(i, "entity %q has no component %q", id, component)
		return bound{}, false
	}
	f := s.kind.byName[d.Context.PropertyName]
	if f == nil {
		b.unmapped(i, "component %q has no property %q", component, d.Context.PropertyName)
		return bound{}, false
	}
	return bound{entity: reference, of: t, slot: s, path: s.field + "." + f.name, shape: f.shape()}, true
}

func variable(text string) (string, bool) {
	name, ok := strings.CutPrefix(text, "${")
	return strings.TrimSuffix(name, "}"), ok
}

// rule returns the rule set of a rule map, nil when none is named, and takes its colours into the palette.
func (b *builder) rule(i int, id string, at bound) *ruleSet {
	if id == "" {
		return nil
	}
	if _, ok := b.scene.rules[id]; !ok {
		b.unmapped(i, "there is no rule map %q", id)
		return nil
	}
	set := b.rules.use(b.scene.file, id, b.scene.rules, at.of, at.slot)
	for _, st := range set.States {
		if l, own := b.rules.looks[st.State]; own {
			b.out.Palette[st.State] = l
		}
	}
	return set
}

// visual ties a node to the entity it shows, without changing how it looks, so that it can be chosen.
func (b *builder) visual(i int, c *sceneComponent, document string) {
	b.report.Counts["entity bindings"]++
	id := ""
	if c.ValueDataBinding != nil {
		id = c.ValueDataBinding.Context.EntityID
	}
	if b.model.byID[id] == nil || document == "" {
		b.unmapped(i, "the node shows entity %q, which is not in the source, or has no model", id)
		return
	}
	effect := map[string]any{"visible": map[string]any{"fixed": 1}}
	b.out.Bindings = append(b.out.Bindings, bindingYAML{Node: b.nodeAddress(i, document), Entity: id, Effects: []map[string]any{effect}})
}

func byRule(effect string, set *ruleSet) map[string]any {
	return map[string]any{effect: map[string]any{"rule": set.Name}}
}

func (b *builder) shader(i int, c *sceneComponent, document string) {
	b.report.Counts["model shaders"]++
	at, ok := b.resolve(i, c.ValueDataBinding)
	var set *ruleSet
	if ok {
		set = b.rule(i, c.RuleBasedMapID, at)
	}
	if set == nil || document == "" {
		b.unmapped(i, "a model shader needs a model, a binding and a rule")
		return
	}
	var effects []map[string]any
	if set.colors {
		effects = append(effects, byRule("color", set))
	}
	if set.opacity && !set.number {
		effects = append(effects, byRule("opacity", set))
	}
	if effects == nil {
		b.unmapped(i, "no target of rule map %q is a colour or an opacity, so the model shader changes nothing", c.RuleBasedMapID)
		return
	}
	b.out.Bindings = append(b.out.Bindings, bindingYAML{Node: b.nodeAddress(i, document), Entity: at.entity, Effects: effects})
}

// nodeAddress is the whole document, or the part that a sub-model reference on the same scene node selects.
func (b *builder) nodeAddress(i int, document string) map[string]string {
	address := map[string]string{"document": document}
	for _, c := range b.scene.nodes[i].Components {
		if c.Type != "SubModelRef" {
			continue
		}
		name, ok := c.Selector.(string)
		if !ok {
			b.warn(i, "the selector %v is a number of the running viewer and says nothing; the whole model is bound", c.Selector)
			continue
		}
		address["name"] = b.originalName(document, name)
	}
	return address
}

func (b *builder) tag(i int, c *sceneComponent, world matrix) {
	b.report.Counts["tags"]++
	name := b.scene.nodes[i].Name
	id := b.ids.quiet(slugID(name))
	position := world.point(three(c.Offset, 0))
	b.out.Anchors[id] = anchorYAML{Position: position[:], Title: name}
	if len(c.NavLink) > 0 && string(c.NavLink) != "null" {
		b.unmapped(i, "the link of the tag leads to a dashboard of another product")
	}
	at, ok := b.resolve(i, c.ValueDataBinding)
	if !ok {
		return
	}
	tag := map[string]any{"text": fmt.Sprintf("{name} {%s}", at.path)}
	if set := b.rule(i, c.RuleBasedMapID, at); set != nil {
		tag["icon"] = map[string]any{"rule": set.Name}
	}
	b.out.Bindings = append(b.out.Bindings, bindingYAML{Anchor: id, Entity: at.entity, Effects: []map[string]any{{"tag": tag}}})
}

// motion places a body of arrows, made here, whose clip runs at the speed that the rule gives.
func (b *builder) motion(i int, c *sceneComponent, world matrix) {
	b.report.Counts["motion indicators"]++
	shape := motionShape(c.Shape)
	b.motions[shape] = true
	id := b.ids.quiet(slugID(b.scene.nodes[i].Name))
	b.out.Documents = append(b.out.Documents, documentYAML{ID: id, File: "assets/" + shape + ".glb", At: world.transform()})
	b.bounds.add(world.point([3]float64{}))
	bindings := map[string]motionBinding{}
	if len(c.RawBindings) > 0 && c.RawBindings[0] == '{' {
		if err := json.Unmarshal(c.RawBindings, &bindings); err != nil {
			b.unmapped(i, "its bindings are not understood: %v", err)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(bindings)) {
		m := bindings[channel]
		at, ok := b.resolve(i, m.ValueDataBinding)
		if !ok {
			continue
		}
		set := b.rule(i, m.RuleBasedMapID, at)
		var effect map[string]any
		switch {
		case channel == "speed" && set != nil && set.number:
			effect = map[string]any{"animationSpeed": map[string]any{"rule": set.Name, "clip": motionClip}}
		case channel == "speed" && set == nil && m.RuleBasedMapID == "" && at.shape == aNumber:
			never := []float64{0, 1e6} // backwards
			effect = map[string]any{"animationSpeed": map[string]any{"input": at.path, "clip": motionClip, "from": never, "to": never}}
		case channel == "foregroundColor" && set != nil && set.colors:
			effect = byRule("color", set)
		default:
			b.unmapped(i, "the channel %s of a motion indicator has no counterpart, or its rule gives nothing for it", channel)
			continue
		}
		b.out.Bindings = append(b.out.Bindings, bindingYAML{Node: map[string]string{"document": id}, Entity: at.entity, Effects: []map[string]any{effect}})
	}
}

// overlay becomes a tag with the plain text of its rows.
func (b *builder) overlay(i int, c *sceneComponent, world matrix) {
	b.report.Counts["data overlays"]++
	id := b.ids.quiet(slugID(b.scene.nodes[i].Name))
	position := world.point([3]float64{})
	var named []struct {
		Name    string       `json:"bindingName"`
		Binding *dataBinding `json:"valueDataBinding"`
	}
	if len(c.RawBindings) > 0 && c.RawBindings[0] == '[' {
		if err := json.Unmarshal(c.RawBindings, &named); err != nil {
			b.unmapped(i, "its bindings are not understood: %v", err)
		}
	}
	var rows []string
	for _, r := range c.DataRows {
		rows = append(rows, r.Content)
	}
	text := strings.NewReplacer("{", "{{", "}", "}}", "#", "", "*", "").Replace(strings.Join(rows, " "))
	b.out.Anchors[id] = anchorYAML{Position: position[:], Title: b.scene.nodes[i].Name}
	entity := ""
	for _, n := range named {
		at, ok := b.resolve(i, n.Binding)
		if ok && (entity == "" || entity == at.entity) {
			entity = at.entity
			text = strings.ReplaceAll(text, "${{"+n.Name+"}}", "{"+at.path+"}")
		}
	}
	b.warn(i, "a data overlay became a tag; its formatting is left out")
	if entity != "" {
		b.out.Bindings = append(b.out.Bindings, bindingYAML{Anchor: id, Entity: entity, Effects: []map[string]any{{"tag": map[string]any{"text": strings.TrimSpace(text)}}}})
	}
}
