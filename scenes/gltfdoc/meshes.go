package gltfdoc

import (
	"slices"
	"strconv"
	"strings"
)

// format is an accessor format a place allows.
type format struct {
	kind       string
	component  int
	normalized bool
}

// attributeFormats are the formats of the vertex attributes, by semantic without its number.
// Source: glTF 2.0 specification, "Meshes".
var attributeFormats = map[string][]format{
	"POSITION": {{"VEC3", floatComponent, false}},
	"NORMAL":   {{"VEC3", floatComponent, false}},
	"TANGENT":  {{"VEC4", floatComponent, false}},
	"TEXCOORD": {{"VEC2", floatComponent, false}, {"VEC2", unsignedByteComponent, true}, {"VEC2", unsignedShortComponent, true}},
	"COLOR": {{"VEC3", floatComponent, false}, {"VEC3", unsignedByteComponent, true}, {"VEC3", unsignedShortComponent, true},
		{"VEC4", floatComponent, false}, {"VEC4", unsignedByteComponent, true}, {"VEC4", unsignedShortComponent, true}},
	"JOINTS":  {{"VEC4", unsignedByteComponent, false}, {"VEC4", unsignedShortComponent, false}},
	"WEIGHTS": {{"VEC4", floatComponent, false}, {"VEC4", unsignedByteComponent, true}, {"VEC4", unsignedShortComponent, true}},
}

// targetKinds are the types of the attributes of morph targets.
var targetKinds = map[string][]string{
	"POSITION": {"VEC3"}, "NORMAL": {"VEC3"}, "TANGENT": {"VEC3"}, "TEXCOORD": {"VEC2"}, "COLOR": {"VEC3", "VEC4"},
}

func (a *accessor) is(formats []format) bool {
	return slices.Contains(formats, format{a.kind, a.component, a.normalized})
}

// semantic splits an attribute name. number is -1 for one without; ok is false for a name the format does not define.
func semantic(name string) (base string, number int, ok bool) {
	if strings.HasPrefix(name, "_") {
		return name, -1, true
	}
	switch name {
	case "POSITION", "NORMAL", "TANGENT":
		return name, -1, true
	}
	base, digits, _ := strings.Cut(name, "_")
	number, err := strconv.Atoi(digits)
	if err != nil || number < 0 || strconv.Itoa(number) != digits || attributeFormats[base] == nil || len(digits) > 3 {
		return name, -1, false
	}
	switch base {
	case "POSITION", "NORMAL", "TANGENT":
		return name, -1, false
	}
	return base, number, true
}

func (c *checker) checkMeshes() {
	for i := range c.root.get("meshes").list() {
		mesh, pointer := c.element("meshes", i), at("/meshes", i)
		primitives := mesh.get("primitives").list()
		targets := morphTargets(mesh)
		for j := range primitives {
			if primitives[j].kind == jsonObject {
				c.checkPrimitive(&primitives[j], targets, at(pointer+"/primitives", j))
			}
		}
		if w := mesh.get("weights"); w != nil && len(w.list()) != targets {
			c.fail("MESH_INVALID_WEIGHTS_COUNT", pointer+"/weights", "the length of weights array (%d) does not match the number of morph targets (%d)", len(w.list()), targets)
		}
	}
}

func (c *checker) checkPrimitive(v *value, targets int, pointer string) {
	attributes := v.get("attributes")
	if attributes != nil && attributes.kind == jsonObject {
		c.checkAttributes(attributes, pointer+"/attributes")
	}
	c.checkIndices(v, attributes, pointer+"/indices")
	if n := len(v.get("targets").list()); n != targets {
		place := pointer
		if n > 0 {
			place += "/targets"
		}
		c.fail("MESH_PRIMITIVES_UNEQUAL_TARGETS_COUNT", place, "all primitives must have the same number of morph targets")
	}
	for i := range v.get("targets").list() {
		c.checkTarget(&v.get("targets").items[i], attributes, at(pointer+"/targets", i))
	}
	c.checkVariants(v, pointer+"/extensions/KHR_materials_variants/mappings")
	if material := c.element("materials", v.intOr("material", -1)); material != nil {
		c.checkPrimitiveMaterial(material, v.intOr("material", -1), attributes, pointer+"/material")
	}
}

