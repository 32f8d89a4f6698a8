package live

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/all"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/rules"
	"mereon/schema"
)

const demo = "../../fixtures/demo"

// TestTheDemoPlantRunsThroughItsStory plays ten minutes of the plant that ships with the service: real connectors, real rules.
func TestTheDemoPlantRunsThroughItsStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, problems := schema.Parse(files(t, "model/*.graphql"))
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		b, problems := rules.Compile(files(t, "rules/*.yaml"), m)
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		store := demoStore(t, m)
		defer store.Close()
		runtime := demoRuntime(t)
		defer runtime.Close(context.Background())
		hub, err := Open(t.Context(), Options{Store: store, Source: runtime, Model: m, Book: b})
		if err != nil {
			t.Fatal(err)
		}
		defer hub.Close()
		raised := map[string]bool{}
		for range 600 {
			time.Sleep(time.Second)
			list, err := hub.Alarms(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				raised[string(a.Entity)+" "+a.State] = true
				if strings.Contains(a.Message, "?") || strings.Contains(a.Message, "{") {
					t.Errorf("the message of %s is not complete: %q", a.Entity, a.Message)
				}
			}
		}
		synctest.Wait()
		if !raised["pump-7 alarm"] || len(raised) < 4 {
			t.Errorf("raised in ten minutes: %v, want the bearing of pump-7 among at least four", raised)
		}
		states, err := hub.States(t.Context(), []graph.EntityID{"pump-7", "line-a"})
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range states {
			if len(list) == 0 {
				t.Error("an entity has no states")
			}
			for _, s := range list {
				if s.State == "" || s.Error != "" {
					t.Errorf("%s is %+v, want a state", s.RuleSet, s)
				}
			}
		}
	})
}

func files(t *testing.T, pattern string) []schema.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(demo, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	var out []schema.File
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, schema.File{Name: path, Text: string(text)})
	}
	return out
}

func demoStore(t *testing.T, m *schema.Model) *memory.Store {
	t.Helper()
	store := memory.New()
	if _, err := store.Apply(t.Context(), graph.ChangeSet{Layout: graph.LayoutOf(m)}); err != nil {
		t.Fatal(err)
	}
	view, err := store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	draft := graph.NewDraft(m, view)
	for _, f := range files(t, "entities/*") {
		for _, e := range demoEntities(t, f) {
			in := graph.EntityInput{Type: schema.TypeName(e["assetType"].(string)), ID: graph.EntityID(e["id"].(string)), Name: e["name"].(string), Fields: e}
			for _, k := range []string{"assetType", "id", "name"} {
				delete(e, k)
			}
			draft.Create(in)
		}
	}
	changes, problems, err := draft.ChangeSet(t.Context())
	if err != nil || problems.Err() != nil {
		t.Fatal(err, problems)
	}
	if _, err := store.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	return store
}

func demoEntities(t *testing.T, f schema.File) []map[string]any {
	t.Helper()
	var list []map[string]any
	if filepath.Ext(f.Name) != ".csv" {
		if err := yaml.Unmarshal([]byte(f.Text), &list); err != nil {
			t.Fatal(f.Name, err)
		}
		return list
	}
	rows, err := csv.NewReader(strings.NewReader(f.Text)).ReadAll()
	if err != nil {
		t.Fatal(f.Name, err)
	}
	for _, row := range rows[1:] {
		e := map[string]any{}
		for i, cell := range row {
			var v any
			if err := yaml.Unmarshal([]byte(cell), &v); err != nil {
				t.Fatal(f.Name, err)
			}
			if v != nil {
				e[rows[0][i]] = v
			}
		}
		list = append(list, e)
	}
	return list
}

func demoRuntime(t *testing.T) *connectors.Runtime {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(demo, "mereon.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Connectors map[string]yaml.Node `yaml:"connectors"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	nodes := map[string]*yaml.Node{}
	for name, node := range config.Connectors {
		nodes[name] = &node
	}
	runtime, err := connectors.Open(t.Context(), all.Kinds(), nodes, connectors.Options{Dir: demo})
	if err != nil {
		t.Fatal(err)
	}
	return runtime
}
