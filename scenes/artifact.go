package scenes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"mereon/scenes/gltfdoc"
	"mereon/schema"
	"mereon/schema/fault"
)

// Artifact is what the graph stores of a scene: the text as written, and which blob each of its documents is.
type Artifact struct {
	Format    int                `json:"format"` // 1
	Name      string             `json:"name"`
	File      string             `json:"file"`
	Source    string             `json:"source"`
	Documents map[string]Deposit `json:"documents,omitempty"` // by the document's id in the scene
}

// Deposit says where a document is stored. Hash is empty when its file was missing.
type Deposit struct {
	File   string `json:"file"`
	Hash   string `json:"hash,omitempty"`   // SHA-256 of the blob, hex
	Format string `json:"format,omitempty"` // glb or gltf
}

// artifactFormat is the newest format of artifacts this program reads and the one it writes.
const artifactFormat = 1

// Encode returns the artifact's bytes; equal artifacts give equal bytes.
func (a Artifact) Encode() ([]byte, error) {
	a.Format = artifactFormat
	return json.MarshalIndent(a, "", " ")
}

// DecodeArtifact reads what Encode wrote. A newer or damaged artifact is Invalid.
func DecodeArtifact(data []byte) (Artifact, error) {
	var a Artifact
	if err := json.Unmarshal(data, &a); err != nil {
		return a, fault.Wrap(fault.Invalid, err, "the stored scene is damaged; apply it again")
	}
	if a.Format != artifactFormat {
		return a, fault.New(fault.Invalid, "the stored scene has format %d, this program reads %d; apply it again", a.Format, artifactFormat)
	}
	return a, nil
}

// Scene parses the artifact's text.
func (a Artifact) Scene() (*Scene, error) {
	scene, problems := Parse(schema.File{Name: a.File, Text: a.Source})
	return scene, problems.Err()
}

// Prepared is a scene ready to be stored: the artifact (kind graph.ArtifactScene, named by the scene) and the blobs it refers to.
type Prepared struct {
	Artifact Artifact
	Blobs    map[string][]byte         // by SHA-256, hex
	Reports  map[string]gltfdoc.Report // by the document's id
}

// Prepare reads and checks the documents of a scene below a project folder. A missing file is a warning, and its nodes
// are drawn as boxes; a refused one is a mistake. Addresses that lead nowhere are warnings with the nearest candidates.
func Prepare(scene *Scene, folder fs.FS) (Prepared, fault.List) {
	c := &sceneCheck{scene: scene}
	p := Prepared{
		Artifact: Artifact{Format: artifactFormat, Name: scene.Name, File: scene.file.Name, Source: scene.file.Text, Documents: map[string]Deposit{}},
		Blobs:    map[string][]byte{}, Reports: map[string]gltfdoc.Report{},
	}
	resolvers := map[string]*Resolver{}
	for i := range scene.Documents {
		place := &scene.Documents[i]
		doc, deposit := p.deposit(c, place, folder)
		p.Artifact.Documents[place.ID] = deposit
		if doc != nil {
			resolvers[place.ID] = NewResolver(doc)
		}
	}
	for i := range scene.Bindings {
		if n := scene.Bindings[i].Node; n != nil {
			c.resolves(n, resolvers[n.Document])
		}
	}
	c.problems.Sort()
	return p, c.problems
}

// deposit reads one document; nil when it is missing or refused.
func (p *Prepared) deposit(c *sceneCheck, place *Placement, folder fs.FS) (*gltfdoc.Document, Deposit) {
	deposit := Deposit{File: place.File}
	data, err := readDocument(folder, place.File)
	if errors.Is(err, fs.ErrNotExist) {
		c.warn(place.Position, "Put the file there, or remove the document.", "the file %s is missing; what is bound to it is shown as boxes", place.File)
		return nil, deposit
	}
	if err != nil {
		c.fail(place.Position, "", "the file %s cannot be read: %v", place.File, err)
		return nil, deposit
	}
	below, err := fs.Sub(folder, path.Dir(place.File))
	if err != nil {
		c.fail(place.Position, "", "the folder of %s cannot be read: %v", place.File, err)
		return nil, deposit
	}
	doc, report, err := gltfdoc.Read(data, gltfdoc.Options{Resources: below})
	p.Reports[place.ID] = report
	if err == nil {
		data, err = gltfdoc.Embed(data, below)
	}
	if err != nil {
		c.fail(place.Position, "", "%s: %v", place.File, err)
		return nil, deposit
	}
	sum := sha256.Sum256(data)
	deposit.Hash, deposit.Format = hex.EncodeToString(sum[:]), report.Format
	p.Blobs[deposit.Hash] = data
	return doc, deposit
}

// maxDocument bounds a glTF file.
const maxDocument = 1 << 30

func readDocument(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	return data, err
}

// resolves warns about an address without values of entities that leads nowhere.
func (c *sceneCheck) resolves(n *Node, r *Resolver) {
	if r == nil {
		return
	}
	for _, text := range n.texts() {
		if t, err := parseText(text); err != nil || len(t.Paths) > 0 {
			return
		}
	}
	found := r.Resolve(n.address(func(text string) string { return literal(text) }))
	switch found.Outcome {
	case Ambiguous:
		c.warn(n.At, "Matching: "+quotedList(found.Candidates)+". Use a path.", "several nodes of %s match %s", n.Document, n.describe())
	case Lost:
		hint := "See the nodes with mereon inspect."
		if len(found.Candidates) > 0 {
			hint = "Nearest: " + quotedList(found.Candidates) + "."
		}
		c.warn(n.At, hint, "no node of %s matches %s", n.Document, n.describe())
	case Moved:
		c.warn(n.At, "Write its new address.", "%s of %s was found by its %s only", n.describe(), n.Document, found.By)
	}
}

// address returns the address with its texts replaced.
func (n *Node) address(replace func(string) string) Address {
	a := Address{Fingerprint: n.Fingerprint}
	if n.Path != "" {
		a.Path = replace(n.Path)
	}
	if n.Name != "" {
		a.Name = replace(n.Name)
	}
	for key, text := range n.Extras {
		if a.Extras == nil {
			a.Extras = map[string]string{}
		}
		a.Extras[key] = replace(text)
	}
	return a
}

func (n *Node) describe() string { return n.address(func(text string) string { return text }).String() }

// literal returns a template without places as the text it stands for.
func literal(text string) string {
	t, err := parseText(text)
	if err != nil || len(t.Paths) > 0 {
		return text
	}
	return t.Texts[0]
}

func quotedList(texts []string) string {
	quoted := ""
	for i, t := range texts {
		if i > 0 {
			quoted += ", "
		}
		quoted += fmt.Sprintf("%q", t)
	}
	return quoted
}
