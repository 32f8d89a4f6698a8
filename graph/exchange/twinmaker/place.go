package twinmaker

import "math"

// matrix is a 4x4 transform, column-major.
type matrix [16]float64

var identity = matrix{0: 1, 5: 1, 10: 1, 15: 1}

// placed is a transform as scene nodes write it: Euler angles in radians, applied as three.js does in order XYZ.
type placed struct {
	Position []float64 `json:"position"`
	Rotation []float64 `json:"rotation"`
	Scale    []float64 `json:"scale"`
}

func three(v []float64, unset float64) [3]float64 {
	p := [3]float64{unset, unset, unset}
	copy(p[:], v)
	return p
}

func (t placed) matrix() matrix {
	p, r, s := three(t.Position, 0), three(t.Rotation, 0), three(t.Scale, 1)
	a, b := math.Cos(r[0]), math.Sin(r[0])
	c, d := math.Cos(r[1]), math.Sin(r[1])
	e, f := math.Cos(r[2]), math.Sin(r[2])
	return matrix{
		c * e * s[0], (a*f + b*e*d) * s[0], (b*f - a*e*d) * s[0], 0,
		-c * f * s[1], (a*e - b*f*d) * s[1], (b*e + a*f*d) * s[1], 0,
		d * s[2], -b * c * s[2], a * c * s[2], 0,
		p[0], p[1], p[2], 1,
	}
}

func (m matrix) times(n matrix) (r matrix) {
	for c := range 4 {
		for i := range 4 {
			for k := range 4 {
				r[c*4+i] += m[k*4+i] * n[c*4+k]
			}
		}
	}
	return r
}

func (m matrix) point(p [3]float64) [3]float64 {
	var r [3]float64
	for i := range 3 {
		r[i] = round(m[i]*p[0] + m[4+i]*p[1] + m[8+i]*p[2] + m[12+i])
	}
	return r
}

// transform is a placement as scene documents write it: metres, degrees, factors.
type transform struct {
	Position []float64 `yaml:"position,flow"`
	Rotation []float64 `yaml:"rotation,flow,omitempty"`
	Scale    []float64 `yaml:"scale,flow,omitempty"`
}

// transform takes a matrix apart. What shears is given without its shear.
func (m matrix) transform() transform {
	var s [3]float64
	for c := range 3 {
		s[c] = math.Sqrt(m[c*4]*m[c*4] + m[c*4+1]*m[c*4+1] + m[c*4+2]*m[c*4+2])
		if s[c] == 0 {
			s[c] = 1
		}
	}
	at := func(row, column int) float64 { return m[column*4+row] / s[column] }
	y := math.Asin(min(max(at(0, 2), -1), 1))
	x, z := math.Atan2(at(2, 1), at(1, 1)), 0.0
	if math.Abs(at(0, 2)) < 0.9999999 {
		x, z = math.Atan2(-at(1, 2), at(2, 2)), math.Atan2(-at(0, 1), at(0, 0))
	}
	t := transform{Position: []float64{round(m[12]), round(m[13]), round(m[14])}}
	if r := []float64{degrees(x), degrees(y), degrees(z)}; r[0] != 0 || r[1] != 0 || r[2] != 0 {
		t.Rotation = r
	}
	if f := []float64{round(s[0]), round(s[1]), round(s[2])}; f[0] != 1 || f[1] != 1 || f[2] != 1 {
		t.Scale = f
	}
	return t
}

func degrees(radians float64) float64 { return round(radians * 180 / math.Pi) }

// round keeps five digits after the point: hundredths of a millimetre.
func round(f float64) float64 {
	r := math.Round(f*1e5) / 1e5
	if r == 0 {
		return 0 // not -0
	}
	return r
}

// metres is how long the units of a scene are.
var metres = map[string]float64{
	"": 1, "meters": 1, "millimeters": 0.001, "centimeters": 0.01, "decimeters": 0.1, "kilometers": 1000,
	"inches": 0.0254, "feet": 0.3048, "yards": 0.9144, "miles": 1609.344,
}
