package scenes

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"mereon/scenes/gltfdoc"
)

// Address names a node of a document so that it is found again in a later export. The ways are tried in the order of the
// fields: the extras, the path, the name; the first that is given decides, the others and the fingerprint only help when
// it fails. An address with none of them is the whole document.
type Address struct {
	Extras map[string]string // all must match: the node's id-like extras
	Path   string            // as in the node table: Line A/Pump[2]
	Name   string            // must be unique
	// Fingerprint is what the node looked like when it was bound, nil when that was not kept.
	Fingerprint *Fingerprint
}

// Whole says whether the address names the document itself.
func (a Address) Whole() bool { return len(a.Extras) == 0 && a.Path == "" && a.Name == "" }

func (a Address) String() string {
	switch {
	case len(a.Extras) > 0:
		var parts []string
		for key, value := range a.Extras {
			parts = append(parts, key+": "+value)
		}
		slices.Sort(parts)
		return "extras {" + strings.Join(parts, ", ") + "}"
	case a.Path != "":
		return fmt.Sprintf("path %q", a.Path)
	case a.Name != "":
		return fmt.Sprintf("name %q", a.Name)
	}
	return "the whole document"
}

// Fingerprint is how a node is recognised after it was renamed: where it is and what it is made of.
type Fingerprint struct {
	Box       gltfdoc.Box `yaml:"box"`
	Triangles int         `yaml:"triangles"`
	Materials []string    `yaml:"materials"` // names
}

// FingerprintOf returns the fingerprint of a node, nil when nothing is drawn for it.
func FingerprintOf(doc *gltfdoc.Document, node int) *Fingerprint {
	n := &doc.Nodes[node]
	if n.Box == nil {
		return nil
	}
	f := &Fingerprint{Box: *n.Box, Triangles: n.Triangles}
	for _, m := range n.Materials {
		f.Materials = append(f.Materials, doc.Materials[m])
	}
	return f
}

// Outcome says how far an address leads.
type Outcome string

const (
	Exact     Outcome = "exact"     // by the way the address is written
	Moved     Outcome = "moved"     // by another way; the address should be written anew
	Ambiguous Outcome = "ambiguous" // several nodes match; none is taken
	Lost      Outcome = "lost"      // no node matches
)

// Resolution is what an address means in one document.
type Resolution struct {
	Outcome Outcome
	Node    int    // index, -1 for the whole document and when no node was found
	By      string // extras, path, name, fingerprint or document
	// Candidates are the nodes that match, when several do, or the nearest ones, when none does; at most five.
	Candidates []string
}

// Resolver finds nodes of one document by address. It is immutable.
type Resolver struct {
	doc     *gltfdoc.Document
	byPath  map[string][]int
	byName  map[string][]int
	byExtra map[[2]string][]int
	byLook  map[string][]int // triangles and materials
}

// NewResolver indexes a document.
func NewResolver(doc *gltfdoc.Document) *Resolver {
	r := &Resolver{doc: doc, byPath: map[string][]int{}, byName: map[string][]int{}, byExtra: map[[2]string][]int{}, byLook: map[string][]int{}}
	for i := range doc.Nodes {
		n := &doc.Nodes[i]
		r.byPath[n.Path] = append(r.byPath[n.Path], i)
		r.byName[n.Name] = append(r.byName[n.Name], i)
		if f := FingerprintOf(doc, i); f != nil {
			r.byLook[f.look()] = append(r.byLook[f.look()], i)
		}
		for key, value := range n.Extras {
			r.byExtra[[2]string{key, value}] = append(r.byExtra[[2]string{key, value}], i)
		}
	}
	return r
}

// Resolve finds the node an address names; when there is none it looks for what was probably meant.
func (r *Resolver) Resolve(a Address) Resolution {
	found := r.find(a)
	if found.Outcome == Lost {
		found.Candidates = r.nearest(a)
	}
	return found
}

