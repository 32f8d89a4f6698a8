package web

import (
	"context"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/scenes"
	"mereon/schema"
	"mereon/web/api"
)

// stored reads what was applied last.
func (m *served) stored(ctx context.Context) (*project.Stored, error) {
	view, err := m.service.store.View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	return project.ReadStored(ctx, view)
}

// Examples implements api.Project.
func (m *served) Examples() []schema.File {
	stored, err := m.stored(context.Background())
	if err != nil {
		m.service.options.Log.Error("examples", "error", err)
		return nil
	}
	return stored.Queries
}

// Scenes implements api.Project.
func (m *served) Scenes(ctx context.Context) ([]api.Scene, error) {
	stored, err := m.stored(ctx)
	if err != nil {
		return nil, err
	}
	var list []api.Scene
	for _, artifact := range stored.Scenes {
		scene, err := artifact.Scene()
		if err != nil {
			list = append(list, api.Scene{ID: artifact.Name, Title: artifact.Name, Problems: []string{err.Error()}})
			continue
		}
		info := sceneInfo(scene, artifact)
		if summary, err := m.service.scenes.Summary(ctx, scene.Name, nil); err == nil {
			info.Entities, info.Problems = summary.Entities, summary.Problems // with those of templates
		} else {
			info.Problems = append(info.Problems, err.Error())
		}
		list = append(list, info)
	}
	return list, nil
}

func sceneInfo(scene *scenes.Scene, artifact scenes.Artifact) api.Scene {
	info := api.Scene{ID: scene.Name, Title: scene.Title, Views: slices.Sorted(maps.Keys(scene.Views))}
	if info.Title == "" {
		info.Title = scene.Name
	}
	for _, name := range slices.Sorted(maps.Keys(scene.Parameters)) {
		p := scene.Parameters[name]
		info.Parameters = append(info.Parameters, api.SceneParameter{Name: name, Type: p.Type, Default: p.Default})
	}
	seen := map[string]bool{}
	for _, b := range scene.Bindings {
		if !seen[b.Entity] && b.Entity != "" && b.Entity[0] != '{' {
			seen[b.Entity] = true
			info.Entities = append(info.Entities, graph.EntityID(b.Entity))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(artifact.Documents)) {
		if d := artifact.Documents[id]; d.Hash == "" {
			info.Problems = append(info.Problems, "the file "+d.File+" is missing; what is bound to it is shown as boxes")
		}
	}
	return info
}
