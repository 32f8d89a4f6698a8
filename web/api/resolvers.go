package api

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/web/api/control/generated"
)

// Resolvers answers the control plane for one project and model.
type Resolvers struct{ Project Project }

var _ generated.ResolverRoot = (*Resolvers)(nil)

func (r *Resolvers) Query() generated.QueryResolver         { return (*queries)(r) }
func (r *Resolvers) Mutation() generated.MutationResolver   { return (*mutations)(r) }
func (r *Resolvers) ModelInfo() generated.ModelInfoResolver { return (*modelInfos)(r) }

type queries Resolvers

func (q *queries) Server(ctx context.Context) (*generated.ServerStatus, error) {
	view, err := q.Project.Store().View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	counts, err := view.Counts(ctx)
	if err != nil {
		return nil, err
	}
	entities := 0
	for _, n := range counts {
		entities += n
	}
	s := q.Project.Status()
	return &generated.ServerStatus{
		Version: s.Version, Project: s.Project, StartedAt: s.StartedAt, Notice: optional(s.Notice),
		Revision: int64(view.Revision()), Model: q.Project.Model().Hash, Entities: int64(entities),
		Role: string(access.FromContext(ctx).Role),
	}, nil
}

func (q *queries) Model(ctx context.Context) (*generated.ModelInfo, error) {
	m := q.Project.Model()
	types, err := typeInfos(ctx, q.Project.Store(), m)
	if err != nil {
		return nil, err
	}
	info := &generated.ModelInfo{Hash: m.Hash, Types: types, Hierarchies: []*generated.HierarchyInfo{}, Files: []*generated.ModelFile{}}
	for _, name := range slices.Sorted(maps.Keys(m.Hierarchies)) {
		h := &generated.HierarchyInfo{Name: name, Relations: []string{}}
		for _, relation := range m.Hierarchies[name].Relations {
			h.Relations = append(h.Relations, relation.Name)
		}
		info.Hierarchies = append(info.Hierarchies, h)
	}
	for _, f := range m.Files {
		info.Files = append(info.Files, &generated.ModelFile{Name: f.Name, Text: f.Text})
	}
	return info, nil
}

func (q *queries) Scenes(ctx context.Context) ([]*generated.SceneInfo, error) {
	scenes, err := q.Project.Scenes(ctx)
	if err != nil {
		return nil, err
	}
	infos := make([]*generated.SceneInfo, len(scenes))
	for i, s := range scenes {
		info := &generated.SceneInfo{ID: s.ID, Title: s.Title, Parameters: []*generated.SceneParameter{}, Views: notNil(s.Views), Entities: texts(s.Entities), Problems: notNil(s.Problems)}
		for _, p := range s.Parameters {
			info.Parameters = append(info.Parameters, &generated.SceneParameter{Name: p.Name, Type: string(p.Type), Default: optional(p.Default)})
		}
		infos[i] = info
	}
	return infos, nil
}

func (q *queries) Scene(ctx context.Context, id string) (*generated.SceneInfo, error) {
	infos, err := q.Scenes(ctx)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		if info.ID == id {
			return info, nil
		}
	}
	return nil, nil
}

func (q *queries) Connectors(context.Context) ([]*generated.ConnectorInfo, error) {
	infos := []*generated.ConnectorInfo{}
	for _, h := range q.Project.Connectors() {
		infos = append(infos, &generated.ConnectorInfo{
			Name: h.Name, Kind: h.Kind, State: generated.ConnectorState(strings.ToUpper(h.State)), Calls: h.Calls, Errors: h.Errors,
			LatencyP50: duration(h, h.LatencyP50), LatencyP95: duration(h, h.LatencyP95), LastAnswer: moment(h.LastAnswer),
			LastError: optional(h.LastError), LastErrorAt: moment(h.LastErrorAt), Watched: h.Watched, Push: h.Push,
		})
	}
	return infos, nil
}

func duration(h connectors.Health, d time.Duration) *string {
	if h.Calls == 0 {
		return nil
	}
	text := strings.Trim(string(schema.DurationOf(d).AppendJSON(nil)), `"`)
	return &text
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (q *queries) RuleSets(context.Context) ([]*generated.RuleSetInfo, error) {
	infos := []*generated.RuleSetInfo{}
	for _, s := range q.Project.RuleSets() {
		infos = append(infos, &generated.RuleSetInfo{Name: s.Name, On: string(s.On), States: notNil(s.States), Alarm: s.Alarm, Text: s.Text})
	}
	return infos, nil
}

func (q *queries) Examples(context.Context) ([]*generated.ExampleOperation, error) {
	infos := []*generated.ExampleOperation{}
	for _, f := range q.Project.Examples() {
		infos = append(infos, &generated.ExampleOperation{Name: strings.TrimSuffix(path.Base(f.Name), ".graphql"), Text: f.Text})
	}
	return infos, nil
}

type modelInfos Resolvers

func (*modelInfos) Type(_ context.Context, info *generated.ModelInfo, name string) (*generated.TypeInfo, error) {
	for _, t := range info.Types {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func texts(ids []graph.EntityID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}
