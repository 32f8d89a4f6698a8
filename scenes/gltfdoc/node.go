package gltfdoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Node is one row of the node table.
type Node struct {
	Index int `json:"i"`
	// Path is the names from the root, joined by slashes; of siblings with equal names the second is Name[2]. A slash in
	// a name is written \/ and a backslash \\; a node without a name is called Node.
	Path string `json:"path"`
	Name string `json:"name,omitempty"` // as in the file
	// Extras are the id-like extras: texts and whole numbers of up to 256 bytes, directly below extras.
	Extras map[string]string `json:"extras,omitempty"`
	Parent int               `json:"parent"` // -1 for a root
	// Box bounds the node with everything below it, in the document's space; nil when nothing is drawn.
	Box       *Box  `json:"box,omitempty"`
	Triangles int   `json:"triangles,omitempty"` // of its own mesh
	Materials []int `json:"materials,omitempty"` // of its own mesh, ascending
	Clips     []int `json:"clips,omitempty"`     // that move it or something below it, ascending

	depth int
}

// maxExtra is the length of the longest extra that is taken for an id.
const maxExtra = 256

// document builds the node table. The checks have passed: the hierarchy is a forest of bounded depth.
func (c *checker) document(hash string) *Document {
	nodes := c.root.get("nodes").list()
	doc := &Document{Hash: hash, Nodes: make([]Node, len(nodes)), Clips: c.names("animations"), Materials: c.names("materials")}
	parents := c.parents(len(nodes))
	for i := range nodes {
		doc.Nodes[i] = Node{Index: i, Name: strings.Clone(nodes[i].string("name")), Extras: idExtras(nodes[i].get("extras")), Parent: parents[i]}
		if mesh := nodes[i].intOr("mesh", -1); c.element("meshes", mesh) != nil {
			doc.Nodes[i].Triangles = c.triangles(mesh)
			doc.Nodes[i].Materials = c.meshMaterials(mesh)
		}
	}
	var roots []int
	for i, parent := range parents {
		if parent < 0 {
			roots = append(roots, i)
		}
	}
	c.place(doc, roots, "", identity, 1)
	c.touch(doc)
	for _, root := range roots {
		doc.Bounds = doc.Bounds.union(doc.Nodes[root].Box)
	}
	return doc
}

// place fills in paths, depths and boxes of siblings and of everything below them.
func (c *checker) place(doc *Document, siblings []int, path string, world matrix, depth int) {
	seen := map[string]int{}
	for _, i := range siblings {
		node, v := &doc.Nodes[i], c.element("nodes", i)
		name := PathName(node.Name)
		seen[name]++
		if n := seen[name]; n > 1 {
			name += "[" + strconv.Itoa(n) + "]"
		}
		node.Path, node.depth = path+name, depth
		own := world.times(localMatrix(v))
		node.Box = c.meshBox(v, own)
		children := c.children(v)
		c.place(doc, children, node.Path+"/", own, depth+1)
		for _, child := range children {
			node.Box = node.Box.union(doc.Nodes[child].Box)
		}
	}
}

func (c *checker) children(v *value) []int {
	list := v.get("children").list()
	children := make([]int, 0, len(list))
	for i := range list {
		if n, ok := list[i].integer(); ok {
			children = append(children, n)
		}
	}
	return children
}

var pathEscapes = strings.NewReplacer(`\`, `\\`, "/", `\/`)

// PathName returns a node's name as paths write it, without ordinal.
func PathName(name string) string {
	if name == "" {
		return "Node"
	}
	return pathEscapes.Replace(name)
}

// idExtras returns the members of extras that can serve as ids.
func idExtras(extras *value) map[string]string {
	if extras == nil || extras.kind != jsonObject {
		return nil
	}
	ids := map[string]string{}
	for i := range extras.items {
		m := &extras.items[i]
		_, whole := m.integer()
		if (m.kind == jsonString || whole || m.kind == jsonNumber && !strings.ContainsAny(m.text, ".eE")) && len(m.text) <= maxExtra && m.text != "" {
			ids[strings.Clone(m.key)] = strings.Clone(m.text)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return ids
}

func (c *checker) meshMaterials(mesh int) []int {
	var list []int
	for _, p := range c.element("meshes", mesh).get("primitives").list() {
		if m := p.intOr("material", -1); m >= 0 && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	slices.Sort(list)
	return list
}

// touch fills in which clips move a node or something below it.
func (c *checker) touch(doc *Document) {
	for clip := range c.root.get("animations").list() {
		for _, channel := range c.element("animations", clip).get("channels").list() {
			target := channel.get("target")
			node := target.intOr("node", -1)
			if pointer := target.get("extensions").get("KHR_animation_pointer").string("pointer"); pointer != "" {
				fmt.Sscanf(pointer, "/nodes/%d/", &node)
			}
			if node >= len(doc.Nodes) {
				continue
			}
			for ; node >= 0; node = doc.Nodes[node].Parent {
				if n := len(doc.Nodes[node].Clips); n > 0 && doc.Nodes[node].Clips[n-1] == clip {
					break // and so all above it
				}
				doc.Nodes[node].Clips = append(doc.Nodes[node].Clips, clip)
			}
		}
	}
}

// MarshalTable returns the node table as JSON, as FRAMES.md of package scenes describes it. Names are escaped for HTML.
func (d *Document) MarshalTable() ([]byte, error) {
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(d); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