func (c *checker) checkAttributes(attributes *value, pointer string) {
	numbers := map[string][]int{}
	count := -1
	for i := range attributes.members() {
		m := &attributes.items[i]
		here := join(pointer, m.key)
		base, number, ok := semantic(m.key)
		if !ok {
			c.fail("MESH_PRIMITIVE_INVALID_ATTRIBUTE", here, "invalid attribute name")
		} else if number >= 0 {
			numbers[base] = append(numbers[base], number)
		}
		index, _ := m.integer()
		a := c.accessor(index)
		if a == nil {
			continue
		}
		c.checkAttribute(a, base, m.key, here)
		if count >= 0 && a.count != count {
			c.fail("MESH_PRIMITIVE_UNEQUAL_ACCESSOR_COUNT", here, "all accessors of the same primitive must have the same count")
		}
		count = a.count
	}
	for base, found := range numbers {
		if highest := slices.Max(found); highest != len(found)-1 {
			c.fail("MESH_PRIMITIVE_INDEXED_SEMANTIC_CONTINUITY", pointer, "indices for indexed attribute semantic '%s' must start with 0 and be continuous", base)
		}
	}
	if len(numbers["JOINTS"]) != len(numbers["WEIGHTS"]) {
		c.fail("MESH_PRIMITIVE_JOINTS_WEIGHTS_MISMATCH", pointer, "number of JOINTS attribute semantics (%d) does not match the number of WEIGHTS (%d)", len(numbers["JOINTS"]), len(numbers["WEIGHTS"]))
	}
	if attributes.get("POSITION") == nil && len(attributes.members()) > 0 {
		c.note("MESH_PRIMITIVE_NO_POSITION", pointer, "no POSITION attribute found: nothing of this primitive is drawn")
	}
	if attributes.get("TANGENT") != nil && attributes.get("NORMAL") == nil {
		c.warn("MESH_PRIMITIVE_TANGENT_WITHOUT_NORMAL", pointer+"/TANGENT", "TANGENT attribute without NORMAL found")
	}
}

func (c *checker) checkAttribute(a *accessor, base, name, pointer string) {
	quantized := c.uses("KHR_mesh_quantization")
	switch {
	case a.component == unsignedIntComponent:
		c.fail("MESH_PRIMITIVE_ATTRIBUTES_ACCESSOR_UNSIGNED_INT", pointer, "mesh attributes cannot use UNSIGNED_INT component type")
	case attributeFormats[base] != nil && !a.is(attributeFormats[base]) && !quantized:
		c.fail("MESH_PRIMITIVE_ATTRIBUTES_ACCESSOR_INVALID_FORMAT", pointer, "invalid accessor format %s for this attribute semantic", a.format())
	}
	if name == "POSITION" && (a.min == nil || a.max == nil || len(a.min) == 0) {
		c.fail("MESH_PRIMITIVE_POSITION_ACCESSOR_WITHOUT_BOUNDS", pointer, "accessor.min and accessor.max must be defined for POSITION attribute accessor")
	}
	c.checkVertexView(a, pointer)
}

// checkVertexView checks the layout rules of vertex data: alignment to four bytes, and a stride where accessors share a view.
func (c *checker) checkVertexView(a *accessor, pointer string) {
	w := c.view(a.view)
	if w == nil {
		return
	}
	if a.offset%4 != 0 || a.stride(w)%4 != 0 {
		c.fail("MESH_PRIMITIVE_ACCESSOR_UNALIGNED", pointer, "vertex attribute data must be aligned to 4-byte boundaries")
	}
	c.use(a.view, "VertexBuffer", pointer)
	if a.used {
		return
	}
	a.used = true
	if w.attributes++; w.attributes == 2 && w.stride == 0 {
		c.fail("MESH_PRIMITIVE_ACCESSOR_WITHOUT_BYTESTRIDE", pointer, "bufferView.byteStride must be defined when two or more accessors use the same buffer view")
	}
}

var indexFormats = []format{{"SCALAR", unsignedByteComponent, false}, {"SCALAR", unsignedShortComponent, false}, {"SCALAR", unsignedIntComponent, false}}

func (c *checker) checkIndices(v, attributes *value, pointer string) {
	a := c.accessor(v.intOr("indices", -1))
	if a == nil {
		return
	}
	if !a.is(indexFormats) {
		c.fail("MESH_PRIMITIVE_INDICES_ACCESSOR_INVALID_FORMAT", pointer, "invalid indices accessor format %s", a.format())
	}
	if w := c.view(a.view); w != nil && w.stride > 0 {
		c.fail("MESH_PRIMITIVE_INDICES_ACCESSOR_WITH_BYTESTRIDE", pointer, "bufferView.byteStride must not be defined for indices accessor's buffer view")
	}
	c.use(a.view, "IndexBuffer", pointer)
}

