package scenes

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

const hall = `scene: hall-1
title: Hall 1
parameters: {pump: {type: Pump, default: pump-7}}
documents:
  - {id: line, file: assets/line.gltf, at: {position: [0, 0, 0], rotation: [0, 90, 0], scale: 1}}
anchors: {exit: {position: [4, 2, 0]}}
layers: {safety: {title: Safety}}
bindings:
  - node: {document: line, extras: {id: P-7}}
    entity: pump-7
    layer: safety
    effects:
      - {color: {rule: bearing}}
      - {animationSpeed: {input: speed, from: [0, 3000], to: [0, 2], clip: Rotate}}
      - {rotate: {axis: [0, 0, 1], fixed: 30}}
      - {tag: {text: "{flow:1} m3/h", icon: {rule: bearing}}}
  - {node: {document: line}, entity: "{pump}", effects: [{opacity: {rule: bearing}}]}
  - {anchor: exit, entity: hall-1, effects: [{tag: {text: "{name}"}}]}
templates:
  - every: {type: Pump, within: {hierarchy: place, of: hall-1}}
    node: {document: line, extras: {id: "{serialNumber}"}}
    effects: [{emissive: {rule: bearing, priority: 5}}]
views: {overview: {position: [12, 8, 12], target: [0, 0, 0]}}
palette: {alarm: {color: "#ff0000", icon: fire, severity: 4, pulse: true}}
staleAfter: 10s
`

// hallLine has two pumps with ids below a group, and a clip that turns the first.
const hallLine = `{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[
	{"name":"Line A","children":[1,2]},{"name":"Pump","extras":{"id":"P-7"}},{"name":"Pump","extras":{"id":"P-8"}}],
	"accessors":[{"componentType":5126,"type":"SCALAR","count":2,"min":[0],"max":[1]},{"componentType":5126,"type":"VEC4","count":2}],
	"animations":[{"name":"Rotate","samplers":[{"input":0,"output":1}],"channels":[{"sampler":0,"target":{"node":1,"path":"rotation"}}]}]}`

func mustParse(t testing.TB, text string) *Scene {
	t.Helper()
	scene, problems := Parse(schema.File{Name: "scenes/hall-1.yaml", Text: text})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return scene
}

