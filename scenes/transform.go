package scenes

import (
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// scaling reads a scale: one number, three, or nothing, which is 1. ok is false for anything else, and for 0.
func scaling(n yaml.Node) (factors [3]float64, ok bool) {
	switch n.Kind {
	case 0:
		return [3]float64{1, 1, 1}, true
	case yaml.ScalarNode:
		f, ok := factor(&n)
		return [3]float64{f, f, f}, ok
	case yaml.SequenceNode:
		if len(n.Content) != 3 {
			return factors, false
		}
		for i, element := range n.Content {
			if factors[i], ok = factor(element); !ok {
				return factors, false
			}
		}
		return factors, true
	}
	return factors, false
}

func factor(n *yaml.Node) (float64, bool) {
	f, err := strconv.ParseFloat(n.Value, 64)
	return f, n.Kind == yaml.ScalarNode && err == nil && f != 0 && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// point returns three numbers as an array, zero when there are none.
func point(v []float64) (p [3]float64) {
	copy(p[:], v)
	return p
}
