package rules

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mereon/schema"
	"mereon/schema/document"
)

func TestTheJSONSchemaTakesWhatCompilesAndRefusesWrongShapes(t *testing.T) {
	s := compileSchema(t)
	var files []string
	for _, pattern := range []string{"../fixtures/demo/rules/*.yaml", "testdata/mistakes/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	// What only the compiler sees is right in shape.
	shapely := "alarm bad_expressions bands costly input_and_param map no_last_state nothing params ramp two_forms unknown_input unknown_type "
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		node, _ := document.Parse(schema.File{Name: path, Text: string(text)})
		if node == nil {
			continue
		}
		wrong := s.Validate(document.Any(node))
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if strings.Contains(path, "demo") && wrong != nil {
			t.Errorf("%s: %v", path, wrong)
		}
		if strings.Contains(path, "mistakes") && wrong == nil && !strings.Contains(shapely, name+" ") {
			t.Errorf("%s is taken", path)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("ruleset.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("ruleset.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
