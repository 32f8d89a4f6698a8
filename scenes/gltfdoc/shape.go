package gltfdoc

// kind is the JSON kind a property must have.
type kind uint8

const (
	anything kind = iota
	aBool
	anInteger
	aNumber
	aString
	anObject
	anArray
	aMap // an object with free keys and values of one kind
)

// property is the rule for one property of an object.
type property struct {
	kind     kind
	required bool
	shape    *shape    // anObject
	item     *property // anArray, aMap
	target   string    // an index into this collection of the root, or of an extension: "KHR_lights_punctual.lights"
	min, max *float64
	above    *float64 // exclusive minimum
	multiple int
	lengths  []int // allowed lengths of an array
	unique   bool  // elements of an array differ
	integers []int // allowed values; another is a warning, as newer versions may add some
	strings  []string
	needs    string // another property that must be there too
}

// shape is the rule for one kind of object.
type shape struct {
	name       string
	properties map[string]*property
	extensions map[string]*shape
	oneOf      []string // exactly one of these must be there
}

func boolean() *property            { return &property{kind: aBool} }
func integer() *property            { return &property{kind: anInteger} }
func number() *property             { return &property{kind: aNumber} }
func text() *property               { return &property{kind: aString} }
func object(s *shape) *property     { return &property{kind: anObject, shape: s} }
func array(p *property) *property   { return &property{kind: anArray, item: p} }
func mapOf(p *property) *property   { return &property{kind: aMap, item: p} }
func index(target string) *property { return &property{kind: anInteger, target: target} }

// vector is an array of exactly n numbers.
func vector(n int) *property { return &property{kind: anArray, item: number(), lengths: []int{n}} }

// fraction is a number from 0 to 1.
func fraction() *property { return number().between(0, 1) }

// color is an array of n fractions.
func color(n int) *property { return &property{kind: anArray, item: fraction(), lengths: []int{n}} }

func (p *property) must() *property                { p.required = true; return p }
func (p *property) atLeast(f float64) *property    { p.min = &f; return p }
func (p *property) moreThan(f float64) *property   { p.above = &f; return p }
func (p *property) between(a, b float64) *property { p.min, p.max = &a, &b; return p }
func (p *property) distinct() *property            { p.unique = true; return p }
func (p *property) oneOf(values ...int) *property  { p.integers = values; return p }
func (p *property) among(values ...string) *property {
	p.strings = values
	return p
}
func (p *property) with(name string) *property { p.needs = name; return p }

// textureInfo is the shape of a reference to a texture, with more properties where the place has some.
func textureInfo(name string, more map[string]*property) *shape {
	s := &shape{name: name, properties: map[string]*property{
		"index": index("textures").must(), "texCoord": integer().atLeast(0),
	}, extensions: map[string]*shape{"KHR_texture_transform": textureTransform}}
	for key, p := range more {
		s.properties[key] = p
	}
	return s
}

var textureTransform = &shape{name: "KHR_texture_transform", properties: map[string]*property{
	"offset": vector(2), "rotation": number(), "scale": vector(2), "texCoord": integer().atLeast(0),
}}
