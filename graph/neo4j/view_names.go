package neo4j

import (
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema/fault"
)

const readArtifactInfos = `MATCH (f:@Artifact {kind: $kind}) WHERE f.name >= '' AND f._since <= $r AND f._until > $u`

// Artifacts implements graph.View.
func (v *View) Artifacts(ctx context.Context, kind graph.ArtifactKind) ([]graph.ArtifactInfo, error) {
	return asked(ctx, v, func() ([]graph.ArtifactInfo, error) { return v.artifacts(ctx, kind) })
}

func (v *View) artifacts(ctx context.Context, kind graph.ArtifactKind) ([]graph.ArtifactInfo, error) {
	records, err := v.read(ctx, statement{text: readArtifactInfos, returns: "f.name, f.revision, f.size"}, map[string]any{"kind": string(kind)})
	if err != nil {
		return nil, err
	}
	infos := []graph.ArtifactInfo{}
	for _, r := range records {
		name, _ := r.Values[0].(string)
		revision, _ := r.Values[1].(int64)
		size, _ := r.Values[2].(int64)
		infos = append(infos, graph.ArtifactInfo{Name: name, Revision: graph.Revision(revision), Size: int(size)})
	}
	slices.SortFunc(infos, func(a, b graph.ArtifactInfo) int { return strings.Compare(a.Name, b.Name) })
	return infos, v.whole(ctx)
}

// Artifact implements graph.View.
func (v *View) Artifact(ctx context.Context, kind graph.ArtifactKind, name string) ([]byte, error) {
	return asked(ctx, v, func() ([]byte, error) { return v.artifact(ctx, kind, name) })
}

func (v *View) artifact(ctx context.Context, kind graph.ArtifactKind, name string) ([]byte, error) {
	found, err := v.fetch.artifacts(ctx, [][]string{{string(kind), name}})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "there is no %s named %q", kind, name)
	}
	return found[0].Data, v.whole(ctx)
}

// Relationships implements graph.View.
func (v *View) Relationships(ctx context.Context, of graph.Row, relation string, direction graph.Direction) ([]graph.Relationship, error) {
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	ids := v.idsAt([]graph.Row{of})
	relations := relationNames(v.layout.Relations)
	if relation != "" {
		relations = slices.DeleteFunc(relations, func(r string) bool { return r != relation })
	}
	p := newPatch(v.layout)
	edges, err := v.fetch.edges(ctx, idsOf(ids), hop{relations, direction})
	if err != nil || len(edges) == 0 {
		return []graph.Relationship{}, err
	}
	p.addEdges(edges)
	s, err := p.snapshot(v.revision, false)
	if err != nil {
		return nil, err
	}
	rows, err := rowsIn(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	found, err := s.Relationships(ctx, rows[0], relation, direction)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	for i := range found {
		found[i].Other = v.row(found[i].OtherID)
	}
	v.mu.Unlock()
	return found, v.whole(ctx)
}
