package gltfdoc

import "math"

// Box is an axis-aligned box: its least and its greatest corner.
type Box [2][3]float64

// Size returns the extent along each axis.
func (b *Box) Size() [3]float64 {
	return [3]float64{b[1][0] - b[0][0], b[1][1] - b[0][1], b[1][2] - b[0][2]}
}

// Diagonal returns the length from corner to corner.
func (b *Box) Diagonal() float64 {
	size := b.Size()
	return length(size[:])
}

// union returns the box around both; nil is nothing. Neither box is changed.
func (b *Box) union(other *Box) *Box {
	switch {
	case b == nil:
		return other
	case other == nil:
		return b
	}
	joined := *b
	for k := range 3 {
		joined[0][k], joined[1][k] = min(b[0][k], other[0][k]), max(b[1][k], other[1][k])
	}
	return &joined
}

// matrix is a column-major affine matrix of 4 × 4 numbers.
type matrix [16]float64

var identity = matrix{0: 1, 5: 1, 10: 1, 15: 1}

func (m matrix) times(n matrix) (product matrix) {
	for column := range 4 {
		for row := range 4 {
			for k := range 4 {
				product[column*4+row] += m[k*4+row] * n[column*4+k]
			}
		}
	}
	return product
}

// point returns the image of p.
func (m *matrix) point(p [3]float64) (q [3]float64) {
	for row := range 3 {
		q[row] = m[row]*p[0] + m[4+row]*p[1] + m[8+row]*p[2] + m[12+row]
	}
	return q
}

// localMatrix returns a node's own transform. Source: glTF 2.0 specification, "Transformations".
func localMatrix(node *value) matrix {
	if m := node.get("matrix").numbers(); len(m) == 16 {
		return matrix(m)
	}
	t, q, s := [3]float64{}, [4]float64{0, 0, 0, 1}, [3]float64{1, 1, 1}
	copy(t[:], node.get("translation").numbers())
	copy(q[:], node.get("rotation").numbers())
	copy(s[:], node.get("scale").numbers())
	x, y, z, w := q[0], q[1], q[2], q[3]
	return matrix{
		s[0] * (1 - 2*(y*y+z*z)), s[0] * 2 * (x*y + z*w), s[0] * 2 * (x*z - y*w), 0,
		s[1] * 2 * (x*y - z*w), s[1] * (1 - 2*(x*x+z*z)), s[1] * 2 * (y*z + x*w), 0,
		s[2] * 2 * (x*z + y*w), s[2] * 2 * (y*z - x*w), s[2] * (1 - 2*(x*x+y*y)), 0,
		t[0], t[1], t[2], 1,
	}
}

// meshBox returns the box of a node's own mesh, from the declared bounds of its positions: no geometry is decoded, so it
// works for compressed meshes too. Nil when there is no mesh, or its bounds are not finite.
func (c *checker) meshBox(node *value, world matrix) (box *Box) {
	for _, p := range c.element("meshes", node.intOr("mesh", -1)).get("primitives").list() {
		a := c.accessor(p.get("attributes").intOr("POSITION", -1))
		if a == nil || len(a.min) != 3 || len(a.max) != 3 {
			continue
		}
		box = box.union(a.box(world))
	}
	return box
}

func (a *accessor) box(world matrix) *Box {
	scale := a.unitScale()
	box := &Box{{math.Inf(1), math.Inf(1), math.Inf(1)}, {math.Inf(-1), math.Inf(-1), math.Inf(-1)}}
	for corner := range 8 {
		var p [3]float64
		for k := range 3 {
			p[k] = a.min[k] / scale
			if corner>>k&1 == 1 {
				p[k] = a.max[k] / scale
			}
		}
		for k, f := range world.point(p) {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return nil
			}
			box[0][k], box[1][k] = min(box[0][k], f), max(box[1][k], f)
		}
	}
	return box
}
