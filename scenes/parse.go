package scenes

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// Parse reads a scene document strictly. All mistakes that need neither a model nor the glTF documents are reported, each
// with its place; the scene is nil when it cannot be used.
func Parse(file schema.File) (*Scene, fault.List) {
	scene := &Scene{file: file}
	problems := document.Decode(file, scene)
	c := &sceneCheck{scene: scene, problems: problems}
	if scene.Position.Line > 0 {
		c.all()
	}
	c.problems.Sort()
	if c.problems.Err() != nil {
		return nil, c.problems
	}
	return scene, c.problems
}

// sceneCheck collects the mistakes of one scene document.
type sceneCheck struct {
	scene    *Scene
	problems fault.List
}

func (c *sceneCheck) fail(at fault.Position, hint, format string, args ...any) {
	c.report(at, false, hint, format, args...)
}

func (c *sceneCheck) warn(at fault.Position, hint, format string, args ...any) {
	c.report(at, true, hint, format, args...)
}

func (c *sceneCheck) report(at fault.Position, warning bool, hint, format string, args ...any) {
	c.problems = append(c.problems, fault.Problem{
		Position: at, Message: fmt.Sprintf(format, args...), Hint: hint, Source: c.scene.file.Line(at.Line), Warning: warning,
	})
}

// unknown reports a name that is not defined, with the nearest one.
func (c *sceneCheck) unknown(at fault.Position, what, name string, defined []string) {
	hint := fmt.Sprintf("There is no %s yet.", what)
	if len(defined) > 0 {
		hint = "Known: " + strings.Join(defined, ", ") + "."
	}
	if near := fault.Suggest(name, defined); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	c.fail(at, hint, "there is no %s %q", what, name)
}

var sceneName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// maxBindings bounds bindings and templates of one document each.
const maxBindings = 100_000

func (c *sceneCheck) all() {
	s := c.scene
	if s.Version != 0 && s.Version != 1 {
		c.fail(s.Position, "Write version: 1, or leave it out.", "version %d of the scene format is not known", s.Version)
	}
	if s.Name != "" && !sceneName.MatchString(s.Name) {
		c.fail(s.Position, "Use letters, digits, dots, dashes and underscores, at most 128.", "%q cannot be the name of a scene", s.Name)
	}
	if len(s.Bindings) > maxBindings || len(s.Templates) > maxBindings {
		c.fail(s.Position, "Use templates, or several scenes.", "more than %d bindings", maxBindings)
		return
	}
	c.placements()
	for name, a := range s.Anchors {
		c.vector(a.At, "position of anchor "+name, a.Position, true)
	}
	for name, v := range s.Views {
		c.vector(v.At, "position of view "+name, v.Position, true)
		c.vector(v.At, "target of view "+name, v.Target, true)
	}
	for name, look := range s.Palette {
		c.look(name, look)
	}
	for i := range s.Bindings {
		c.binding(&s.Bindings[i])
	}
	for i := range s.Templates {
		c.template(&s.Templates[i])
	}
}

