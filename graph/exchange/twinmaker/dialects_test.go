package twinmaker_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mereon/graph/exchange"
	"mereon/graph/exchange/project"
	"mereon/graph/exchange/twinmaker"
	"mereon/schema/fault"
)

// convert makes a project of a source and checks it.
func convert(t testing.TB, source fs.FS) (*project.Checked, map[string][]byte, *exchange.Report) {
	t.Helper()
	files, report, err := twinmaker.Convert(source, "")
	if err != nil {
		t.Fatalf("%v", err)
	}
	folder := fstest.MapFS{}
	for name, data := range files {
		folder[name] = &fstest.MapFile{Data: data}
	}
	checked, problems := project.ReadAndCheck(folder)
	if err := problems.Err(); err != nil {
		t.Fatalf("check refuses what was imported: %v\n%s\n%s", err, files["model/workspace.graphql"], files["entities/workspace.yaml"])
	}
	return checked, files, report
}

func text(files map[string]string) fs.FS {
	folder := fstest.MapFS{}
	for name, data := range files {
		folder[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return folder
}

// said reports whether some finding says all of words.
func said(findings []exchange.Finding, words ...string) bool {
	for _, f := range findings {
		all := true
		for _, w := range words {
			all = all && strings.Contains(f.File+" "+f.Path+" "+f.Message, w)
		}
		if all {
			return true
		}
	}
	return false
}

func TestEveryDialectGivesTheSameProject(t *testing.T) {
	var want string
	for _, dialect := range []string{"samples", "tmdt", "transfer", "responses", "cloudformation"} {
		checked, files, _ := convert(t, os.DirFS(filepath.Join("testdata", dialect)))
		got := string(files["model/workspace.graphql"]) + string(files["entities/workspace.yaml"])
		if want == "" {
			want = got
			if len(checked.Entities) != 3 || !strings.Contains(want, "RELATION") && !strings.Contains(want, "feeds: [Element!] @relation") {
				t.Errorf("%d entities, want 3:\n%s", len(checked.Entities), want)
			}
		}
		if got != want {
			t.Errorf("%s gives\n%s\nwant what samples give:\n%s", dialect, got, want)
		}
	}
}

func TestOnlyWhatAListingNamesIsTheWorkspace(t *testing.T) {
	_, files, report := convert(t, os.DirFS(filepath.Join("testdata", "tmdt")))
	if !said(report.Unmapped, "old-entities.json", "kept under source/") || files["source/old-entities.json"] == nil {
		t.Errorf("a file that is not listed is not reported and kept: %v", report.Unmapped)
	}
	_, _, err := twinmaker.Convert(text(map[string]string{"tmdt.json": `{"component_types": ["a.json"], "scenes": ["s.json"], "entities": "e.json"}`}), "")
	for _, says := range []string{`$.component_types[0]: there is no file "a.json"`, `$.scenes[0]`, `$.entities: there is no file "e.json"`} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("a listing with missing files: %v, want %s", err, says)
		}
	}
}

func TestDamagedFilesRefuseTheSourceAndAreAllNamed(t *testing.T) {
	_, _, err := twinmaker.Convert(text(map[string]string{
		"a.json":     `{"entities": [{"entityName": "without id"}]}`,
		"b.json":     "{\n\"componentTypeId\": \"x\",\n",
		"c.json":     `{"entityComponents": [{"entityId": "nobody", "componentName": "c", "componentTypeId": "x"}]}`,
		"d.json":     `[{"entityId": "e", "components": {"c": {"componentTypeId": 5}}}]`,
		"e.json":     `{"specVersion": "2.0", "nodes": []}`,
		"f.json":     `{"Resources": {"P": {"Type": "AWS::IoTTwinMaker::Entity", "Properties": {"EntityId": {"Ref": "x"}}}}}`,
		"right.json": `[{"entityId": "fine", "entityName": "Fine"}]`,
	}), "")
	var list fault.List
	if !errors.As(err, &list) {
		t.Fatalf("%v, want a list", err)
	}
	for _, says := range []string{
		"a.json: $.entities: $[0] has no entityId", "b.json: not JSON: line", `c.json: $.entityComponents[0]: there is no entity "nobody"`,
		"d.json: $.components.", "e.json: $.specVersion", "f.json: $.Resources.P.Properties: $.entityId",
	} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the refusal does not say %q:\n%v", says, err)
		}
	}
	if len(list) != 6 {
		t.Errorf("%d files are named, want 6:\n%v", len(list), err)
	}
}

