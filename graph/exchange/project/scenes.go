package project

import (
	"context"
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/scenes"
	"mereon/schema/fault"
)

// migrateScenes judges what becomes of the addresses of scenes whose documents change: those of the stored scene are looked
// up in the new export. An unreadable stored scene or document is replaced without a word, since nothing can be lost of it.
func (p *Plan) migrateScenes(ctx context.Context, view graph.View, store graph.Store) error {
	library := scenes.NewLibrary(store)
	for _, scene := range p.checked.Scenes {
		data, err := view.Artifact(ctx, graph.ArtifactScene, scene.Artifact.Name)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		old, err := scenes.DecodeArtifact(data)
		if err != nil {
			continue
		}
		list, err := library.Migrations(ctx, old, scene.Artifact, scene.Blobs)
		switch fault.CodeOf(err) {
		case "":
			for _, m := range list {
				p.Migrations = append(p.Migrations, SceneMigration{Scene: scene.Artifact.Name, Migration: m})
			}
		case fault.NotFound, fault.Invalid:
		default:
			return err
		}
	}
	return nil
}

// SceneMigration is the fate of one document's addresses in one scene.
type SceneMigration struct {
	Scene string `json:"scene"`
	scenes.Migration
}

// losses names the addresses that would lead nowhere, at most five, and says how many there are.
func (p *Plan) losses() (texts []string, count int) {
	for _, m := range p.Migrations {
		count += m.Losses()
		for _, e := range m.Entries {
			if e.Gone() && len(texts) < 5 {
				texts = append(texts, fmt.Sprintf("%s: %s of %s is %s", m.Scene, e.Address, m.Document, e.Outcome))
			}
		}
	}
	return texts, count
}

// refuseLosses is a Conflict when bindings would be lost and nobody accepted that.
func (p *Plan) refuseLosses() error {
	texts, count := p.losses()
	if count == 0 || p.options.AcceptLosses {
		return nil
	}
	return fault.New(fault.Conflict, "%d bound nodes are not found in the new documents (%s); mend the addresses, see mereon plan, or apply with --accept-losses", count, strings.Join(texts, "; "))
}
