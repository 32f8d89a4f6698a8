package project_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/schema/fault"
)

// folderWith is a project of one pump in one scene, with a document of the given nodes.
func folderWith(nodes string) fstest.MapFS {
	return fstest.MapFS{
		"mereon.yaml":      {Data: []byte("project: p\n")},
		"model/m.graphql":  {Data: []byte("type Pump @asset { speed: Float }\n")},
		"entities/p.yaml":  {Data: []byte("- {assetType: Pump, id: pump-7, name: Pump 7}\n")},
		"scenes/hall.yaml": {Data: []byte("scene: hall\ndocuments: [{id: line, file: assets/line.gltf}]\nbindings: [{node: {document: line, path: Line/Pump}, entity: pump-7, effects: [{fill: {input: speed}}]}]\n")},
		"assets/line.gltf": {Data: []byte(`{"asset":{"version":"2.0"},"nodes":[` + nodes + `]}`)},
	}
}

func planOf(t *testing.T, folder fstest.MapFS, store *memory.Store, options project.Options) *project.Plan {
	t.Helper()
	checked, problems := project.ReadAndCheck(folder)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	plan, err := project.NewPlan(t.Context(), checked, store, options)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestADocumentThatLosesBoundNodesNeedsAYes(t *testing.T) {
	store := memory.New()
	defer store.Close()
	first := planOf(t, folderWith(`{"name":"Line","children":[1]},{"name":"Pump"}`), store, project.Options{})
	if _, err := first.Apply(t.Context(), store); err != nil || len(first.Migrations) > 0 {
		t.Fatalf("first apply: %v, migrations %v", err, first.Migrations)
	}
	kept := planOf(t, folderWith(`{"name":"Door"},{"name":"Line","children":[2]},{"name":"Pump"}`), store, project.Options{})
	if len(kept.Migrations) != 1 || kept.Migrations[0].Losses() != 0 {
		t.Errorf("a document with the node at another index gives %+v, want no loss", kept.Migrations)
	}
	lost := folderWith(`{"name":"Line","children":[1]},{"name":"Pump 7"}`)
	plan := planOf(t, lost, store, project.Options{})
	if len(plan.Migrations) != 1 || plan.Migrations[0].Losses() != 1 {
		t.Errorf("a document without the node gives %+v, want one loss", plan.Migrations)
	}
	_, err := plan.Apply(t.Context(), store)
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), `hall: path "Line/Pump" of line is lost`) {
		t.Errorf("Apply gives %v, want a conflict that names the address", err)
	}
	if _, err := planOf(t, lost, store, project.Options{AcceptLosses: true}).Apply(t.Context(), store); err != nil {
		t.Errorf("with AcceptLosses Apply gives %v", err)
	}
}
