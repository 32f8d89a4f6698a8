package twinmaker

import (
	"math"

	"mereon/scenes/gltfdoc"
)

// bounds is the axis-aligned box around what a scene places; the zero value holds nothing.
type bounds struct {
	low, high [3]float64
	any       bool
}

// add widens the box to hold a point.
func (b *bounds) add(p [3]float64) {
	for k := range 3 {
		if !b.any || p[k] < b.low[k] {
			b.low[k] = p[k]
		}
		if !b.any || p[k] > b.high[k] {
			b.high[k] = p[k]
		}
	}
	b.any = true
}

// addModel widens the box to hold a model at its place.
func (b *bounds) addModel(model *gltfdoc.Document, world matrix) {
	for corner := range 8 {
		var p [3]float64
		for k := range 3 {
			p[k] = model.Bounds[corner>>k&1][k]
		}
		b.add(world.point(p))
	}
}

// overviewDistance is how many radii away a camera sees a sphere whole: the viewer opens 38 degrees.
const overviewDistance = 2.8

// overview looks at the whole box from above the corner that is nearest to front.
func (b *bounds) overview(front [3]float64) viewYAML {
	var target [3]float64
	radius := 0.0
	for k := range 3 {
		target[k] = (b.low[k] + b.high[k]) / 2
		radius += math.Pow((b.high[k]-b.low[k])/2, 2)
	}
	distance := max(math.Sqrt(radius), 1) * overviewDistance
	direction := [3]float64{0.62, 0.48, 0.62}
	for k := range 3 {
		if k != 1 && front[k] < target[k]-0.1*(b.high[k]-b.low[k]) {
			direction[k] = -direction[k]
		}
	}
	view := viewYAML{}
	for k := range 3 {
		view.Position = append(view.Position, round(target[k]+distance*direction[k]))
		view.Target = append(view.Target, round(target[k]))
	}
	return view
}

// overview shows what is there; where no model is, the places of what is missing. People put tags where they can be seen,
// so the camera stands on their side.
func (b *builder) overview() {
	box := b.bounds
	if !box.any {
		box = b.missing
	}
	var front [3]float64
	for _, anchor := range b.out.Anchors {
		for k, x := range anchor.Position {
			front[k] += x / float64(len(b.out.Anchors))
		}
		box.add([3]float64(anchor.Position))
	}
	if len(b.out.Anchors) == 0 {
		front = box.high
	}
	if box.any {
		b.out.Views["overview"] = box.overview(front)
	}
}
