package twinmaker

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"mereon/graph/exchange"
)

// sceneFile is a scene document of the service, specVersion 1.x.
type sceneFile struct {
	file  string
	name  string
	nodes []sceneNode
	roots []int
	rules map[string]ruleMap
	unit  string
	// template holds the values that ${name} stands for unless a dashboard says otherwise.
	template map[string]string
}

type sceneDocument struct {
	SpecVersion json.RawMessage    `json:"specVersion"`
	Unit        string             `json:"unit"`
	Nodes       []sceneNode        `json:"nodes"`
	Roots       []int              `json:"rootNodeIndexes"`
	Rules       map[string]ruleMap `json:"rules"`
	Properties  struct {
		DataBindingConfig struct {
			Template map[string]string `json:"template"`
		} `json:"dataBindingConfig"`
	} `json:"properties"`
}

type sceneNode struct {
	Name       string           `json:"name"`
	Transform  placed           `json:"transform"`
	Children   []int            `json:"children"`
	Components []sceneComponent `json:"components"`
}

type sceneComponent struct {
	Type              string                   `json:"type"`
	URI               string                   `json:"uri"`
	ModelType         string                   `json:"modelType"`
	UnitOfMeasure     string                   `json:"unitOfMeasure"`
	LocalScale        []float64                `json:"localScale"`
	Selector          any                      `json:"selector"`
	RuleBasedMapID    string                   `json:"ruleBasedMapId"`
	ValueDataBinding  *dataBinding             `json:"valueDataBinding"`
	Offset            []float64                `json:"offset"`
	NavLink           json.RawMessage          `json:"navLink"`
	Shape             string                   `json:"shape"`
	ValueDataBindings map[string]motionBinding `json:"-"`
	RawBindings       json.RawMessage          `json:"valueDataBindings"`
	DataRows          []struct {
		Content string `json:"content"`
	} `json:"dataRows"`
}

type motionBinding struct {
	ValueDataBinding *dataBinding `json:"valueDataBinding"`
	RuleBasedMapID   string       `json:"ruleBasedMapId"`
}

type dataBinding struct {
	Context struct {
		EntityID      string `json:"entityId"`
		ComponentName string `json:"componentName"`
		PropertyName  string `json:"propertyName"`
	} `json:"dataBindingContext"`
}

func (w *workspace) takeScene(name string, data []byte) error {
	var d sceneDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return jsonError(data, err)
	}
	version := strings.Trim(string(d.SpecVersion), `"`)
	if !strings.HasPrefix(version, "1.") {
		return fmt.Errorf("$.specVersion: scenes of version 1.x are read, this is %q", version)
	}
	if _, known := metres[d.Unit]; !known {
		return fmt.Errorf("$.unit: the unit %q is not known", d.Unit)
	}
	parents := make([]int, len(d.Nodes))
	for i := range d.Nodes {
		for _, child := range d.Nodes[i].Children {
			if child < 0 || child >= len(d.Nodes) {
				return fmt.Errorf("$.nodes[%d].children: there is no node %d", i, child)
			}
			if parents[child]++; parents[child] > 1 {
				return fmt.Errorf("$.nodes[%d].children: node %d has two parents", i, child)
			}
		}
	}
	for _, r := range d.Roots {
		if r < 0 || r >= len(d.Nodes) || parents[r] > 0 {
			return fmt.Errorf("$.rootNodeIndexes: node %d is no root", r)
		}
	}
	w.scenes = append(w.scenes, &sceneFile{
		file: name, name: strings.TrimSuffix(strings.TrimSuffix(path.Base(name), path.Ext(name)), ".scene"), nodes: d.Nodes, roots: d.Roots, rules: d.Rules, unit: d.Unit,
		template: d.Properties.DataBindingConfig.Template,
	})
	return nil
}

// The scene document that is written, in the order of its keys.
type sceneYAML struct {
	Scene      string                   `yaml:"scene"`
	Title      string                   `yaml:"title"`
	Parameters map[string]parameterYAML `yaml:"parameters,omitempty"`
	Documents  []documentYAML           `yaml:"documents,omitempty"`
	Anchors    map[string]anchorYAML    `yaml:"anchors,omitempty"`
	Bindings   []bindingYAML            `yaml:"bindings,omitempty"`
	Views      map[string]viewYAML      `yaml:"views,omitempty"`
	Palette    map[string]look          `yaml:"palette,omitempty"`
}

