package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/fixtures"
	"mereon/fixtures/inputs"
	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/web"
)

// TestAProjectMovesToNeo4jAndBack follows the guide: a backup of the one store is restored into the other, both ways, with
// changes in between. Nothing is lost, entity by entity.
func TestAProjectMovesToNeo4jAndBack(t *testing.T) {
	configured := onNeo4j(t, "enabled: false")
	for name, write := range map[string]func(t *testing.T, dir string){
		"the demo": func(t *testing.T, dir string) {
			if _, err := writeFolder(fixtures.Demo, "demo", dir, nil); err != nil {
				t.Fatal(err)
			}
		},
		"the imported TwinMaker workspace": func(t *testing.T, dir string) {
			mereon(t, "import", "twinmaker", inputs.Path(t, "twinmaker-cookiefactory-v1"), dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "project")
			write(t, dir)
			mereon(t, "apply", dir)
			edit(t, dir, "before")
			first := backupOf(t, dir)
			embedded := contentsOf(t, dir)

			onDisk := exchangeStore(t, dir, configured, name)
			mereon(t, "restore", first, dir)
			neo := contentsOf(t, dir)
			compare(t, "Neo4j after the move", embedded, neo)
			if out := mereon(t, "plan", dir, "--overwrite"); !regexp.MustCompile(`edited|update`).MatchString(out) {
				t.Errorf("plan on Neo4j does not see the edit: %s", out)
			}
			edit(t, dir, "on Neo4j")
			second := backupOf(t, dir)
			neo = contentsOf(t, dir)
			if neo["revision"] != embedded["revision"].(graph.Revision)+1 {
				t.Errorf("the change after the move made revision %v, want %v + 1", neo["revision"], embedded["revision"])
			}

			if err := os.WriteFile(filepath.Join(dir, project.ConfigFile), onDisk, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(dir, ".mereon")); err != nil {
				t.Fatal(err)
			}
			mereon(t, "restore", second, dir)
			compare(t, "the embedded store after the way back", neo, contentsOf(t, dir))
		})
	}
}

// mereon runs a command and returns what it said.
func mereon(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("mereon", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("mereon %v: %v: %s", arguments, err, out)
	}
	return string(out)
}