func TestSceneMistakesAreAllReportedWithTheirPlace(t *testing.T) {
	_, problems := Parse(schema.File{Name: "s.yaml", Text: `scene: hall 1
version: 7
documents:
  - {id: line, file: ../line.glb, at: {position: [0, 0], scale: 0}}
  - {id: line, file: b.glb, layer: safty}
layers: {safety: {}}
anchors: {exit: {position: [4, 2]}}
bindings:
  - {node: {document: lime, name: "{x"}, anchor: exit, entity: p, effects: []}
  - {entity: "{pmp}", effects: [{color: {input: x}}, {color: {rule: a}, opacity: {rule: b}}]}
  - {anchor: exti, entity: p, effects: [{color: {rule: a}}]}
  - {node: {document: line}, entity: p, effects: [{opacity: {input: x, from: [1, 1], to: [0, 2], clip: c, axis: [0, 0, 0]}}]}
  - {node: {document: line}, entity: p, effects: [{rotate: {}}, {tag: {}}, {tag: {text: "a}"}}, {colour: {rule: a}}]}
templates:
  - {every: {type: Pump}, node: {document: line, name: Pump}, effects: [{fill: {fixed: 1, from: [0, 1], to: [0, 1]}}]}
palette: {alarm: {color: red, severity: 9}}
parameters: {pump: {type: Pump}}
`})
	want, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), problems.Error()); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestPrepareDepositsDocumentsAndReportsWhatDoesNotResolve(t *testing.T) {
	text := strings.Replace(hall, "  - {anchor: exit,", `  - {node: {document: line, path: "Line A/Pmp"}, entity: pump-7, effects: [{color: {rule: bearing}}]}
  - {node: {document: line, name: Pump}, entity: pump-7, effects: [{color: {rule: bearing}}]}
  - {anchor: exit,`, 1) + "  \n"
	text = strings.Replace(text, "anchors:", "  - {id: lost, file: assets/lost.glb}\n  - {id: bad, file: assets/bad.glb}\nanchors:", 1)
	scene := mustParse(t, text)
	folder := fstest.MapFS{"assets/line.gltf": {Data: []byte(hallLine)}, "assets/bad.glb": {Data: []byte("gltF")}}
	prepared, problems := Prepare(scene, folder)
	var got []string
	for _, p := range problems {
		got = append(got, p.Message+" | "+p.Hint)
	}
	want := []string{
		"the file assets/lost.glb is missing; what is bound to it is shown as boxes | Put the file there, or remove the document.",
		"assets/bad.glb: the glTF document is refused: the file ends within the header of 12 bytes (GLB_UNEXPECTED_END_OF_HEADER); mend it in the program that exported it, or see mereon inspect | ",
		`no node of line matches path "Line A/Pmp" | Nearest: "Line A/Pump", "Line A", "Line A/Pump[2]".`,
		`several nodes of line match name "Pump" | Matching: "Line A/Pump", "Line A/Pump[2]". Use a path.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	if len(prepared.Blobs) != 1 || prepared.Artifact.Documents["line"].Hash == "" || prepared.Artifact.Documents["lost"].Hash != "" {
		t.Errorf("deposits are %v", prepared.Artifact.Documents)
	}
	data, err := prepared.Artifact.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeArtifact(data)
	if diff := cmp.Diff(prepared.Artifact, back); diff != "" || err != nil {
		t.Errorf("the artifact came back different, %v (-want +got):\n%s", err, diff)
	}
	if _, err := back.Scene(); err != nil {
		t.Error(err)
	}
}

func TestTextsAreFilledAndNumbersReadable(t *testing.T) {
	for source, want := range map[string]string{
		"{a} m3/h": "12.41 m3/h", "{a:1}": "12.4", "{{{b}}}": "{–}", "{c}/{d}": "1480/104.2", "{e}": "7", "{f}": "0.0123", "no places": "no places",
	} {
		text, err := parseText(source)
		if err != nil {
			t.Errorf("parseText(%q): %v", source, err)
			continue
		}
		values := map[schema.Path]schema.Value{"a": schema.FloatOf(12.41), "c": schema.FloatOf(1480.4), "d": schema.FloatOf(104.24),
			"e": schema.FloatOf(7.0), "f": schema.FloatOf(0.01234)}
		if got := text.fill(func(i int) schema.Value { return values[text.Paths[i]] }); got != want {
			t.Errorf("%q becomes %q, want %q", source, got, want)
		}
	}
	for _, source := range []string{"{", "}", "{}", "{a b}", "{a:x}", "{a:12}", "{a{b}}"} {
		if _, err := parseText(source); err == nil {
			t.Errorf("parseText(%q) succeeds, want an error", source)
		}
	}
}

func TestChannelsMapAndHoldTheirRange(t *testing.T) {
	ch := &Channel{From: []float64{0, 3000}, To: []float64{0, 2}}
	for in, want := range map[float64]float64{-10: 0, 0: 0, 1500: 1, 3000: 2, 9000: 2} {
		if got := ch.value(in, natures[AnimationSpeed]); got != want {
			t.Errorf("%v becomes %v, want %v", in, got, want)
		}
	}
	if got := (&Channel{}).value(1.7, natures[Opacity]); got != 1 {
		t.Errorf("an opacity of 1.7 becomes %v, want 1", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(hall)
	f.Add("scene: a\nbindings: [{node: {document: x, name: \"{a:1}\"}, entity: \"{p}\", effects: [{tag: {text: \"{{\"}}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		scene, problems := Parse(schema.File{Name: "s.yaml", Text: text})
		if (scene == nil) != (problems.Err() != nil) {
			t.Fatalf("Parse gives a scene (%v) with problems %v", scene != nil, problems)
		}
		if scene != nil {
			_, _ = Prepare(scene, fstest.MapFS{})
		}
	})
}
