package simulator

import (
	"math"
	"slices"
	"time"

	"mereon/schema"
	"mereon/schema/fault"
)

// formula gives the number of a series at a time. Texts are numbers too: their place in a list.
type formula interface {
	// at is the number at t, in nanoseconds since 1970; local is t counted from the key's place in the cycle.
	at(s *series, t, local int64) float64
	// length is that of one cycle, 0 when there is none.
	length() time.Duration
}

type constant float64

func (c constant) at(*series, int64, int64) float64 { return float64(c) }
func (c constant) length() time.Duration            { return 0 }

type sine struct {
	Mean      float64       `yaml:"mean"`
	Amplitude float64       `yaml:"amplitude,required"`
	Period    time.Duration `yaml:"period,required"`
	At        fault.Position
}

func (f *sine) at(_ *series, _, local int64) float64 {
	return f.Mean + f.Amplitude*math.Sin(2*math.Pi*float64(modulo(local, int64(f.Period)))/float64(f.Period))
}

func (f *sine) length() time.Duration { return f.Period }

// cycle is a list of points that repeats.
type cycle struct {
	Cycle  time.Duration     `yaml:"cycle,required"`
	Points map[string]scalar `yaml:"at,required"`
	At     fault.Position

	places  []int64 // sorted
	numbers []float64
	texts   []string // of numbers, when they are texts
	kind    string
}

// prepare sorts the points; it returns every mistake.
func (f *cycle) prepare() (problems fault.List) {
	wrong := func(at fault.Position, text string) {
		problems = append(problems, fault.Problem{Position: at, Message: text})
	}
	if f.Cycle <= 0 || len(f.Points) == 0 {
		wrong(f.At, "a cycle must be longer than 0s and have at least one point")
		return problems
	}
	type point struct {
		place int64
		scalar
	}
	var points []point
	for text, value := range f.Points {
		d, err := schema.ParseDuration(text)
		switch {
		case err != nil:
			wrong(value.at, err.Error())
		case d < 0:
			wrong(value.at, "the point "+text+" is before the beginning of the cycle")
		case d > f.Cycle:
			wrong(value.at, "the point "+text+" is behind the end of the cycle")
		}
		points = append(points, point{int64(d), value})
	}
	slices.SortFunc(points, func(a, b point) int { return int(min(1, max(-1, a.place-b.place))) })
	f.kind = points[0].kind
	for i, p := range points {
		if p.kind != f.kind {
			wrong(p.scalar.at, "all points must be numbers, or all texts, or all true or false")
		}
		if i > 0 && p.place == points[i-1].place {
			wrong(p.scalar.at, "two points are at the same time")
		}
		f.places = append(f.places, p.place)
		number := p.number
		if p.kind == "string" {
			number = float64(len(f.texts))
			f.texts = append(f.texts, p.text)
		}
		f.numbers = append(f.numbers, number)
	}
	return problems
}

func (f *cycle) length() time.Duration { return f.Cycle }

// find returns the place in the cycle, and the index of the point before it.
func (f *cycle) find(local int64) (place int64, before int) {
	place = modulo(local, int64(f.Cycle))
	i, exact := slices.BinarySearch(f.places, place)
	if !exact {
		i--
	}
	if i < 0 {
		i = len(f.places) - 1
	}
	return place, i
}

type steps struct{ *cycle }

func (f steps) at(_ *series, _, local int64) float64 {
	_, i := f.find(local)
	return f.numbers[i]
}

type ramp struct{ *cycle }

func (f ramp) at(_ *series, _, local int64) float64 {
	place, i := f.find(local)
	next := (i + 1) % len(f.places)
	from, to := f.places[i], f.places[next]
	if to <= from {
		to += int64(f.Cycle)
	}
	if place < from {
		place += int64(f.Cycle)
	}
	if to == from {
		return f.numbers[i]
	}
	u := float64(place-from) / float64(to-from)
	return f.numbers[i] + u*(f.numbers[next]-f.numbers[i])
}

type walk struct {
	Between []float64     `yaml:"between,required"`
	Turn    time.Duration `yaml:"turn,required"`
	At      fault.Position
}

func (f *walk) at(s *series, t, _ int64) float64 {
	return f.Between[0] + (f.Between[1]-f.Between[0])*wander(s.own, float64(t)/float64(f.Turn))
}

func (f *walk) length() time.Duration { return 0 }

type pick struct {
	From    []scalar      `yaml:"from,required"`
	Weights []float64     `yaml:"weights"`
	Every   time.Duration `yaml:"every,required"`
	At      fault.Position

	sum float64
}

func (f *pick) at(s *series, _, local int64) float64 {
	u := uniform(s.own, floor(local, int64(f.Every))) * f.sum
	for i, w := range f.Weights {
		if u -= w; u < 0 {
			return f.number(i)
		}
	}
	return f.number(len(f.From) - 1)
}

func (f *pick) number(i int) float64 {
	if f.From[i].kind == "string" {
		return float64(i)
	}
	return f.From[i].number
}

func (f *pick) length() time.Duration { return f.Every }

type computed struct{ program *program }

func (f computed) at(s *series, t, _ int64) float64 {
	return f.program.run(s, t)
}

func (f computed) length() time.Duration { return 0 }

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func modulo(a, b int64) int64 { return a - floor(a, b)*b }