// exchangeStore lets the project of dir keep its graph where that of configured does, under a name of its own, and returns
// mereon.yaml as it was.
func exchangeStore(t *testing.T, dir, configured, name string) []byte {
	t.Helper()
	file := filepath.Join(dir, project.ConfigFile)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(configured, project.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	store := regexp.MustCompile(`(?m)^store: .*\n`).Find(other)
	store = regexp.MustCompile(`graph: P[0-9]+`).ReplaceAll(store, fmt.Appendf(nil, "${0}x%d", len(name)))
	after := append(regexp.MustCompile(`(?m)^store:.*\n`).ReplaceAll(before, nil), store...)
	if err := os.WriteFile(file, after, 0o600); err != nil {
		t.Fatal(err)
	}
	return before
}

func backupOf(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup")
	mereon(t, "backup", file, dir)
	return file
}

// edit renames one entity through the store, as the API does.
func edit(t *testing.T, dir, name string) {
	t.Helper()
	s := storeOf(t, dir)
	defer s.Close()
	ids := selected(t, s)
	_, err := s.Apply(context.Background(), graph.ChangeSet{By: "tester", Entities: []graph.EntityChange{
		{Op: graph.Update, ID: ids[len(ids)/2], Values: []graph.PathValue{{Path: graph.ColumnName, Value: schema.StringOf("Renamed " + name)}}}}})
	if err != nil {
		t.Fatal(err)
	}
}

func storeOf(t *testing.T, dir string) graph.Store {
	t.Helper()
	s, err := web.OpenFolderStore(context.Background(), web.StoreOptions{Dir: dir, Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func viewOf(t *testing.T, s graph.Store) graph.View {
	t.Helper()
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var systemColumns = []schema.Path{graph.ColumnID, graph.ColumnType, graph.ColumnName, graph.ColumnRevision, graph.ColumnCreatedAt, graph.ColumnUpdatedAt,
	graph.ColumnOrigin, graph.ColumnEdited, graph.ColumnExternalIDs, graph.ColumnBindings, graph.ColumnRules, graph.ColumnSource}

func selected(t *testing.T, s graph.Store) (ids []graph.EntityID) {
	t.Helper()
	v := viewOf(t, s)
	defer v.Close()
	b, err := v.Select(context.Background(), graph.Selection{Page: graph.Page{All: true}, Columns: systemColumns[:1]})
	if err != nil || len(b.Rows) == 0 {
		t.Fatalf("%d entities, %v", len(b.Rows), err)
	}
	for _, cell := range b.Column(0) {
		ids = append(ids, graph.EntityID(cell.Text()))
	}
	return ids
}

// contentsOf is everything a store holds, by what it is.
func contentsOf(t *testing.T, dir string) map[string]any {
	t.Helper()
	ctx := context.Background()
	s := storeOf(t, dir)
	defer s.Close()
	v := viewOf(t, s)
	defer v.Close()
	all := map[string]any{"revision": v.Revision()}
	b, err := v.Select(ctx, graph.Selection{Page: graph.Page{All: true}, Columns: append(systemColumns, valuesOf(t, v)...)})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range b.Rows {
		var cells []string
		for c := range len(b.Cells) / len(b.Rows) {
			cells = append(cells, shown(b.Cell(c, i)))
		}
		related, err := v.Relationships(ctx, row, "", graph.Out)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range related {
			text := r.Relation + " " + string(r.OtherID)
			for _, p := range r.Props {
				text += " " + string(p.Path) + "=" + shown(p.Value)
			}
			cells = append(cells, text)
		}
		all["entity "+b.Cell(0, i).Text()] = cells
	}
	for _, kind := range []graph.ArtifactKind{graph.ArtifactModel, graph.ArtifactRules, graph.ArtifactScene, graph.ArtifactProject} {
		infos, err := v.Artifacts(ctx, kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			data, err := v.Artifact(ctx, kind, info.Name)
			if err != nil {
				t.Fatal(err)
			}
			all[fmt.Sprintf("%s %s", kind, info.Name)] = fmt.Sprintf("at revision %d: %s", info.Revision, data)
			if kind == graph.ArtifactScene {
				blobsOf(t, s, data, all)
			}
		}
	}
	return all
}

// valuesOf are the paths of all values that the model knows.
func valuesOf(t *testing.T, v graph.View) (paths []schema.Path) {
	t.Helper()
	model, err := project.StoredModel(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[schema.Path]bool{}
	for _, name := range model.TypeNames {
		for _, leaf := range model.Types[name].Leaves() {
			if !seen[leaf.Path] {
				seen[leaf.Path] = true
				paths = append(paths, leaf.Path)
			}
		}
	}
	return paths
}

var digests = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// blobsOf adds the documents that a scene names and checks their digests.
func blobsOf(t *testing.T, s graph.Store, scene []byte, into map[string]any) {
	t.Helper()
	for _, digest := range digests.FindAll(scene, -1) {
		r, err := s.Blob(context.Background(), string(digest))
		if err != nil {
			t.Errorf("the document %s: %v", digest, err)
			continue
		}
		data, err := io.ReadAll(r)
		r.Close()
		sum := sha256.Sum256(data)
		if err != nil || hex.EncodeToString(sum[:]) != string(digest) {
			t.Errorf("the document %s holds %d bytes of another digest, %v", digest, len(data), err)
		}
		into["document "+string(digest)] = len(data)
	}
}

func shown(v schema.Value) string {
	return fmt.Sprintf("%d %s %d %g %v", v.Kind(), v.Text(), v.Int(), v.Float(), v.List())
}

func compare(t *testing.T, what string, want, got map[string]any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -before +after\n%.4000s", what, diff)
	}
	t.Logf("%s: %d entities, artifacts and documents are equal at revision %v", what, len(got), got["revision"])
}