// checkTarget checks one morph target against the attributes it changes.
func (c *checker) checkTarget(target, attributes *value, pointer string) {
	for i := range target.members() {
		m := &target.items[i]
		here := join(pointer, m.key)
		base, _, ok := semantic(m.key)
		kinds := targetKinds[base]
		if custom := strings.HasPrefix(base, "_"); !custom && (!ok || kinds == nil) {
			c.fail("MESH_PRIMITIVE_INVALID_ATTRIBUTE", here, "invalid attribute name")
		}
		index, _ := m.integer()
		a := c.accessor(index)
		own, _ := attributes.get(m.key).integer()
		switch {
		case attributes.get(m.key) == nil:
			c.fail("MESH_PRIMITIVE_MORPH_TARGET_NO_BASE_ACCESSOR", here, "the mesh primitive does not define this attribute semantic")
		case a != nil && c.accessor(own) != nil && c.accessor(own).count != a.count:
			c.fail("MESH_PRIMITIVE_MORPH_TARGET_INVALID_ATTRIBUTE_COUNT", here, "base accessor has different count")
		}
		if a == nil {
			continue
		}
		if kinds != nil && !slices.Contains(kinds, a.kind) {
			c.fail("MESH_PRIMITIVE_ATTRIBUTES_ACCESSOR_INVALID_FORMAT", here, "invalid accessor format %s for this attribute semantic", a.format())
		}
		c.checkVertexView(a, here)
	}
}

// checkVariants checks that a material variant is mapped once in a primitive.
func (c *checker) checkVariants(v *value, pointer string) {
	seen := map[int]bool{}
	for i, m := range v.get("extensions").get("KHR_materials_variants").get("mappings").list() {
		for j, variant := range m.get("variants").list() {
			n, ok := variant.integer()
			if ok && seen[n] {
				c.fail("KHR_MATERIALS_VARIANTS_NON_UNIQUE_VARIANT", at(at(pointer, i)+"/variants", j), "this variant is used more than once for this mesh primitive")
			}
			seen[n] = true
		}
	}
}

// checkPrimitiveMaterial checks that a primitive has what its material needs.
func (c *checker) checkPrimitiveMaterial(material *value, index int, attributes *value, pointer string) {
	coordinates := 0
	for i := range attributes.members() {
		if base, _, ok := semantic(attributes.items[i].key); ok && base == "TEXCOORD" {
			coordinates++
		}
	}
	eachTexture(material, at("/materials", index), func(info *value, place string) {
		set := info.intOr("texCoord", 0)
		if n, ok := info.get("extensions").get("KHR_texture_transform").get("texCoord").integer(); ok {
			set = n
		}
		if set >= coordinates {
			c.fail("MESH_PRIMITIVE_TOO_FEW_TEXCOORDS", pointer, "texture binding '%s' needs 'TEXCOORD_%d' attribute", place, set)
		}
	})
	anisotropy := material.get("extensions").get("KHR_materials_anisotropy")
	tangents := attributes.get("TANGENT") != nil && attributes.get("NORMAL") != nil
	if anisotropy != nil && !tangents && material.get("normalTexture") == nil {
		c.fail("MESH_PRIMITIVE_NO_TANGENT_SPACE", pointer, "material requires a tangent space but the mesh primitive does not provide it and the material does not contain a normal texture to generate it")
	}
	if attributes.get("TANGENT") != nil && material.get("normalTexture") == nil && anisotropy == nil {
		c.note("UNUSED_MESH_TANGENT", strings.TrimSuffix(pointer, "/material")+"/attributes/TANGENT", "tangents are not used because the material has no normal texture")
	}
}

// eachTexture calls f for every reference to a texture in a material and its extensions.
func eachTexture(v *value, pointer string, f func(info *value, pointer string)) {
	for i := range v.items {
		m := &v.items[i]
		here := join(pointer, m.key)
		switch {
		case m.kind != jsonObject || m.key == "extras":
		case strings.HasSuffix(m.key, "Texture"):
			f(m, here)
		default:
			eachTexture(m, here, f)
		}
	}
}
