package scenes

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mereon/schema"
	"mereon/schema/document"
)

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scene.json", text); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("scene.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// plain returns a YAML text as the JSON values a schema judges.
func plain(t testing.TB, text string) any {
	t.Helper()
	node, problems := document.Parse(schema.File{Name: "s.yaml", Text: text})
	if problems != nil {
		t.Fatal(problems)
	}
	data, err := json.Marshal(document.Any(node))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSchemaTakesWhatParseTakes(t *testing.T) {
	compiled := compiledSchema(t)
	texts := map[string]string{"hall": hall}
	for _, file := range readFiles(t, "scenes") {
		texts[file.Name] = file.Text
	}
	for name, text := range texts {
		if err := compiled.Validate(plain(t, text)); err != nil {
			t.Errorf("the schema refuses %s: %v", name, err)
		}
	}
}

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	compiled := compiledSchema(t)
	const head = "scene: a\ndocuments: [{id: d, file: f.glb}]\n"
	bind := func(effects string) string {
		return head + "bindings: [{node: {document: d}, entity: e, effects: [" + effects + "]}]\n"
	}
	for _, text := range []string{
		"title: no name\n", "scene: a b\n", head + "colour: red\n", head + "version: 2\n", head + "anchors: {a: {position: [1, 2]}}\n",
		head + "views: {a: {position: [1, 2, 3]}}\n", head + "palette: {a: {color: red}}\n", head + "staleAfter: 10\n",
		head + "bindings: [{entity: e, effects: [{tag: {text: x}}]}]\n", "scene: a\ndocuments: [{id: d}]\n",
		bind("{color: {rule: r}, opacity: {rule: r}}"), bind("{color: {input: x}}"), bind("{opacity: {rule: r, input: x}}"), bind("{opacity: {}}"),
		bind("{opacity: {input: x, from: [0, 1]}}"), bind("{opacity: {input: x, clip: c}}"), bind("{tag: {}}"), bind("{glow: {rule: r}}"), bind(""),
		bind("{rotate: {fixed: 1, axis: [1, 0]}}"), head + "templates: [{every: {}, node: {document: d, name: \"{id}\"}, effects: [{fill: {fixed: 1}}]}]\n",
	} {
		if scene, _ := Parse(schema.File{Name: "s.yaml", Text: text}); scene != nil {
			t.Errorf("Parse takes\n%s", text)
		}
		if compiled.Validate(plain(t, text)) == nil {
			t.Errorf("the schema takes\n%s", text)
		}
	}
}

func TestTheSampleOfTheReadmeIsRead(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(text), "```yaml\n")
	sample, _, _ = strings.Cut(sample, "```")
	mustParse(t, sample)
	if err := compiledSchema(t).Validate(plain(t, sample)); err != nil {
		t.Error(err)
	}
}

// Every key a struct takes is in the schema, described, and no other.
func TestSchemaHasEveryKey(t *testing.T) {
	var root struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]reflect.Type{
		"": reflect.TypeFor[Scene](), "parameter": reflect.TypeFor[Parameter](), "placement": reflect.TypeFor[Placement](), "transform": reflect.TypeFor[Transform](),
		"anchor": reflect.TypeFor[Anchor](), "layer": reflect.TypeFor[Layer](), "view": reflect.TypeFor[Camera](), "look": reflect.TypeFor[Look](),
		"binding": reflect.TypeFor[Binding](), "template": reflect.TypeFor[Template](), "every": reflect.TypeFor[Every](), "within": reflect.TypeFor[Within](),
		"node": reflect.TypeFor[Node](), "effect": reflect.TypeFor[Effect](), "tag": reflect.TypeFor[Tag](), "fingerprint": reflect.TypeFor[Fingerprint](),
	} {
		properties := root.Properties
		if name != "" {
			properties = root.Defs[name].Properties
		}
		seen := 0
		for i := range of.NumField() {
			key, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
			if key == "" || key == "-" {
				continue
			}
			seen++
			if properties[key] == nil {
				t.Errorf("the schema lacks %s.%s", name, key)
			}
		}
		if seen != len(properties) {
			t.Errorf("the schema has %d keys in %s, the struct %d", len(properties), name, seen)
		}
	}
}
