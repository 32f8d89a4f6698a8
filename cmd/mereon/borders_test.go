package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// borders lists the rooms of the house and which of the others each may enter; a folder belongs to the room with the
// longest matching name. The arrows only point up this list: docs/architecture.md draws it.
var borders = []struct {
	room string
	may  []string
}{
	{"schema/fault", nil},
	{"schema/access", nil},
	{"schema", []string{"schema/fault", "schema/access"}},
	{"connectors", everywhere()},
	{"rules", everywhere()},
	{"graph", everywhere()},
	{"graph/record", append(everywhere(), "graph")},
	{"graph/archive", append(everywhere(), "graph", "graph/record")},
	{"graph/memory", append(everywhere(), "graph", "graph/record", "graph/archive")},
	{"graph/embedded", append(everywhere(), "graph", "graph/record", "graph/archive", "graph/memory")},
	{"graph/neo4j", append(everywhere(), "graph", "graph/record", "graph/archive", "graph/memory")},
	{"graph/mirror", append(everywhere(), "graph", "graph/record", "graph/archive", "graph/memory", "graph/embedded")},
	{"graph/graphtest", append(everywhere(), "graph", "graph/record")},
	{"graph/query", append(everywhere(), "graph", "connectors", "rules")},
	{"graph/live", append(everywhere(), "graph", "connectors", "rules", "graph/query")},
	{"scenes", append(everywhere(), "graph", "connectors", "rules", "graph/query", "graph/live")},
	{"graph/exchange", append(everywhere(), "graph", "graph/memory", "connectors", "rules", "graph/query", "graph/live", "scenes")},
	{"web", append(everywhere(), "graph", "graph/memory", "graph/embedded", "graph/neo4j", "graph/mirror", "connectors", "rules", "graph/query", "graph/live", "scenes", "graph/exchange")},
	{"fixtures", append(everywhere(), "rules")},
	{"cmd", append(everywhere(), "graph", "graph/archive", "graph/memory", "graph/embedded", "connectors", "rules", "graph/query", "graph/live", "scenes", "graph/exchange", "web", "fixtures")},
}

// everywhere are the rooms everybody may enter.
func everywhere() []string { return []string{"schema/fault", "schema/access", "schema"} }

// testRooms are what tests of any room may use beside: the suites, the stores, and the fixtures.
var testRooms = []string{"graph", "graph/query", "graph/live", "graph/memory", "graph/embedded", "graph/neo4j", "graph/graphtest", "connectors", "rules", "scenes", "fixtures", "graph/exchange"}

func TestImportsOnlyPointUpTheList(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		checkImports(t, name, filepath.ToSlash(filepath.Dir(relative)), strings.HasSuffix(name, "_test.go"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImports(t *testing.T, file, folder string, test bool) {
	if folder == "." {
		t.Errorf("%s: no Go code in the root", file)
		return
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		ours, found := strings.CutPrefix(imported, "mereon/")
		if found && !allowed(folder, ours, test) {
			t.Errorf("%s imports %s, which is against the arrows of docs/architecture.md", file, ours)
		}
	}
}

func allowed(folder, imported string, test bool) bool {
	room, wanted := roomOf(folder), roomOf(imported)
	if room == wanted || test && slices.Contains(testRooms, wanted) {
		return true
	}
	for _, b := range borders {
		if b.room == room {
			return slices.Contains(b.may, wanted)
		}
	}
	return false
}

// roomOf returns the room a folder belongs to, "" for none.
func roomOf(folder string) string {
	best := ""
	for _, b := range borders {
		if within(folder, b.room) && len(b.room) > len(best) {
			best = b.room
		}
	}
	return best
}

func within(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

// soleImporters lists the libraries that one folder alone imports, as style demands for what may have to be exchanged one day.
var soleImporters = map[string]string{
	"cel.dev/cel-go":                      "schema/expr",
	"go.etcd.io/bbolt":                    "graph/embedded",
	"github.com/neo4j/neo4j-go-driver/v5": "graph/neo4j",
	"github.com/qmuntal/gltf":             "fixtures",
	"github.com/99designs/gqlgen":         "web/api",
	"github.com/alecthomas/kong":          "cmd/mereon",
	"github.com/jackc/pgx/v5":             "connectors/postgres",
}

func TestLibrariesHaveOneImporter(t *testing.T) {
	root := filepath.Join("..", "..")
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, _ := filepath.Rel(root, name)
		folder := path.Dir(filepath.ToSlash(relative))
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return nil
		}
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			for library, owner := range soleImporters {
				if within(imported, library) && !within(folder, owner) {
					t.Errorf("%s imports %s; only %s may", relative, library, owner)
				}
			}
		}
		return nil
	})
}

func TestEveryFolderSaysWhatItOwns(t *testing.T) {
	folders := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules" || d.Name() == "bin" || d.Name() == "generated"):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			folders[filepath.Dir(name)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range folders {
		text, err := os.ReadFile(filepath.Join(folder, "doc.go"))
		if err != nil || !strings.HasPrefix(string(text), "// ") {
			t.Errorf("%s has no doc.go that says what it owns", folder)
		}
	}
}
