package scenes

import (
	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema"
)

// slotKind is the kind of value a slot has.
type slotKind uint8

const (
	stateSlot slotKind = iota
	scalarSlot
	textSlot
)

var slotKindNames = [...]string{"state", "scalar", "text"}

// Slot is one output of a scene: what it drives, as the slot table in the first message says it. See FRAMES.md.
type Slot struct {
	Slot       int            `json:"slot"`
	Kind       string         `json:"kind"`
	Document   string         `json:"document,omitempty"`
	Node       *int           `json:"node,omitempty"`
	Anchor     string         `json:"anchor,omitempty"`
	Entity     graph.EntityID `json:"entity,omitempty"`
	Name       string         `json:"name,omitempty"`
	Effect     EffectName     `json:"effect"`
	Channel    string         `json:"channel,omitempty"`
	Rule       string         `json:"rule,omitempty"`
	Axis       *[3]float64    `json:"axis,omitempty"`
	Clip       *int           `json:"clip,omitempty"`
	Icon       *int           `json:"icon,omitempty"`
	Layer      string         `json:"layer,omitempty"`
	Priority   int            `json:"priority,omitempty"`
	StaleAfter int64          `json:"staleAfter,omitempty"` // ms
}

// program is how the value of a slot comes from its inputs.
type program struct {
	kind    slotKind
	inputs  []int32  // into table.inputs
	channel *Channel // scalars
	nature  nature
	text    *textTemplate // texts; Paths[i] is inputs[i]
}

// iconEffect is the effect of a slot that only picks the icon of a tag.
const iconEffect EffectName = "icon"

// table is a scene resolved against one revision of the graph: its slots and what they depend on.
type table struct {
	header   header
	slots    []Slot
	programs []program
	inputs   []live.Input
	users    [][]int32 // the inverted index: the slots of each input
	// watched says which changes of the graph can change the table.
	watched watched
}

// watched is what a table was made from.
type watched struct {
	types    map[schema.TypeName]bool // of templates
	entities map[graph.EntityID]bool
	columns  map[schema.Path]bool
	within   map[string]bool // relations of the hierarchies
}

// affected says whether a change of the graph can change the table.
func (w *watched) affected(scene string, c *graph.Change) bool {
	for _, a := range c.Artifacts {
		if a.Kind == graph.ArtifactScene && a.Name == scene {
			return true
		}
	}
	for i := range c.Entities {
		e := &c.Entities[i]
		if !w.types[e.Type] && !w.entities[e.ID] {
			continue
		}
		if e.Op != graph.Update {
			return true
		}
		for _, path := range e.Paths {
			if w.columns[path] {
				return true
			}
		}
	}
	for i := range c.Relationships {
		if w.within[c.Relationships[i].Relation] {
			return true
		}
	}
	return false
}

// header is the scene as the first message shows it. See FRAMES.md.
type header struct {
	ID         string                  `json:"id"`
	Title      string                  `json:"title,omitempty"`
	Revision   graph.Revision          `json:"revision"`
	Parameters map[string]string       `json:"parameters,omitempty"`
	Choices    map[string]choice       `json:"choices,omitempty"`
	Documents  []placed                `json:"documents"`
	Anchors    map[string]placedAnchor `json:"anchors"`
	Layers     map[string]shownLayer   `json:"layers,omitempty"`
	Views      map[string]shownView    `json:"views"`
	Palette    map[string]shownLook    `json:"palette"`
	Problems   []string                `json:"problems"`
}

// choice is what can be chosen for a parameter: any entity of a type.
type choice struct {
	Type  schema.TypeName `json:"type"`
	Title string          `json:"title,omitempty"`
}

type placed struct {
	ID       string         `json:"id"`
	Hash     string         `json:"hash,omitempty"`
	URL      string         `json:"url,omitempty"`
	NodesURL string         `json:"nodesUrl,omitempty"`
	Missing  bool           `json:"missing"`
	Layer    string         `json:"layer,omitempty"`
	At       shownTransform `json:"at"`
}

type shownTransform struct {
	Position [3]float64 `json:"position"`
	Rotation [3]float64 `json:"rotation"`
	Scale    any        `json:"scale"` // a number, or three
}

type placedAnchor struct {
	Position [3]float64 `json:"position"`
	Title    string     `json:"title,omitempty"`
}

type shownLayer struct {
	Title  string `json:"title,omitempty"`
	Hidden bool   `json:"hidden,omitempty"`
}

type shownView struct {
	Position [3]float64 `json:"position"`
	Target   [3]float64 `json:"target"`
}

type shownLook struct {
	Color    string `json:"color"`
	Icon     string `json:"icon"`
	Severity int    `json:"severity"`
	Pulse    bool   `json:"pulse,omitempty"`
}

func (t Transform) shown() shownTransform {
	factors, _ := scaling(t.Scale)
	shown := shownTransform{Position: point(t.Position), Rotation: point(t.Rotation), Scale: factors}
	if factors[0] == factors[1] && factors[1] == factors[2] {
		shown.Scale = factors[0]
	}
	return shown
}

// newHeader returns the parts of the header that the scene document alone decides.
func newHeader(id string, s *Scene) header {
	h := header{
		ID: id, Title: s.Title, Anchors: map[string]placedAnchor{}, Layers: map[string]shownLayer{}, Views: map[string]shownView{},
		Palette: map[string]shownLook{}, Choices: map[string]choice{}, Documents: []placed{}, Problems: []string{},
	}
	for name, p := range s.Parameters {
		h.Choices[name] = choice{Type: p.Type, Title: p.Title}
	}
	for name, a := range s.Anchors {
		h.Anchors[name] = placedAnchor{Position: point(a.Position), Title: a.Title}
	}
	for name, l := range s.Layers {
		h.Layers[name] = shownLayer{Title: l.Title, Hidden: l.Hidden}
	}
	for name, v := range s.Views {
		h.Views[name] = shownView{Position: point(v.Position), Target: point(v.Target)}
	}
	for name, look := range s.Looks() {
		h.Palette[name] = shownLook{Color: look.Color, Icon: look.Icon, Severity: look.Severity, Pulse: look.Pulse}
	}
	return h
}