func TestImpossibleTreesAreRefused(t *testing.T) {
	_, _, err := twinmaker.Convert(text(map[string]string{"e.json": `[
		{"entityId": "a", "parentEntityId": "b"}, {"entityId": "b", "parentEntityId": "a"}, {"entityId": "c", "parentEntityId": "gone"}, {"entityId": "c"}]`}), "")
	for _, says := range []string{`"a" is among its own ancestors`, `"b" is among`, `the parent "gone"`, `"c" is used twice`} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

func TestNamesThatClashAreRenamedAndReported(t *testing.T) {
	_, files, report := convert(t, text(map[string]string{"w.json": `{
		"componentTypes": [
			{"componentTypeId": "com.a.pump", "propertyDefinitions": {
				"my-t": {"dataType": {"type": "DOUBLE"}}, "my.t": {"dataType": {"type": "DOUBLE"}}, "my_t": {"dataType": {"type": "DOUBLE"}},
				"entity": {"dataType": {"type": "STRING"}}, "not": {"dataType": {"type": "STRING"}}, "__x": {"dataType": {"type": "STRING"}}, "9": {"dataType": {"type": "STRING"}},
				"isChildOf": {"dataType": {"type": "RELATIONSHIP"}}, "feeds": {"dataType": {"type": "RELATIONSHIP"}}, "children": {"dataType": {"type": "LIST", "nestedType": {"type": "RELATIONSHIP"}}}}},
			{"componentTypeId": "com.b.pump", "propertyDefinitions": {"feeds": {"dataType": {"type": "LIST", "nestedType": {"type": "RELATIONSHIP"}}}}}],
		"entities": [
			{"entityId": "1", "entityName": "One", "components": {"Pump": {"componentTypeId": "com.a.pump", "properties": {
				"feeds": {"value": {"relationshipValue": {"TargetEntityId": "2"}}}, "isChildOf": {"value": {"relationshipValue": {"targetEntityId": "3"}}}}}}},
			{"entityId": "2", "entityName": "Two", "components": {"Pump": {"componentTypeId": "com.b.pump", "properties": {
				"feeds": {"value": {"listValue": [{"relationshipValue": {"targetEntityId": "1"}}, {"relationshipValue": {"targetEntityId": "nobody"}}]}}}}}},
			{"entityId": "3", "entityName": "Three", "parentEntityId": "1", "components": {"name": {"componentTypeId": "com.a.pump"}, "id": {"componentTypeId": "com.b.pump"}, "Pump": {"componentTypeId": "com.a.pump"}}},
			{"entityId": "4", "components": {"Entity": {"componentTypeId": "com.amazon.x"}}},
			{"entityId": "5", "components": {"PumpConnection": {"componentTypeId": "com.amazon.x"}}},
			{"entityId": "6", "components": {"Scene": {"componentTypeId": "com.amazon.x"}}},
			{"entityId": "7", "components": {"Pumps": {"componentTypeId": "com.amazon.x"}}}]}`}))
	renamed := fmt.Sprint(report.Renamed)
	for _, want := range []string{"my-t my_t", "my.t my_t", "entity entity2", "not not2", "name name2", "id id2", "isChildOf isChildOf2", "Entity Entity2"} {
		if !strings.Contains(renamed, want) {
			t.Errorf("%q is not reported: %s\n%s", want, renamed, files["model/workspace.graphql"])
		}
	}
	if !said(report.Unmapped, "nobody", "not in the source") {
		t.Errorf("the relationship to nobody is not reported: %v", report.Unmapped)
	}
}

func TestNothingOfADefinitionIsLost(t *testing.T) {
	_, files, report := convert(t, text(map[string]string{"w.json": `{
		"componentTypes": [{"componentTypeId": "com.a.pump", "propertyDefinitions": {
			"flow": {"dataType": {"type": "DOUBLE", "unitOfMeasure": "m3/h"}, "displayName": "Flow \"in\""},
			"speed": {"dataType": {"type": "INTEGER", "unitOfMeasure": "knots per hour"}, "defaultValue": {"integerValue": "5"}},
			"mode": {"dataType": {"type": "STRING", "allowedValues": [{"stringValue": "RUN"}]}, "configuration": {"tag": "x"}, "isRequiredInEntity": true},
			"table": {"dataType": {"type": "MAP", "nestedType": {"type": "STRING"}}, "defaultValue": {"mapValue": {"a b": {"stringValue": "c"}}}},
			"big": {"dataType": {"type": "LONG"}}, "list": {"dataType": {"type": "LIST", "nestedType": {"type": "DOUBLE"}}}}}],
		"entities": [{"entityId": "1", "entityExternalId": "x-1", "tags": {"a": "b"}, "components": {"Pump": {"componentTypeId": "com.a.pump", "properties": {
			"flow": {"value": {"stringValue": "fast"}}, "big": {"value": {"longValue": 9223372036854775807}}, "list": {"value": {"listValue": [{"doubleValue": 1}, {"stringValue": "x"}]}},
			"speed": {"value": {"expression": "${a} + 1"}}, "mode": {"value": {"stringValue": "RUN"}}}}}}]}`}))
	sdl := string(files["model/workspace.graphql"])
	for _, want := range []string{`@unit(code: "m3/h")`, `"Flow \"in\""`, `speed: Int @default(value: 5)`, "knots per hour", "allowedValues", "configuration", "isRequiredInEntity", "defaultValue"} {
		if !strings.Contains(sdl, want) {
			t.Errorf("the model lacks %s:\n%s", want, sdl)
		}
	}
	for _, path := range []string{"properties.flow", "properties.big", "properties.list", "properties.speed", "'1'"} {
		if !said(report.Unmapped, path) {
			t.Errorf("%s is not reported: %v", path, report.Unmapped)
		}
	}
}

func FuzzConvertRefusesOrGivesWhatCheckAccepts(f *testing.F) {
	add := func(dir string) {
		names, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, dialect := range []string{"samples", "transfer", "responses", "cloudformation", "scenes"} {
		add(filepath.Join("testdata", dialect))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		source := fstest.MapFS{"w.json": &fstest.MapFile{Data: data}}
		if _, _, err := twinmaker.Convert(source, ""); err == nil {
			convert(t, source)
		}
	})
}
