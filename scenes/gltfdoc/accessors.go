package gltfdoc

// accessor is one accessor as far as its layout is known. One that is broken, or of a type of a later version, has ok
// false and is not looked into.
type accessor struct {
	ok            bool
	view          int // -1: none, all zero
	offset, count int
	kind          string // SCALAR ... MAT4
	components    int
	component     int // 5120 ... 5126
	normalized    bool
	sparse        bool
	min, max      []float64
	used          bool // by a vertex attribute
}

// Component types. Source: glTF 2.0 specification, "Accessor Data Types".
const (
	byteComponent          = 5120
	unsignedByteComponent  = 5121
	shortComponent         = 5122
	unsignedShortComponent = 5123
	unsignedIntComponent   = 5125
	floatComponent         = 5126
)

var componentSizes = map[int]int{
	byteComponent: 1, unsignedByteComponent: 1, shortComponent: 2, unsignedShortComponent: 2, unsignedIntComponent: 4, floatComponent: 4,
}

var componentNames = map[int]string{
	byteComponent: "BYTE", unsignedByteComponent: "UNSIGNED_BYTE", shortComponent: "SHORT",
	unsignedShortComponent: "UNSIGNED_SHORT", unsignedIntComponent: "UNSIGNED_INT", floatComponent: "FLOAT",
}

var kindComponents = map[string]int{"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}

// maxCount bounds the elements of an accessor without data of its own, which a viewer would have to make up.
const maxCount = 100_000_000

// size returns the bytes of one element; columns of matrices begin at multiples of 4.
func (a *accessor) size() int {
	size := componentSizes[a.component]
	switch {
	case a.kind == "MAT2" && size == 1:
		return 8
	case a.kind == "MAT3" && size < 4:
		return 12 * size
	}
	return a.components * size
}

// format names type and component type as messages show them.
func (a *accessor) format() string {
	name := a.kind + " " + componentNames[a.component]
	if a.normalized {
		name += " normalized"
	}
	return name
}

// stride returns the distance between the beginnings of two elements.
func (a *accessor) stride(w *view) int {
	if w.stride > 0 {
		return w.stride
	}
	return a.size()
}

// accessor returns accessor i, or nil when it does not exist or is broken.
func (c *checker) accessor(i int) *accessor {
	if i < 0 || i >= len(c.accessors) || !c.accessors[i].ok {
		return nil
	}
	return &c.accessors[i]
}

func (c *checker) checkAccessors() {
	c.accessors = make([]accessor, len(c.root.get("accessors").list()))
	for i := range c.accessors {
		v, pointer := c.element("accessors", i), at("/accessors", i)
		a := accessor{
			view: v.intOr("bufferView", -1), offset: v.intOr("byteOffset", 0), count: v.intOr("count", 0), kind: v.string("type"),
			component: v.intOr("componentType", 0), normalized: v.isTrue("normalized"), sparse: v.get("sparse") != nil,
			min: v.get("min").numbers(), max: v.get("max").numbers(),
		}
		a.components = kindComponents[a.kind]
		a.ok = a.components > 0 && componentSizes[a.component] > 0 && a.count > 0 && a.offset >= 0
		if a.ok {
			c.checkAccessor(&a, v, pointer)
		}
		c.accessors[i] = a
	}
}

func (c *checker) checkAccessor(a *accessor, v *value, pointer string) {
	if a.normalized && (a.component == floatComponent || a.component == unsignedIntComponent) {
		c.fail("ACCESSOR_NORMALIZED_INVALID", pointer+"/normalized", "only (u)byte and (u)short accessors can be normalized")
	}
	for _, key := range []string{"min", "max"} {
		if n := len(v.get(key).list()); v.get(key) != nil && n != a.components {
			c.fail("ARRAY_LENGTH_NOT_IN_LIST", pointer+"/"+key, "array length %d is invalid, expected %d", n, a.components)
			a.ok = false
		}
	}
	if a.view < 0 && a.count > maxCount {
		c.fail("VALUE_NOT_IN_RANGE", pointer+"/count", "an accessor without a buffer view claims %d elements, at most %d are taken", a.count, maxCount)
		a.ok = false
	}
	if a.view >= 0 {
		a.ok = c.fits(a, a.view, a.offset, a.size(), a.count, v.get("byteOffset") != nil, pointer) && a.ok
	}
	if a.sparse {
		a.ok = c.checkSparse(a, v.get("sparse"), pointer+"/sparse") && a.ok
	}
}

// fits checks the place of the elements of an accessor within its buffer view.
func (c *checker) fits(a *accessor, viewIndex, offset, size, count int, hasOffset bool, pointer string) bool {
	w := c.view(viewIndex)
	if w == nil {
		return false
	}
	component := componentSizes[a.component]
	place := pointer
	if hasOffset {
		place += "/byteOffset"
		if offset%component != 0 {
			c.fail("ACCESSOR_OFFSET_ALIGNMENT", place, "offset %d is not a multiple of componentType length %d", offset, component)
		}
	}
	if total := w.offset + offset; total%component != 0 {
		c.fail("ACCESSOR_TOTAL_OFFSET_ALIGNMENT", pointer, "accessor's total byteOffset %d isn't a multiple of componentType length %d", total, component)
	}
	if w.stride > 0 && w.stride < size {
		c.fail("ACCESSOR_SMALL_BYTESTRIDE", pointer, "referenced bufferView's byteStride value %d is less than accessor element's length %d", w.stride, size)
		return false
	}
	if offset+a.stride(w)*(count-1)+size > w.length || count > w.length {
		c.fail("ACCESSOR_TOO_LONG", place, "accessor (offset: %d, count: %d) does not fit referenced bufferView [%d] length %d", offset, count, viewIndex, w.length)
		return false
	}
	return true
}

// checkSparse checks the substitution part of an accessor.
func (c *checker) checkSparse(a *accessor, v *value, pointer string) bool {
	count := v.intOr("count", 0)
	if count > a.count {
		c.fail("ACCESSOR_SPARSE_COUNT_OUT_OF_RANGE", pointer+"/count", "sparse accessor overrides more elements (%d) than the base accessor contains (%d)", count, a.count)
		count = a.count
	}
	indices, values := v.get("indices"), v.get("values")
	c.use(indices.intOr("bufferView", -1), "Other", pointer+"/indices/bufferView")
	c.use(values.intOr("bufferView", -1), "Other", pointer+"/values/bufferView")
	index := accessor{kind: "SCALAR", components: 1, component: indices.intOr("componentType", 0), count: count}
	if count < 1 || componentSizes[index.component] == 0 || indices.intOr("byteOffset", 0) < 0 || values.intOr("byteOffset", 0) < 0 {
		return false
	}
	first := c.fits(&index, indices.intOr("bufferView", -1), indices.intOr("byteOffset", 0), index.size(), count, indices.get("byteOffset") != nil, pointer+"/indices")
	second := c.fits(a, values.intOr("bufferView", -1), values.intOr("byteOffset", 0), a.size(), count, values.get("byteOffset") != nil, pointer+"/values")
	return first && second
}
