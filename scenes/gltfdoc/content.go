package gltfdoc

import (
	"encoding/binary"
	"fmt"
	"math"
)

// contentBudget bounds the bytes of geometry one check looks at, in multiples of what there is.
const contentBudget = 16

// elements walks the components of an accessor's own data; sparse values are not applied.
type elements struct {
	accessor *accessor
	data     []byte
	stride   int
}

// elements returns the data of an accessor, or false when it has none, is sparse, or the budget is used up.
func (c *checker) elements(a *accessor) (elements, bool) {
	if a == nil || a.sparse || a.view < 0 {
		return elements{}, false
	}
	w := c.view(a.view)
	if w == nil || c.data(w) == nil || a.kind[0] == 'M' && componentSizes[a.component] < 4 {
		return elements{}, false
	}
	if c.budget -= int64(a.count * a.size()); c.budget < 0 {
		return elements{}, false
	}
	return elements{accessor: a, data: c.data(w)[a.offset:], stride: a.stride(w)}, true
}

// raw returns component j of element i as stored, not normalized.
func (e *elements) raw(i, j int) float64 {
	size := componentSizes[e.accessor.component]
	b := e.data[i*e.stride+j*size:]
	switch e.accessor.component {
	case byteComponent:
		return float64(int8(b[0]))
	case unsignedByteComponent:
		return float64(b[0])
	case shortComponent:
		return float64(int16(binary.LittleEndian.Uint16(b)))
	case unsignedShortComponent:
		return float64(binary.LittleEndian.Uint16(b))
	case unsignedIntComponent:
		return float64(binary.LittleEndian.Uint32(b))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
}

// unitScale is what a normalized component is divided by. Source: glTF 2.0 specification, "Animations", data conversion.
func (a *accessor) unitScale() float64 {
	if !a.normalized {
		return 1
	}
	return map[int]float64{byteComponent: 127, unsignedByteComponent: 255, shortComponent: 32767, unsignedShortComponent: 65535}[a.component]
}

// norm returns the length of the first n components of element i.
func (e *elements) norm(i, n int) float64 {
	sum, scale := 0.0, e.accessor.unitScale()
	for j := range n {
		f := e.raw(i, j) / scale
		sum += f * f
	}
	return math.Sqrt(sum)
}

// checkContent checks the data itself: finite, within the declared bounds, indices within the vertices, unit vectors.
func (c *checker) checkContent() {
	for i := range c.accessors {
		c.checkBounds(c.accessor(i), at("/accessors", i))
		c.checkSparseIndices(c.accessor(i), c.element("accessors", i).get("sparse"), at("/accessors", i)+"/sparse/indices")
	}
	for i := range c.root.get("meshes").list() {
		for j := range c.element("meshes", i).get("primitives").list() {
			c.checkPrimitiveContent(&c.element("meshes", i).get("primitives").items[j], fmt.Sprintf("/meshes/%d/primitives/%d", i, j))
		}
	}
	for i := range c.root.get("animations").list() {
		c.checkAnimationContent(c.element("animations", i), at("/animations", i))
	}
	if c.budget < 0 {
		c.note("CONTENT_NOT_CHECKED", "", "accessors overlap so much that not all of the content was looked at")
	}
}

// checkBounds compares the data of an accessor with its declared min and max; each defect is told once per component.
func (c *checker) checkBounds(a *accessor, pointer string) {
	e, ok := c.elements(a)
	if !ok {
		return
	}
	low, high := make([]float64, a.components), make([]float64, a.components)
	for j := range low {
		low[j], high[j] = math.Inf(1), math.Inf(-1)
	}
	for i := range a.count {
		for j := range a.components {
			f := e.raw(i, j)
			if math.IsNaN(f) || math.IsInf(f, 0) {
				c.fail("ACCESSOR_INVALID_FLOAT", pointer, "accessor element at index %d is %v", i*a.components+j, f)
				return
			}
			low[j], high[j] = min(low[j], f), max(high[j], f)
		}
	}
	for j := range a.components {
		c.compareBound(a, a.min, j, low[j], "MIN", pointer+"/min")
		c.compareBound(a, a.max, j, high[j], "MAX", pointer+"/max")
	}
}

// checkSparseIndices checks that the substituted elements exist and follow each other.
func (c *checker) checkSparseIndices(a *accessor, sparse *value, pointer string) {
	if a == nil || sparse == nil {
		return
	}
	indices := sparse.get("indices")
	e, ok := c.elements(&accessor{
		kind: "SCALAR", components: 1, component: indices.intOr("componentType", 0), count: sparse.intOr("count", 0),
		view: indices.intOr("bufferView", -1), offset: indices.intOr("byteOffset", 0),
	})
	if !ok {
		return
	}
	last := -1.0
	for i := range e.accessor.count {
		f := e.raw(i, 0)
		if f <= last {
			c.fail("ACCESSOR_SPARSE_INDICES_NON_INCREASING", pointer, "sparse accessor index %d is less than or equal to the one before", i)
			return
		}
		if f >= float64(a.count) {
			c.fail("ACCESSOR_SPARSE_INDEX_OOB", pointer, "sparse accessor index %v is not less than the number of elements %d", f, a.count)
			return
		}
		last = f
	}
}

func (c *checker) compareBound(a *accessor, declared []float64, j int, actual float64, name, pointer string) {
	if j >= len(declared) {
		return
	}
	want := declared[j]
	if a.component == floatComponent {
		want = float64(float32(want))
	}
	if actual == want {
		return
	}
	c.fail("ACCESSOR_"+name+"_MISMATCH", at(pointer, j), "declared bound for this component (%v) does not match the actual one (%v)", want, actual)
	if name == "MIN" && actual < want || name == "MAX" && actual > want {
		c.fail("ACCESSOR_ELEMENT_OUT_OF_"+name+"_BOUND", at(pointer, j), "accessor contains elements beyond the declared bound %v", want)
	}
}

func (c *checker) checkPrimitiveContent(v *value, pointer string) {
	attributes := v.get("attributes")
	position := c.accessor(attributes.intOr("POSITION", -1))
	if position != nil {
		c.checkIndexContent(c.accessor(v.intOr("indices", -1)), position.count, pointer+"/indices")
	}
	if attributes == nil {
		return
	}
	for i := range attributes.members() {
		index, _ := attributes.items[i].integer()
		base, _, _ := semantic(attributes.items[i].key)
		if base == "WEIGHTS" && attributes.get("WEIGHTS_1") != nil {
			continue // the sum goes over all sets
		}
		c.checkAttributeContent(index, base, join(pointer+"/attributes", attributes.items[i].key))
	}
}

// checkIndexContent checks that indices lie within the vertices; without that a viewer reads foreign memory or nothing.
func (c *checker) checkIndexContent(a *accessor, vertices int, pointer string) {
	e, ok := c.elements(a)
	if !ok || a.components != 1 {
		return
	}
	restart := math.Pow(2, float64(8*componentSizes[a.component])) - 1
	for i := range a.count {
		switch f := e.raw(i, 0); {
		case f == restart:
			c.fail("ACCESSOR_INDEX_PRIMITIVE_RESTART", pointer, "indices accessor contains primitive restart value (%v) at index %d", f, i)
			return
		case f >= float64(vertices):
			c.fail("ACCESSOR_INDEX_OOB", pointer, "indices accessor element at index %d has value %v that is not less than the number of vertices %d", i, f, vertices)
			return
		}
	}
}

// unitVectorTolerance is how far the length of a normal may be from 1, as in the Khronos validator.
const unitVectorTolerance = 0.00674

// checkAttributeContent checks what the meaning of an attribute demands of its values; the first defect is told.
func (c *checker) checkAttributeContent(index int, base, pointer string) {
	switch base {
	case "NORMAL", "TANGENT", "COLOR", "WEIGHTS":
	default:
		return
	}
	a := c.accessor(index)
	e, ok := c.elements(a)
	if !ok || a.component != floatComponent && base != "WEIGHTS" {
		return
	}
	for i := range a.count {
		switch {
		case base == "NORMAL" || base == "TANGENT":
			if n := e.norm(i, 3); math.Abs(n-1) > unitVectorTolerance {
				c.fail("ACCESSOR_VECTOR3_NON_UNIT", pointer, "vector at element %d is not of unit length: %v", i, n)
				return
			}
			if base == "TANGENT" && a.components == 4 && math.Abs(e.raw(i, 3)) != 1 {
				c.fail("ACCESSOR_INVALID_SIGN", pointer, "vector at element %d has an invalid w component: %v, must be 1 or -1", i, e.raw(i, 3))
				return
			}
		case base == "COLOR":
			for j := range a.components {
				if f := e.raw(i, j); f < 0 || f > 1 {
					c.fail("ACCESSOR_NON_CLAMPED", pointer, "element %d is not clamped to the range from 0 to 1: %v", i, f)
					return
				}
			}
		case base == "WEIGHTS":
			if !c.weightsNormal(e, i, pointer) {
				return
			}
		}
	}
}

// weightsNormal checks the weights of one vertex, where a single set of weights is used.
func (c *checker) weightsNormal(e elements, i int, pointer string) bool {
	sum, used := 0.0, 0
	for j := range e.accessor.components {
		if f := e.raw(i, j); f != 0 {
			sum += f / e.accessor.unitScale()
			used++
		}
	}
	tolerance := 2e-7 * float64(used)
	if e.accessor.normalized {
		tolerance = 1e-6
	}
	if used > 0 && math.Abs(sum-1) > tolerance {
		c.fail("ACCESSOR_WEIGHTS_NON_NORMALIZED", pointer, "weights of element %d have the sum %v, not 1", i, sum)
		return false
	}
	return true
}

func (c *checker) checkAnimationContent(v *value, pointer string) {
	for j := range v.get("channels").list() {
		channel := &v.get("channels").items[j]
		s := channel.intOr("sampler", -1)
		if samplers := v.get("samplers").list(); channel.get("target").string("path") == "rotation" && s >= 0 && s < len(samplers) {
			c.checkQuaternions(&samplers[s], at(pointer+"/channels", j)+"/sampler")
		}
	}
	for j := range v.get("samplers").list() {
		c.checkTimes(c.accessor(v.get("samplers").items[j].intOr("input", -1)), at(pointer+"/samplers", j)+"/input")
	}
}

func (c *checker) checkQuaternions(sampler *value, pointer string) {
	a := c.accessor(sampler.intOr("output", -1))
	e, ok := c.elements(a)
	if !ok || a.components != 4 {
		return
	}
	for i := range a.count {
		if sampler.string("interpolation") == "CUBICSPLINE" && i%3 != 1 {
			continue
		}
		if n := e.norm(i, 4); math.Abs(n-1) > unitTolerance {
			c.fail("ACCESSOR_ANIMATION_SAMPLER_OUTPUT_NON_NORMALIZED_QUATERNION", pointer, "animation sampler output element %d is not of unit length: %v", i, n)
			return
		}
	}
}

// checkTimes checks that key frames begin at zero or later and follow each other.
func (c *checker) checkTimes(a *accessor, pointer string) {
	e, ok := c.elements(a)
	if !ok || a.components != 1 {
		return
	}
	last := math.Inf(-1)
	for i := range a.count {
		f := e.raw(i, 0)
		if f < 0 {
			c.fail("ACCESSOR_ANIMATION_INPUT_NEGATIVE", pointer, "animation input element at index %d is negative: %v", i, f)
			return
		}
		if f <= last {
			c.fail("ACCESSOR_ANIMATION_INPUT_NON_INCREASING", pointer, "animation input element at index %d is less than or equal to the one before", i)
			return
		}
		last = f
	}
}
