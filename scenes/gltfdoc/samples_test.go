package gltfdoc

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mereon/fixtures/inputs"
)

// sampleCounts are the independent counts of the samples' SOURCE.md: nodes, unnamed nodes, nodes whose name an earlier one has, meshes,
// primitives, materials, clips, channels, skins, depth, triangles, scenes, variants.
var sampleCounts = map[string]string{
	"00_no_scenes.gltf":               "1 0 0 1/1 1 0/0 0 1 12 0 0",
	"02_node_hierarchy.gltf":          "3 0 0 2/2 1 0/0 0 2 60 1 0",
	"02_shared_mesh.gltf":             "3 0 0 1/1 1 0/0 0 1 12 1 0",
	"03_animated_cube.gltf":           "2 0 0 1/1 1 1/1 0 1 12 1 0",
	"18_variants.gltf":                "1 0 0 1/3 5 0/0 0 1 12 1 2",
	"24_animation_pointer.gltf":       "64 0 5 34/34 14 1/70 1 14 12888 1 0",
	"ANIMATED_MIXER.gltf":             "20 0 0 18/19 4 2/6 0 4 40508 1 0",
	"PALLET_JACK.glb":                 "2 0 0 1/5 5 0/0 0 2 34332 1 0",
	"AnimatedMorphCube.glb":           "1 0 0 1/1 1 1/1 0 1 12 1 0",
	"Box With Spaces.gltf":            "1 0 0 1/1 1 0/0 0 1 12 1 0",
	"Box.glb":                         "2 2 0 1/1 1 0/0 0 2 12 1 0",
	"BoxAnimated.glb":                 "4 4 0 2/2 2 1/2 0 3 254 1 0",
	"Cameras.gltf":                    "3 3 0 1/1 0 0/0 0 1 2 1 0",
	"EmissiveStrengthTest.glb":        "6 0 0 6/6 6 0/0 0 1 90 1 0",
	"Fox.glb":                         "26 0 0 1/1 1 3/63 1 9 576 1 0",
	"InterpolationTest.glb":           "12 0 0 10/10 10 9/9 0 1 110 1 0",
	"MetalRoughSpheresNoTextures.glb": "119 0 0 102/123 98 0/0 0 3 1040409 1 0",
	"MultipleScenes.gltf":             "2 2 0 2/2 0 0/0 0 1 3 2 0",
	"RiggedFigure.glb":                "22 0 0 1/1 1 1/57 1 8 256 1 0",
	"SimpleInstancing.glb":            "1 1 0 1/1 0 0/0 0 1 12 1 0",
	"SimpleSkin.gltf":                 "3 3 0 1/1 0 1/1 1 2 8 1 0",
	"Unicode❤♻Test.glb":               "1 1 0 1/1 1 0/0 0 1 2 1 0",
	"RobotExpressive.glb":             "74 0 8 14/19 3 14/193 2 14 3237 1 0",
	"CookieFactoryMixer.glb":          "8 0 0 4/7 4 0/0 0 4 22083 1 0",
	"CookieFactoryWaterTank.glb":      "26 0 0 19/19 9 0/0 0 5 1255 1 0",
}

func countsOf(doc *Document, r Report) string {
	unnamed, repeated, channels := 0, 0, 0
	seen := map[string]bool{}
	for _, n := range doc.Nodes {
		if n.Name == "" {
			unnamed++
		} else if seen[n.Name] {
			repeated++
		}
		seen[n.Name] = true
	}
	for _, clip := range r.Clips {
		channels += clip.Channels
	}
	return fmt.Sprintf("%d %d %d %d/%d %d %d/%d %d %d %d %d %d", r.Nodes, unnamed, repeated, r.Meshes, r.Primitives, r.Materials,
		len(r.Clips), channels, r.Skins, r.Depth, r.Triangles, r.Scenes, len(r.Variants))
}

func TestSamplesAreAcceptedWithTheIndependentCounts(t *testing.T) {
	seen := 0
	for _, folder := range []string{"gltf-samples", "twinmaker-cookiefactory-v1"} {
		err := filepath.WalkDir(inputs.Path(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".glb") && !strings.HasSuffix(path, ".gltf") {
				return err
			}
			seen++
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, report, err := Read(data, Options{Resources: os.DirFS(filepath.Dir(path))})
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(path), err)
				return nil
			}
			if report.Failed && filepath.Base(path) != "RobotExpressive.glb" {
				t.Errorf("%s: has an error: %v", filepath.Base(path), report.Issues)
			}
			if got, want := countsOf(doc, report), sampleCounts[filepath.Base(path)]; got != want {
				t.Errorf("%s: counts are %s, want %s", filepath.Base(path), got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen != len(sampleCounts) {
		t.Errorf("%d samples found, want %d", seen, len(sampleCounts))
	}
}
