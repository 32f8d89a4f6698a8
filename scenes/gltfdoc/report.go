package gltfdoc

import (
	"fmt"
	"strings"
)

// Report says what a document holds and what is wrong with it. Counts are those of the file as far as it could be read.
type Report struct {
	Hash       string   `json:"hash"`   // SHA-256 of the file, hex
	Format     string   `json:"format"` // "glb", "gltf", "" when neither
	Bytes      int      `json:"bytes"`
	Version    string   `json:"version"`
	Generator  string   `json:"generator,omitempty"`
	Scenes     int      `json:"scenes"`
	Nodes      int      `json:"nodes"`
	Depth      int      `json:"depth"` // levels of the node hierarchy
	Meshes     int      `json:"meshes"`
	Primitives int      `json:"primitives"`
	Triangles  int      `json:"triangles"` // of every mesh once
	Materials  int      `json:"materials"`
	Textures   int      `json:"textures"`
	Skins      int      `json:"skins"`
	Clips      []Clip   `json:"clips"`
	Variants   []string `json:"variants,omitempty"`
	Extensions []string `json:"extensions,omitempty"`
	Bounds     *Box     `json:"bounds,omitempty"` // of everything, in metres as the format says; nil when nothing is drawn
	// Failed says that an issue is an error; Refused that the document cannot be used because of one.
	Failed    bool    `json:"failed"`
	Refused   bool    `json:"refused"`
	Truncated bool    `json:"truncated,omitempty"` // there were more issues
	Issues    []Issue `json:"issues"`
}

// Clip is one animation.
type Clip struct {
	Name     string  `json:"name"`
	Channels int     `json:"channels"`
	Duration float64 `json:"duration"` // seconds
}

// count fills in what is counted in the JSON.
func (r *Report) count(c *checker) {
	r.Version, r.Generator = c.root.get("asset").string("version"), c.root.get("asset").string("generator")
	r.Scenes, r.Nodes = len(c.root.get("scenes").list()), len(c.root.get("nodes").list())
	r.Materials, r.Textures = len(c.root.get("materials").list()), len(c.root.get("textures").list())
	r.Skins, r.Meshes = len(c.root.get("skins").list()), len(c.root.get("meshes").list())
	for i := range r.Meshes {
		r.Primitives += len(c.element("meshes", i).get("primitives").list())
		r.Triangles += c.triangles(i)
	}
	for i := range c.root.get("animations").list() {
		r.Clips = append(r.Clips, c.clip(c.element("animations", i)))
	}
	for _, e := range c.root.get("extensionsUsed").list() {
		r.Extensions = append(r.Extensions, e.text)
	}
	for _, v := range c.walk.collection("KHR_materials_variants.variants") {
		r.Variants = append(r.Variants, v.string("name"))
	}
}

func (c *checker) clip(v *value) Clip {
	clip := Clip{Name: v.string("name"), Channels: len(v.get("channels").list())}
	for i := range v.get("samplers").list() {
		a := c.accessor(v.get("samplers").items[i].intOr("input", -1))
		if a != nil && len(a.max) == 1 {
			clip.Duration = max(clip.Duration, a.max[0])
		}
	}
	return clip
}

// triangles returns the triangles of mesh i.
func (c *checker) triangles(i int) (total int) {
	for _, p := range c.element("meshes", i).get("primitives").list() {
		a := c.accessor(p.intOr("indices", -1))
		if p.get("indices") == nil {
			a = c.accessor(p.get("attributes").intOr("POSITION", -1))
		}
		if a == nil {
			continue
		}
		switch p.intOr("mode", 4) {
		case 4:
			total += a.count / 3
		case 5, 6:
			total += max(0, a.count-2)
		}
	}
	return total
}

// describe fills in what the node table knows.
func (r *Report) describe(doc *Document) {
	r.Bounds = doc.Bounds
	for i := range doc.Nodes {
		r.Depth = max(r.Depth, doc.Nodes[i].depth)
	}
}

// defects names the first refusing issues.
func (r *Report) defects() string {
	var texts []string
	for _, issue := range r.Issues {
		if issue.Refuses() {
			texts = append(texts, fmt.Sprintf("%s%s (%s)", strings.TrimPrefix(issue.Pointer+": ", ": "), issue.Message, issue.Code))
		}
		if len(texts) == 3 {
			break
		}
	}
	return strings.Join(texts, "; ")
}
