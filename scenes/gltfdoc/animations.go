package gltfdoc

import (
	"slices"
)

// outputFormats are the formats of animated values by path. Source: glTF 2.0 specification, "Animations".
var outputFormats = map[string][]format{
	"translation": {{"VEC3", floatComponent, false}},
	"scale":       {{"VEC3", floatComponent, false}},
	"rotation": {{"VEC4", floatComponent, false}, {"VEC4", byteComponent, true}, {"VEC4", unsignedByteComponent, true},
		{"VEC4", shortComponent, true}, {"VEC4", unsignedShortComponent, true}},
	"weights": {{"SCALAR", floatComponent, false}, {"SCALAR", byteComponent, true}, {"SCALAR", unsignedByteComponent, true},
		{"SCALAR", shortComponent, true}, {"SCALAR", unsignedShortComponent, true}},
}

func (c *checker) checkAnimations() {
	for i := range c.root.get("animations").list() {
		v, pointer := c.element("animations", i), at("/animations", i)
		samplers := v.get("samplers").list()
		for j := range samplers {
			c.checkSampler(&samplers[j], at(pointer+"/samplers", j))
		}
		type target struct {
			node int
			path string
		}
		seen := map[target]bool{}
		for j := range v.get("channels").list() {
			channel, here := &v.get("channels").items[j], at(pointer+"/channels", j)
			t := target{channel.get("target").intOr("node", -1), channel.get("target").string("path")}
			if t.node >= 0 && seen[t] {
				c.fail("ANIMATION_DUPLICATE_TARGETS", here+"/target", "animation channel has the same target as another one")
			}
			seen[t] = true
			c.checkChannel(channel, samplers, here)
		}
	}
}

func (c *checker) checkSampler(v *value, pointer string) {
	if a := c.accessor(v.intOr("input", -1)); a != nil {
		if !a.is([]format{{"SCALAR", floatComponent, false}}) {
			c.fail("ANIMATION_SAMPLER_INPUT_ACCESSOR_INVALID_FORMAT", pointer+"/input", "invalid animation sampler input accessor format %s, must be SCALAR FLOAT", a.format())
		} else if len(a.min) == 0 || len(a.max) == 0 {
			c.fail("ANIMATION_SAMPLER_INPUT_ACCESSOR_WITHOUT_BOUNDS", pointer+"/input", "accessor.min and accessor.max must be defined for animation input accessor")
		}
		c.use(a.view, "Animation", pointer+"/input")
	}
	if a := c.accessor(v.intOr("output", -1)); a != nil {
		c.use(a.view, "Animation", pointer+"/output")
	}
}

func (c *checker) checkChannel(channel *value, samplers []value, pointer string) {
	target := channel.get("target")
	path := target.string("path")
	if p := target.get("extensions").get("KHR_animation_pointer"); p != nil {
		c.checkPointerTarget(target, path, pointer+"/target/extensions/KHR_animation_pointer")
	}
	node := c.element("nodes", target.intOr("node", -1))
	if node != nil {
		c.checkTargetNode(node, path, pointer+"/target")
	}
	s := channel.intOr("sampler", -1)
	if s < 0 {
		return
	}
	if s >= len(samplers) {
		c.fail("UNRESOLVED_REFERENCE", pointer+"/sampler", "unresolved reference: %d", s)
		return
	}
	c.checkOutput(&samplers[s], node, path, pointer+"/sampler")
}

func (c *checker) checkPointerTarget(target *value, path, pointer string) {
	c.note("INCOMPLETE_EXTENSION_SUPPORT", pointer, "validation support for this extension is incomplete")
	if target.get("node") != nil {
		c.fail("KHR_ANIMATION_POINTER_ANIMATION_CHANNEL_TARGET_NODE", pointer, "this extension requires the animation channel target node to be undefined")
	}
	if path != "pointer" {
		c.fail("KHR_ANIMATION_POINTER_ANIMATION_CHANNEL_TARGET_PATH", pointer, "this extension requires the animation channel target path to be 'pointer', found '%.40s' instead", path)
	}
}

func (c *checker) checkTargetNode(node *value, path, pointer string) {
	mesh := c.element("meshes", node.intOr("mesh", -1))
	switch path {
	case "translation", "rotation", "scale":
		if node.get("matrix") != nil {
			c.fail("ANIMATION_CHANNEL_TARGET_NODE_MATRIX", pointer, "animation channel cannot target TRS properties of a node with defined matrix")
		}
		if mesh != nil && node.get("skin") != nil {
			c.warn("ANIMATION_CHANNEL_TARGET_NODE_SKIN", pointer+"/path", "animated TRS properties will not affect a skinned mesh")
		}
	case "weights":
		if mesh == nil || morphTargets(mesh) == 0 {
			c.fail("ANIMATION_CHANNEL_TARGET_NODE_WEIGHTS_NO_MORPHS", pointer, "animation channel cannot target WEIGHTS when mesh does not have morph targets")
		}
	}
}

// checkOutput checks format and count of the values of a sampler for the path a channel uses it for.
func (c *checker) checkOutput(sampler, node *value, path, pointer string) {
	input, output := c.accessor(sampler.intOr("input", -1)), c.accessor(sampler.intOr("output", -1))
	formats := outputFormats[path]
	if output == nil || formats == nil {
		return
	}
	if !slices.Contains(formats, format{output.kind, output.component, output.normalized}) {
		c.fail("ANIMATION_SAMPLER_OUTPUT_ACCESSOR_INVALID_FORMAT", pointer, "invalid animation sampler output accessor format %s for path '%s'", output.format(), path)
		return
	}
	if input == nil {
		return
	}
	want := input.count
	if sampler.string("interpolation") == "CUBICSPLINE" {
		want *= 3
	}
	if path == "weights" {
		mesh := c.element("meshes", node.intOr("mesh", -1))
		if mesh == nil {
			return
		}
		want *= morphTargets(mesh)
	}
	if output.count != want {
		c.fail("ANIMATION_SAMPLER_OUTPUT_ACCESSOR_INVALID_COUNT", pointer, "animation sampler output accessor of count %d expected, found %d", want, output.count)
	}
}
