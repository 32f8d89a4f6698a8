package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/scenes"
	"mereon/schema"
	"mereon/schema/fault"
)

// Names of artifacts of kind project.
const (
	NameArtifact = "name" // the project's name
	HashArtifact = "hash" // Folder.Hash of what was applied
)

// Apply stores the documents of scenes and commits the plan, all or nothing: a blob that no artifact names is not part of the graph.
// Conflict when project entities were edited through the API and Overwrite is not set, when bound nodes would be lost and
// AcceptLosses is not set, or when the store has moved on.
func (p *Plan) Apply(ctx context.Context, store graph.Store) (graph.Commit, error) {
	if len(p.Drift) > 0 && !p.options.Overwrite {
		return graph.Commit{}, fault.New(fault.Conflict, "%d project entities were edited through the API since the last apply (%s); take the edits into the folder, or apply with --overwrite", len(p.Drift), firstIDs(p.Drift))
	}
	if err := p.refuseLosses(); err != nil {
		return graph.Commit{}, err
	}
	for _, scene := range p.checked.Scenes {
		for digest, data := range scene.Blobs {
			stored, _, err := store.PutBlob(ctx, bytes.NewReader(data))
			if err != nil {
				return graph.Commit{}, err
			}
			if stored != digest {
				return graph.Commit{}, fault.New(fault.Internal, "the document %s was stored as %s", digest, stored)
			}
		}
	}
	changes := p.changes
	changes.By, changes.Origin, changes.IfStore = p.options.By, graph.FromProject, &p.Revision
	return store.Apply(ctx, changes)
}

func firstIDs(ids []graph.EntityID) string {
	const shown = 5
	var texts []string
	for _, id := range ids[:min(shown, len(ids))] {
		texts = append(texts, string(id))
	}
	if len(ids) > shown {
		texts = append(texts, fmt.Sprintf("and %d more", len(ids)-shown))
	}
	return strings.Join(texts, ", ")
}

// Stored is the text side of a store: what was applied last.
type Stored struct {
	Name      string
	Hash      string // "" when nothing was ever applied
	Model     []schema.File
	Rules     []schema.File
	Scenes    []scenes.Artifact
	Queries   []schema.File
	Documents []schema.File // trusted ones
	Digest    string        // of the model, as graph.ChangeSet.IfModel names it
}

// ModelDigest tells models apart by the names and texts of their files.
func ModelDigest(files []schema.File) string {
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%q %q\n", f.Name, f.Text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// ReadStored reads the artifacts of a view.
func ReadStored(ctx context.Context, view graph.View) (*Stored, error) {
	s := &Stored{Digest: view.Layout().Model}
	for _, part := range []struct {
		kind graph.ArtifactKind
		into *[]schema.File
	}{{graph.ArtifactModel, &s.Model}, {graph.ArtifactRules, &s.Rules}, {graph.ArtifactScene, nil}, {graph.ArtifactProject, &s.Queries},
		{graph.ArtifactDocument, &s.Documents}} {
		infos, err := view.Artifacts(ctx, part.kind)
		if err != nil {
			return nil, err
		}
		for _, info := range infos {
			data, err := view.Artifact(ctx, part.kind, info.Name)
			if err != nil {
				return nil, err
			}
			if err := s.take(part.kind, info.Name, data, part.into); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *Stored) take(kind graph.ArtifactKind, name string, data []byte, into *[]schema.File) error {
	switch {
	case kind == graph.ArtifactScene:
		scene, err := scenes.DecodeArtifact(data)
		if err != nil {
			return err
		}
		s.Scenes = append(s.Scenes, scene)
	case kind != graph.ArtifactProject || strings.HasSuffix(name, ".graphql"):
		*into = append(*into, schema.File{Name: name, Text: string(data)})
	case name == NameArtifact:
		s.Name = string(data)
	case name == HashArtifact:
		s.Hash = string(data)
	}
	return nil
}

// StoredModel parses the model of a view; an empty store has an empty model.
func StoredModel(ctx context.Context, view graph.View) (*schema.Model, error) {
	stored, err := ReadStored(ctx, view)
	if err != nil {
		return nil, err
	}
	return stored.ParseModel()
}

// ParseModel parses the model; Internal when this version does not understand it.
func (s *Stored) ParseModel() (*schema.Model, error) {
	model, problems := schema.Parse(s.Model)
	if err := problems.Err(); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the stored model is no longer understood by this version")
	}
	return model, nil
}
