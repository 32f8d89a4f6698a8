package simulator

import "math"

// hash is a number made from a seed and texts; equal input gives an equal number on every machine.
func hash(seed uint64, texts ...string) uint64 {
	h := mix(seed ^ 0x9e3779b97f4a7c15)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		h = mix(h ^ 0xff)
	}
	return h
}

// mix is the finisher of SplitMix64.
//
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// uniform is a number in [0, 1) for the n-th place of a stream.
func uniform(stream uint64, n int64) float64 {
	return float64(mix(stream+uint64(n)*0x9e3779b97f4a7c15)>>11) / (1 << 53)
}

// normal is a normally distributed number with mean 0 and deviation 1 for the n-th place of a stream.
//
// Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
func normal(stream uint64, n int64) float64 {
	return math.Sqrt(-2*math.Log(1-uniform(stream, 2*n))) * math.Cos(2*math.Pi*uniform(stream, 2*n+1))
}

// wander is a number in [0, 1] that changes smoothly with x, about once per 1: four octaves of noise on a lattice, so that
// any place costs the same.
func wander(stream uint64, x float64) float64 {
	sum, weight := 0.0, 1.0
	const octaves, all = 4, 1 + 0.5 + 0.25 + 0.125
	for octave := range octaves {
		at := math.Floor(x)
		u := x - at
		u = u * u * (3 - 2*u)
		own := mix(stream + uint64(octave))
		sum += weight * ((1-u)*uniform(own, int64(at)) + u*uniform(own, int64(at)+1))
		weight, x = weight/2, x*2
	}
	return min(1, max(0, 0.5+(sum/all-0.5)*1.6))
}
