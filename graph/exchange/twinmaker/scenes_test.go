package twinmaker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mereon/fixtures/inputs"
	"mereon/graph/exchange/twinmaker"
)

// appKit reads one file of the corpus, with more beside it.
func appKit(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(inputs.Path(t, "twinmaker-scenes-app-kit"), name+".scene.json"))
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{name + ".scene.json": &fstest.MapFile{Data: data}}
}

func TestScenesOfTheCorpusHaveTheirCounts(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"CookieFactoryWaterTank": {"scene nodes": 7, "models placed": 1, "entity bindings": 2, "sub-models": 3, "model shaders": 2, "motion indicators": 1, "scene components without counterpart": 2},
		"animation-test-scene":   {"scene nodes": 2, "models placed": 2, "scene components without counterpart": 2},
		"overlay":                {"scene nodes": 10, "models placed": 1, "tags": 3, "motion indicators": 1, "sub-models": 1, "cameras": 1, "data overlays": 3, "scene components without counterpart": 2},
		"scene_1":                {"scene nodes": 9, "models placed": 1, "tags": 2, "motion indicators": 1, "sub-models": 1, "cameras": 1, "data overlays": 2, "scene components without counterpart": 2},
		"scene_2":                {"scene nodes": 7, "models placed": 2, "tags": 2, "model shaders": 1, "motion indicators": 2},
	} {
		_, _, report := convert(t, appKit(t, name))
		for what, n := range want {
			if report.Counts[what] != n {
				t.Errorf("%s: %s = %d, want %d", name, what, report.Counts[what], n)
			}
		}
	}
	for name, says := range map[string]string{
		"mix-error-warning": "$.nodes[0].children: there is no node 1", "invalid-spec-version": "$.specVersion", "unsupported-major-version": "$.specVersion",
	} {
		if _, _, err := twinmaker.Convert(appKit(t, name), ""); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", name, err, says)
		}
	}
}

func TestASceneWithItsEntitiesIsBound(t *testing.T) {
	source := appKit(t, "CookieFactoryWaterTank")
	source["entities.json"] = &fstest.MapFile{Data: []byte(`[{"entityId": "WaterTank"}, {"entityId": "MainPipe"}, {"entityId": "room1", "components": {"temperatureSensor1": {"componentTypeId": "sensor", "properties": {
		"temperature": {"definition": {"dataType": {"type": "DOUBLE"}, "isTimeSeries": true}}}}}}]`)}
	model, err := os.ReadFile(filepath.Join(inputs.Path(t, "twinmaker-cookiefactory-v1"), "scenes", "CookieFactoryWaterTank.glb"))
	if err != nil {
		t.Fatal(err)
	}
	source["3d_models/CookieFactoryWaterTank.glb"] = &fstest.MapFile{Data: model}
	_, files, report := convert(t, source)
	scene := string(files["scenes/cookie-factory-water-tank.yaml"])
	for _, want := range []string{
		"node: {document: water_tank}\n    entity: WaterTank", "node: {document: water_tank, name: FlowMeter}\n    entity: room1\n    effects:\n      - color:\n          rule: AlwaysOn",
		"name: water-pipe1", "entity: MainPipe", "name: SupplyTank}\n    entity: room1\n    effects:\n      - opacity:\n          rule: TransparencyOn", "overview:",
	} {
		if !strings.Contains(scene, want) {
			t.Errorf("the scene lacks %q:\n%s\n%v", want, scene, report.Unmapped)
		}
	}
}

func TestADynamicSceneIsReported(t *testing.T) {
	_, _, report := convert(t, text(map[string]string{"e.json": `[
		{"entityId": "SCENES_EntityId", "entityName": "$SCENES"},
		{"entityId": "SCENE_a", "entityName": "a", "parentEntityId": "SCENES_EntityId", "components": {"Scene": {"componentTypeId": "com.amazon.iottwinmaker.3d.scene", "properties": {"unit": {"value": {"stringValue": "meters"}}}}}}]`}))
	if !said(report.Unmapped, "SCENE_a", "dynamic scene") {
		t.Errorf("%v", report.Unmapped)
	}
}

func TestScenesOfTheSameNameAreTwoFiles(t *testing.T) {
	scene := &fstest.MapFile{Data: []byte(`{"specVersion": "1.0", "nodes": [], "rootNodeIndexes": []}`)}
	_, files, _ := convert(t, fstest.MapFS{"a/Hall.json": scene, "b/Hall.json": scene})
	if files["scenes/hall.yaml"] == nil || files["scenes/hall2.yaml"] == nil {
		t.Errorf("one of the scenes is lost")
	}
}
