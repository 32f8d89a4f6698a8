package scenes

import (
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/fault"
)

// Scene is a scene document as written. Names within it are unique per kind.
type Scene struct {
	Position    fault.Position       `yaml:"-,position"`
	Version     int                  `yaml:"version"` // of the format: 1, also when left out
	Name        string               `yaml:"scene,required"`
	Title       string               `yaml:"title"`
	Description string               `yaml:"description"`
	Parameters  map[string]Parameter `yaml:"parameters"`
	Documents   []Placement          `yaml:"documents"`
	Anchors     map[string]Anchor    `yaml:"anchors"`
	Bindings    []Binding            `yaml:"bindings"`
	Templates   []Template           `yaml:"templates"`
	Layers      map[string]Layer     `yaml:"layers"`
	Views       map[string]Camera    `yaml:"views"`
	Palette     map[string]Look      `yaml:"palette"`
	// StaleAfter is when a viewer shows a value as stale that nobody followed up, unless the property says otherwise; 0: never.
	StaleAfter time.Duration `yaml:"staleAfter"`

	file schema.File
}

// Parameter is a choice a viewer of the scene makes: an entity of a type.
type Parameter struct {
	Position fault.Position  `yaml:"-,position"`
	Type     schema.TypeName `yaml:"type,required"`
	Default  string          `yaml:"default"`
	Title    string          `yaml:"title"`
}

// Placement is a glTF document placed in space.
type Placement struct {
	Position fault.Position `yaml:"-,position"`
	ID       string         `yaml:"id,required"`
	File     string         `yaml:"file,required"` // below the project folder, slash-separated
	At       Transform      `yaml:"at"`
	Layer    string         `yaml:"layer"`
}

// Transform places something: metres, degrees about x, then y, then z, and a factor or one factor per axis.
type Transform struct {
	Position []float64 `yaml:"position"`
	Rotation []float64 `yaml:"rotation"`
	Scale    yaml.Node `yaml:"scale"` // a number or three
}

// Anchor is a point in space without a model.
type Anchor struct {
	At       fault.Position `yaml:"-,position"`
	Position []float64      `yaml:"position,required"` // metres
	Title    string         `yaml:"title"`
}

// Layer is a group of bindings that a viewer can hide.
type Layer struct {
	Title  string `yaml:"title"`
	Hidden bool   `yaml:"hidden"` // at first
}

// Camera is a named view.
type Camera struct {
	At       fault.Position `yaml:"-,position"`
	Position []float64      `yaml:"position,required"`
	Target   []float64      `yaml:"target,required"`
}

// Look is how a state looks. Severity is 0 (normal) to 4 (critical).
type Look struct {
	At       fault.Position `yaml:"-,position"`
	Color    string         `yaml:"color"` // #rrggbb, "" leaves the model's own
	Icon     string         `yaml:"icon"`
	Severity int            `yaml:"severity"`
	Pulse    bool           `yaml:"pulse"`
}

// Binding ties one entity to a node, a whole document or an anchor.
type Binding struct {
	At      fault.Position `yaml:"-,position"`
	Node    *Node          `yaml:"node"`
	Anchor  string         `yaml:"anchor"`
	Entity  string         `yaml:"entity,required"` // an id, or {parameter}
	Layer   string         `yaml:"layer"`
	Effects []Effect       `yaml:"effects,required"`
}

// Template ties every entity of a type to a node of its own, found by a template over the entity's values.
type Template struct {
	At      fault.Position `yaml:"-,position"`
	Every   Every          `yaml:"every,required"`
	Node    *Node          `yaml:"node,required"`
	Layer   string         `yaml:"layer"`
	Effects []Effect       `yaml:"effects,required"`
}

// Every selects entities: of a type or what extends it, below an entity in a hierarchy.
type Every struct {
	At     fault.Position  `yaml:"-,position"`
	Type   schema.TypeName `yaml:"type,required"`
	Within *Within         `yaml:"within"`
}

// Within restricts to what is below an entity, itself excluded. Of is an id, or {parameter}.
type Within struct {
	At        fault.Position `yaml:"-,position"`
	Hierarchy string         `yaml:"hierarchy,required"`
	Of        string         `yaml:"of,required"`
}

// Node is the address of a node as written; see Address. In its texts {path} stands for a stored value of the entity.
type Node struct {
	At          fault.Position    `yaml:"-,position"`
	Document    string            `yaml:"document,required"`
	Extras      map[string]string `yaml:"extras"`
	Path        string            `yaml:"path"`
	Name        string            `yaml:"name"`
	Fingerprint *Fingerprint      `yaml:"fingerprint"`
}

// Effect is what a binding does to its node: exactly one of the fields is given.
type Effect struct {
	At             fault.Position `yaml:"-,position"`
	Color          *Channel       `yaml:"color"`
	Emissive       *Channel       `yaml:"emissive"`
	Opacity        *Channel       `yaml:"opacity"`
	Visible        *Channel       `yaml:"visible"`
	AnimationSpeed *Channel       `yaml:"animationSpeed"`
	AnimationTime  *Channel       `yaml:"animationTime"`
	Rotate         *Channel       `yaml:"rotate"`
	Translate      *Channel       `yaml:"translate"`
	Scale          *Channel       `yaml:"scale"`
	Fill           *Channel       `yaml:"fill"`
	Tag            *Tag           `yaml:"tag"`
}

// Channel says where the value of an effect comes from: exactly one of Rule, Input and Fixed.
type Channel struct {
	At       fault.Position `yaml:"-,position"`
	Rule     string         `yaml:"rule"`  // a rule set: its state, or its scalar for numbers
	Input    schema.Path    `yaml:"input"` // a numeric property
	Fixed    *float64       `yaml:"fixed"` // numbers only
	From     []float64      `yaml:"from"`  // with input or a rule's scalar: this range ...
	To       []float64      `yaml:"to"`    // ... becomes this one; values beyond it are held at its ends
	Clip     string         `yaml:"clip"`  // animations: a clip of the document by name, or by index when it is a number
	Axis     []float64      `yaml:"axis"`  // motions: along or about it, in the node's own space
	Priority int            `yaml:"priority"`
}

// Tag is a label at a node or anchor. In Text, {path} stands for a value and {path:1} for one with one decimal.
type Tag struct {
	At       fault.Position `yaml:"-,position"`
	Text     string         `yaml:"text"`
	Icon     *Channel       `yaml:"icon"` // a rule
	Priority int            `yaml:"priority"`
}
