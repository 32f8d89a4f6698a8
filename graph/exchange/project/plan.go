package project

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// Options says how a plan is made.
type Options struct {
	By        string // principal, for the change log
	Overwrite bool   // API edits of project entities are overwritten instead of refused
	// AcceptLosses lets bindings of scenes be lost that no longer find their node.
	AcceptLosses bool
}

// Plan is what applying a folder would change. It belongs to the revision it was made against: applying it to another is a Conflict.
type Plan struct {
	Revision  graph.Revision      `json:"revision"`
	Model     []schema.Difference `json:"model"`
	Create    []graph.EntityID    `json:"create"`
	Update    []EntityUpdate      `json:"update"`
	Delete    []graph.EntityID    `json:"delete"`
	Relate    int                 `json:"relate"`   // relationships added or changed
	Unrelate  int                 `json:"unrelate"` // relationships removed
	Artifacts []string            `json:"artifacts"`
	Drift     []graph.EntityID    `json:"drift"` // project entities the API has edited since
	Warnings  fault.List          `json:"warnings,omitempty"`
	// Migrations says, for every document of a scene that changes, where its bound nodes are now.
	Migrations []SceneMigration `json:"migrations,omitempty"`

	checked *Checked
	options Options
	base    string // Folder.Hash of what was applied before, "" for nothing
	changes graph.ChangeSet
}

// EntityUpdate says which values of an entity change.
type EntityUpdate struct {
	ID    graph.EntityID `json:"id"`
	Paths []schema.Path  `json:"paths"`
}

// Empty says whether applying would change nothing.
func (p *Plan) Empty() bool {
	return len(p.Create)+len(p.Update)+len(p.Delete)+p.Relate+p.Unrelate+len(p.Artifacts) == 0
}

// NewPlan compares a checked folder with the store. Mistakes that only show against stored data come as a fault.List.
func NewPlan(ctx context.Context, checked *Checked, store graph.Store, options Options) (*Plan, error) {
	view, err := store.View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	plan := &Plan{Revision: view.Revision(), checked: checked, options: options}
	stored, err := ReadStored(ctx, view)
	if err != nil {
		return nil, err
	}
	old, err := stored.ParseModel()
	if err != nil {
		return nil, err
	}
	plan.base = stored.Hash
	plan.Model = schema.Diff(old, checked.Model)
	draft := graph.NewDraft(checked.Model, view)
	draft.Closed = true
	for _, in := range checked.Entities {
		draft.Put(in)
	}
	changes, problems, err := draft.ChangeSet(ctx)
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	plan.Warnings = problems
	plan.changes = changes
	if err := plan.prune(ctx, view); err != nil {
		return nil, err
	}
	if err := plan.migrate(ctx, view, old); err != nil {
		return nil, err
	}
	if err := plan.artifacts(ctx, view); err != nil {
		return nil, err
	}
	if err := plan.migrateScenes(ctx, view, store); err != nil {
		return nil, err
	}
	plan.count()
	return plan, nil
}

// prune removes project entities that are no longer in the folder and finds those the API has edited.
func (p *Plan) prune(ctx context.Context, view graph.View) error {
	owned, err := view.Select(ctx, graph.Selection{
		Where:   &schema.Condition{Op: schema.Eq, Path: graph.ColumnOrigin, Value: schema.StringOf(string(graph.FromProject))},
		Page:    graph.Page{All: true},
		Columns: []schema.Path{graph.ColumnID, graph.ColumnEdited},
	})
	if err != nil {
		return err
	}
	differs := p.differing()
	written := map[graph.EntityID]bool{}
	for _, in := range p.checked.Entities {
		written[in.ID] = true
	}
	for i := range owned.Rows {
		id := graph.EntityID(owned.Cell(0, i).Text())
		if owned.Cell(1, i).Bool() && (differs[id] || !written[id]) {
			p.Drift = append(p.Drift, id)
		}
		if !written[id] {
			p.changes.Entities = append(p.changes.Entities, graph.EntityChange{Op: graph.Delete, ID: id, Children: graph.DetachChildren})
		}
	}
	return nil
}