func (c *sceneCheck) placements() {
	seen := map[string]bool{}
	for i := range c.scene.Documents {
		p := &c.scene.Documents[i]
		if seen[p.ID] {
			c.fail(p.Position, "Give each document an id of its own.", "the document id %q is used twice", p.ID)
		}
		seen[p.ID] = true
		if p.File != "" && (path.IsAbs(p.File) || strings.Contains(p.File, `\`) || path.Clean(p.File) != p.File || strings.HasPrefix(p.File, "..")) {
			c.fail(p.Position, "Write a path below the project folder, for example assets/line.glb.", "%q is no path within the project", p.File)
		}
		c.layer(p.Position, p.Layer)
		c.vector(p.Position, "at.position", p.At.Position, false)
		c.vector(p.Position, "at.rotation", p.At.Rotation, false)
		if _, ok := scaling(p.At.Scale); !ok {
			c.fail(p.Position, "Write one number, or three: x, y and z.", "at.scale takes numbers other than 0")
		}
	}
}

// vector checks three numbers; one that is not required may be absent.
func (c *sceneCheck) vector(at fault.Position, what string, v []float64, required bool) {
	if len(v) != 3 && (required || v != nil) {
		c.fail(at, "Write three numbers: [x, y, z].", "%s takes three numbers, not %d", what, len(v))
	}
}

func (c *sceneCheck) layer(at fault.Position, name string) {
	if _, ok := c.scene.Layers[name]; name != "" && !ok {
		c.unknown(at, "layer", name, slices.Sorted(maps.Keys(c.scene.Layers)))
	}
}

var lookColor = regexp.MustCompile(`^(#[0-9a-fA-F]{6})?$`)

func (c *sceneCheck) look(name string, look Look) {
	if !lookColor.MatchString(look.Color) {
		c.fail(look.At, "Write for example \"#e69f00\", with quotes.", "the color of state %s is not written as #rrggbb", name)
	}
	if look.Severity < 0 || look.Severity > 4 {
		c.fail(look.At, "0 is normal, 1 information, 2 warning, 3 serious, 4 critical.", "the severity of state %s is not from 0 to 4", name)
	}
}

func (c *sceneCheck) binding(b *Binding) {
	if (b.Node != nil) == (b.Anchor != "") {
		c.fail(b.At, "Write node: {document: ...} or anchor: NAME.", "a binding has either a node or an anchor")
	}
	if b.Node != nil {
		c.node(b.Node, false)
	}
	if _, ok := c.scene.Anchors[b.Anchor]; b.Anchor != "" && !ok {
		c.unknown(b.At, "anchor", b.Anchor, slices.Sorted(maps.Keys(c.scene.Anchors)))
	}
	c.entity(b.At, b.Entity)
	c.layer(b.At, b.Layer)
	c.effects(b.At, b.Effects, b.Anchor != "")
}

func (c *sceneCheck) template(t *Template) {
	if t.Node != nil {
		c.node(t.Node, true)
	}
	if w := t.Every.Within; w != nil {
		c.entity(w.At, w.Of)
	}
	c.layer(t.At, t.Layer)
	c.effects(t.At, t.Effects, false)
}

func (c *sceneCheck) node(n *Node, perEntity bool) {
	var ids []string
	for i := range c.scene.Documents {
		ids = append(ids, c.scene.Documents[i].ID)
	}
	if n.Document != "" && !slices.Contains(ids, n.Document) {
		c.unknown(n.At, "document", n.Document, ids)
	}
	varies := false
	for _, text := range n.texts() {
		t, err := parseText(text)
		if err != nil {
			c.fail(n.At, "Write {path} for a value of the entity, {{ for a brace.", "%q: %v", text, err)
			continue
		}
		varies = varies || len(t.Paths) > 0
	}
	if perEntity && !varies {
		c.fail(n.At, "Put a value into the address, for example extras: {id: \"{serialNumber}\"}.", "every entity of the template would have the same node")
	}
}

// texts returns the parts of an address that may hold values of the entity.
func (n *Node) texts() []string {
	texts := slices.Sorted(maps.Values(n.Extras))
	if n.Path != "" {
		texts = append(texts, n.Path)
	}
	if n.Name != "" {
		texts = append(texts, n.Name)
	}
	return texts
}

// entity checks a reference to an entity: an id, or a parameter in braces.
func (c *sceneCheck) entity(at fault.Position, ref string) {
	name, ok := parameterOf(ref)
	if !ok {
		return
	}
	if _, defined := c.scene.Parameters[name]; !defined {
		c.unknown(at, "parameter", name, slices.Sorted(maps.Keys(c.scene.Parameters)))
	}
}

// parameterOf returns the parameter a reference such as {pump} names.
func parameterOf(ref string) (string, bool) {
	name, ok := strings.CutPrefix(ref, "{")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, "}")
}