type parameterYAML struct {
	Type    string `yaml:"type"`
	Default string `yaml:"default,omitempty"`
}

type documentYAML struct {
	ID   string    `yaml:"id"`
	File string    `yaml:"file"`
	At   transform `yaml:"at"`
}

type anchorYAML struct {
	Position []float64 `yaml:"position,flow"`
	Title    string    `yaml:"title,omitempty"`
}

type viewYAML struct {
	Position []float64 `yaml:"position,flow"`
	Target   []float64 `yaml:"target,flow"`
}

type bindingYAML struct {
	Node    map[string]string `yaml:"node,omitempty,flow"`
	Anchor  string            `yaml:"anchor,omitempty"`
	Entity  string            `yaml:"entity"`
	Effects []map[string]any  `yaml:"effects"`
}

// builder makes one scene document.
type builder struct {
	scene     *sceneFile
	w         *workspace
	model     *model
	rules     *rulebook
	report    *exchange.Report
	out       sceneYAML
	ids       *namer // of documents and anchors
	views     *namer
	motions   map[string]bool
	parameter map[string]bool
	models    map[string]*modelFile // by id of the document
	bounds    bounds                // of the models that are there
	missing   bounds                // of the places of the others
}

func (b *builder) finding(node int, format string, args ...any) exchange.Finding {
	return exchange.Finding{File: b.scene.file, Path: fmt.Sprintf("$.nodes[%d]", node), Message: fmt.Sprintf(format, args...)}
}

func (b *builder) warn(node int, format string, args ...any) {
	b.report.Warnings = append(b.report.Warnings, b.finding(node, format, args...))
}

func (b *builder) unmapped(node int, format string, args ...any) {
	b.report.Unmapped = append(b.report.Unmapped, b.finding(node, format, args...))
}

// build walks the nodes from the roots with their world transforms.
func (b *builder) build() sceneYAML {
	b.out = sceneYAML{Scene: slug(b.scene.name), Title: b.scene.name, Parameters: map[string]parameterYAML{}, Anchors: map[string]anchorYAML{}, Views: map[string]viewYAML{}, Palette: map[string]look{}}
	unit := metres[b.scene.unit]
	world := matrix{0: unit, 5: unit, 10: unit, 15: 1}
	for _, r := range b.scene.roots {
		b.node(r, world, "", 0)
	}
	b.overview()
	return b.out
}

const maxSceneDepth = 200

func (b *builder) node(i int, parent matrix, document string, depth int) {
	if depth > maxSceneDepth {
		b.unmapped(i, "nested deeper than %d levels", maxSceneDepth)
		return
	}
	n := &b.scene.nodes[i]
	world := parent.times(n.Transform.matrix())
	b.report.Counts["scene nodes"]++
	for c := range n.Components {
		if n.Components[c].Type == "ModelRef" {
			document = b.place(i, &n.Components[c], world)
		}
	}
	for c := range n.Components {
		b.component(i, &n.Components[c], world, document)
	}
	for _, child := range n.Children {
		b.node(child, world, document, depth+1)
	}
}

// place puts a model into the scene and returns its id.
func (b *builder) place(i int, c *sceneComponent, world matrix) string {
	b.report.Counts["models placed"]++
	factor := metres[c.UnitOfMeasure]
	if factor == 0 {
		factor = 1
	}
	scale := placed{Scale: []float64{factor, factor, factor}}
	if len(c.LocalScale) == 3 {
		scale.Scale = c.LocalScale
	}
	id := b.ids.quiet(slugID(b.scene.nodes[i].Name))
	if c.ModelType == "Tiles3D" {
		b.unmapped(i, "3D Tiles are not read; %s is left out", c.URI)
	}
	m, file := b.w.model(c.URI), "assets/"+path.Base(path.Clean("/"+c.URI))
	if m == nil {
		b.warn(i, "the model %s is not in the source; what is bound to it is drawn as boxes. Put it under assets/", c.URI)
		m = &modelFile{}
	} else {
		file = m.target
	}
	b.models[id] = m
	at := world.times(scale.matrix())
	if m.document == nil || m.document.Bounds == nil {
		b.missing.add(at.point([3]float64{}))
	} else {
		b.bounds.addModel(m.document, at)
	}
	b.out.Documents = append(b.out.Documents, documentYAML{ID: id, File: file, At: at.transform()})
	return id
}

func slugID(name string) string { return strings.ReplaceAll(slug(name), "-", "_") }