// find is Resolve without candidates for a lost address: to compare with every node takes its time.
func (r *Resolver) find(a Address) Resolution {
	if a.Whole() {
		return Resolution{Outcome: Exact, Node: -1, By: "document"}
	}
	first := true
	var several []int
	for _, way := range r.ways(a) {
		if !way.given {
			continue
		}
		nodes := way.find()
		switch {
		case len(nodes) == 1 && first:
			return Resolution{Outcome: Exact, Node: nodes[0], By: way.name}
		case len(nodes) == 1:
			return Resolution{Outcome: Moved, Node: nodes[0], By: way.name}
		case len(nodes) > 1 && several == nil:
			several = nodes
		}
		first = false
	}
	if several != nil {
		return Resolution{Outcome: Ambiguous, Node: -1, Candidates: r.describe(several)}
	}
	return Resolution{Outcome: Lost, Node: -1}
}

// way is one way to find a node.
type way struct {
	name  string
	given bool
	find  func() []int
}

func (r *Resolver) ways(a Address) [4]way {
	return [4]way{
		{"extras", len(a.Extras) > 0, func() []int { return r.extras(a.Extras) }},
		{"path", a.Path != "", func() []int { return r.byPath[a.Path] }},
		{"name", a.Name != "", func() []int { return r.byName[a.Name] }},
		{"fingerprint", a.Fingerprint != nil, func() []int { return r.fingerprint(a.Fingerprint) }},
	}
}

// extras returns the nodes that hold every one of the extras.
func (r *Resolver) extras(extras map[string]string) (nodes []int) {
	first := true
	for key, value := range extras {
		found := r.byExtra[[2]string{key, value}]
		if first {
			nodes, first = slices.Clone(found), false
			continue
		}
		nodes = slices.DeleteFunc(nodes, func(n int) bool { return !slices.Contains(found, n) })
	}
	return nodes
}

// boxTolerance is how far a corner may have moved, as a part of the document's diagonal: exporters quantise positions.
const boxTolerance = 0.002

func (r *Resolver) fingerprint(f *Fingerprint) (nodes []int) {
	if r.doc.Bounds == nil {
		return nil
	}
	tolerance := boxTolerance * r.doc.Bounds.Diagonal()
	for _, i := range r.byLook[f.look()] {
		if near(*r.doc.Nodes[i].Box, f.Box, tolerance) {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// look is equal for nodes with the same number of triangles and the same materials.
func (f *Fingerprint) look() string { return fmt.Sprintf("%d %q", f.Triangles, f.Materials) }

func near(a, b gltfdoc.Box, tolerance float64) bool {
	for side := range 2 {
		for axis := range 3 {
			if math.Abs(a[side][axis]-b[side][axis]) > tolerance {
				return false
			}
		}
	}
	return true
}

const maxCandidates = 5

func (r *Resolver) describe(nodes []int) (texts []string) {
	for _, n := range nodes[:min(len(nodes), maxCandidates)] {
		texts = append(texts, r.doc.Nodes[n].Path)
	}
	return texts
}

// nearest returns what was probably meant: values of the same extras key, or paths and names that are spelled alike.
func (r *Resolver) nearest(a Address) []string {
	type candidate struct {
		text     string
		distance int
	}
	var found []candidate
	consider := func(want, have, text string) {
		if abs(len(want)-len(have)) <= 1+len(want)/3 && len(have) < 200 {
			if d := levenshtein.ComputeDistance(want, have); d <= 1+len(want)/3 {
				found = append(found, candidate{text, d})
			}
		}
	}
	for i := range r.doc.Nodes {
		n := &r.doc.Nodes[i]
		switch {
		case len(a.Extras) > 0:
			for key, want := range a.Extras {
				if have, ok := n.Extras[key]; ok {
					consider(want, have, key+": "+have)
				}
			}
		case a.Path != "":
			consider(a.Path, n.Path, n.Path)
			if last := a.Path[strings.LastIndex(a.Path, "/")+1:]; last == gltfdoc.PathName(n.Name) {
				found = append(found, candidate{n.Path, 0})
			}
		default:
			consider(a.Name, n.Name, n.Path)
		}
	}
	slices.SortStableFunc(found, func(x, y candidate) int { return x.distance - y.distance })
	var texts []string
	for _, c := range found {
		if len(texts) < maxCandidates && !slices.Contains(texts, c.text) {
			texts = append(texts, c.text)
		}
	}
	return texts
}

func abs(n int) int { return max(n, -n) }