// differing are the entities of which the folder says something else than the store; one that was edited and changed back is not among them.
func (p *Plan) differing() map[graph.EntityID]bool {
	ids := map[graph.EntityID]bool{}
	for _, c := range p.changes.Entities {
		if !unmarks(c) {
			ids[c.ID] = true
		}
	}
	for _, r := range p.changes.Relationships {
		ids[r.From], ids[r.To] = true, true
	}
	return ids
}

// unmarks says whether a change does no more than to forget that the entity was edited.
func unmarks(c graph.EntityChange) bool { return c.Op == graph.Update && len(c.Values) == 0 }

// artifacts compares model, rules, scenes, example operations and the list of assets.
func (p *Plan) artifacts(ctx context.Context, view graph.View) error {
	folder := p.checked.Folder
	wanted := map[graph.ArtifactKind]map[string][]byte{
		graph.ArtifactModel: filesOf(folder.Model), graph.ArtifactRules: filesOf(folder.Rules),
		graph.ArtifactScene: {}, graph.ArtifactProject: filesOf(folder.Queries), graph.ArtifactDocument: filesOf(folder.Documents),
	}
	for _, scene := range p.checked.Scenes {
		data, err := scene.Artifact.Encode()
		if err != nil {
			return err
		}
		wanted[graph.ArtifactScene][scene.Artifact.Name] = data
	}
	wanted[graph.ArtifactProject][NameArtifact] = []byte(folder.Config.Project)
	wanted[graph.ArtifactProject][HashArtifact] = []byte(folder.Hash)
	for _, kind := range []graph.ArtifactKind{graph.ArtifactModel, graph.ArtifactRules, graph.ArtifactScene, graph.ArtifactProject, graph.ArtifactDocument} {
		if err := p.compareArtifacts(ctx, view, kind, wanted[kind]); err != nil {
			return err
		}
	}
	p.changes.Layout = graph.LayoutOf(p.checked.Model)
	p.changes.Layout.Model = ModelDigest(folder.Model)
	return nil
}

func filesOf(files []schema.File) map[string][]byte {
	m := map[string][]byte{}
	for _, f := range files {
		m[f.Name] = []byte(f.Text)
	}
	return m
}

func (p *Plan) compareArtifacts(ctx context.Context, view graph.View, kind graph.ArtifactKind, wanted map[string][]byte) error {
	stored, err := view.Artifacts(ctx, kind)
	if err != nil {
		return err
	}
	var names []string
	for _, info := range stored {
		names = append(names, info.Name)
		data, err := view.Artifact(ctx, kind, info.Name)
		if err != nil {
			return err
		}
		text, keep := wanted[info.Name]
		if keep && bytes.Equal(text, data) {
			continue
		}
		if !keep {
			text = nil
		}
		p.artifact(kind, info.Name, text)
	}
	for name, text := range wanted {
		if !slices.Contains(names, name) {
			p.artifact(kind, name, text)
		}
	}
	return nil
}

func (p *Plan) artifact(kind graph.ArtifactKind, name string, data []byte) {
	p.changes.Artifacts = append(p.changes.Artifacts, graph.ArtifactChange{Kind: kind, Name: name, Data: data})
	if name != HashArtifact {
		p.Artifacts = append(p.Artifacts, fmt.Sprintf("%s %s", kind, name))
	}
}

func (p *Plan) count() {
	for _, c := range p.changes.Entities {
		switch c.Op {
		case graph.Create:
			p.Create = append(p.Create, c.ID)
		case graph.Delete:
			p.Delete = append(p.Delete, c.ID)
		default:
			if unmarks(c) {
				continue
			}
			update := EntityUpdate{ID: c.ID}
			for _, v := range c.Values {
				update.Paths = append(update.Paths, v.Path)
			}
			p.Update = append(p.Update, update)
		}
	}
	for _, r := range p.changes.Relationships {
		if r.Op == graph.Relate || r.Op == graph.Replace {
			p.Relate++
		} else {
			p.Unrelate++
		}
	}
	slices.Sort(p.Create)
	slices.Sort(p.Delete)
	slices.Sort(p.Artifacts)
}
