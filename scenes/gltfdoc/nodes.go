package gltfdoc

import "math"

// Limits of the node hierarchy. Deeper or longer is nothing a person works with, and paths would fill the memory.
const (
	maxNodeDepth  = 256
	maxPathBytes  = 64 << 20 // of all node paths together
	unitTolerance = 0.00769  // how far the length of a unit quaternion may be from 1, as in the Khronos validator
)

func (c *checker) checkNodes() {
	nodes := c.root.get("nodes").list()
	parents := c.parents(len(nodes))
	c.checkLoops(parents)
	for i := range nodes {
		c.checkNode(&nodes[i], at("/nodes", i))
	}
	for s := range c.root.get("scenes").list() {
		for j, n := range c.element("scenes", s).get("nodes").list() {
			if i, ok := n.integer(); ok && i >= 0 && i < len(parents) && parents[i] >= 0 {
				c.fail("SCENE_NON_ROOT_NODE", at(at("/scenes", s)+"/nodes", j), "node %d is not a root node", i)
			}
		}
	}
}

// parents returns the parent of every node, -1 for roots; a second parent is an error.
func (c *checker) parents(count int) []int {
	parents := make([]int, count)
	for i := range parents {
		parents[i] = -1
	}
	for i := range count {
		for j, child := range c.element("nodes", i).get("children").list() {
			k, ok := child.integer()
			switch {
			case !ok || k < 0 || k >= count:
			case parents[k] >= 0 && parents[k] != i:
				c.fail("NODE_PARENT_OVERRIDE", at(at("/nodes", i)+"/children", j), "node %d already has the parent %d", k, parents[k])
			default:
				parents[k] = i
			}
		}
	}
	return parents
}

// checkLoops finds nodes that are their own ancestors, and hierarchies that are too deep.
func (c *checker) checkLoops(parents []int) {
	depths := make([]int, len(parents)) // 0: not known, -1: in or below a loop
	bytes := make([]int, len(parents))  // length of the path
	total := 0
	for i := range parents {
		c.depth(i, parents, depths, bytes)
		total += bytes[i]
	}
	deep := 0
	for i, d := range depths {
		if d > maxNodeDepth {
			deep = i
		}
	}
	if deep > 0 {
		c.fail("NODE_TOO_DEEP", at("/nodes", deep), "the node lies deeper than %d levels", maxNodeDepth)
	}
	if total > maxPathBytes {
		c.fail("NODE_NAMES_TOO_LONG", "/nodes", "the paths of all nodes together are longer than %d bytes; shorten the names", maxPathBytes)
	}
}

// depth fills in depth and path length of a node and its ancestors, iteratively: a file may nest a million nodes.
func (c *checker) depth(node int, parents, depths, bytes []int) {
	var chain []int
	onChain := map[int]bool{}
	n := node
	for n >= 0 && depths[n] == 0 && !onChain[n] {
		onChain[n] = true
		chain = append(chain, n)
		n = parents[n]
	}
	if n >= 0 && onChain[n] {
		for _, m := range chain {
			depths[m] = -1
		}
		for m, first := n, true; first || m != n; m, first = parents[m], false {
			c.fail("NODE_LOOP", at("/nodes", m), "node is a part of a node loop")
		}
		return
	}
	for k := len(chain) - 1; k >= 0; k-- {
		m := chain[k]
		depths[m], bytes[m] = 1, len(c.element("nodes", m).string("name"))+8
		if p := parents[m]; p >= 0 && depths[p] > 0 {
			depths[m] = depths[p] + 1
			bytes[m] += bytes[p]
		} else if p >= 0 {
			depths[m] = -1
		}
	}
}

func (c *checker) checkNode(v *value, pointer string) {
	if m := v.get("matrix"); m != nil {
		if v.get("translation") != nil || v.get("rotation") != nil || v.get("scale") != nil {
			c.fail("NODE_MATRIX_TRS", pointer+"/matrix", "a node can have either a matrix or any combination of translation/rotation/scale (TRS) properties")
		}
		if numbers := m.numbers(); len(numbers) == 16 && !decomposable(numbers) {
			c.fail("NODE_MATRIX_NON_TRS", pointer+"/matrix", "matrix must be decomposable to TRS")
		}
	}
	if q := v.get("rotation").numbers(); len(q) == 4 && math.Abs(length(q)-1) > unitTolerance {
		c.fail("ROTATION_NON_UNIT", pointer+"/rotation", "rotation quaternion must be normalized")
	}
	if len(v.items) == 0 || len(v.items) == 1 && v.get("name") != nil {
		c.note("NODE_EMPTY", pointer, "empty node encountered")
	}
	c.checkNodeMesh(v, pointer)
}

func (c *checker) checkNodeMesh(v *value, pointer string) {
	mesh := c.element("meshes", v.intOr("mesh", -1))
	if mesh == nil {
		return
	}
	if weights := v.get("weights"); weights != nil {
		if n := morphTargets(mesh); n != len(weights.list()) {
			c.fail("NODE_WEIGHTS_INVALID", pointer+"/weights", "the length of weights array (%d) does not match the number of morph targets (%d)", len(weights.list()), n)
		}
	}
	if c.element("skins", v.intOr("skin", -1)) == nil {
		return
	}
	for _, p := range mesh.get("primitives").list() {
		if p.get("attributes").get("JOINTS_0") == nil || p.get("attributes").get("WEIGHTS_0") == nil {
			c.fail("NODE_SKIN_WITH_NON_SKINNED_MESH", pointer, "node has skin defined, but mesh has no joints data")
			break
		}
	}
	if v.get("matrix") != nil || v.get("translation") != nil || v.get("rotation") != nil || v.get("scale") != nil {
		c.warn("NODE_SKINNED_MESH_LOCAL_TRANSFORMS", pointer, "local transforms will not affect a skinned mesh")
	}
}

// morphTargets returns the number of morph targets of a mesh: that of its first primitive.
func morphTargets(mesh *value) int {
	if primitives := mesh.get("primitives").list(); len(primitives) > 0 {
		return len(primitives[0].get("targets").list())
	}
	return 0
}

func length(v []float64) float64 {
	sum := 0.0
	for _, f := range v {
		sum += f * f
	}
	return math.Sqrt(sum)
}

// decomposable says whether a column-major matrix is a translation, rotation and scale: affine, not flat, not sheared.
func decomposable(m []float64) bool {
	const tolerance = 2e-3
	if m[3] != 0 || m[7] != 0 || m[11] != 0 || m[15] != 1 {
		return false
	}
	x, y, z := m[0:3], m[4:7], m[8:11]
	product := length(x) * length(y) * length(z)
	if product == 0 || math.IsNaN(product) || math.IsInf(product, 0) {
		return false
	}
	sheared := func(a, b []float64) bool {
		return math.Abs(a[0]*b[0]+a[1]*b[1]+a[2]*b[2]) > tolerance*length(a)*length(b)
	}
	return !sheared(x, y) && !sheared(y, z) && !sheared(x, z)
}
