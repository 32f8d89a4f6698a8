package scenes_test

import (
	"fmt"
	"testing/fstest"

	"mereon/scenes"
	"mereon/schema"
)

func ExampleParse() {
	_, problems := scenes.Parse(schema.File{Name: "scenes/hall.yaml", Text: `scene: hall
documents: [{id: line, file: assets/line.glb}]
bindings:
  - node: {document: lime, extras: {id: P-7}}
    entity: pump-7
    effects: [{color: {rule: bearing}}]
`})
	fmt.Println(problems)
	// Output:
	// scenes/hall.yaml:4:11: there is no document "lime"
	//       - node: {document: lime, extras: {id: P-7}}
	//               ^
	//     Did you mean line?
}

func ExamplePrepare() {
	scene, _ := scenes.Parse(schema.File{Name: "scenes/hall.yaml", Text: `scene: hall
documents: [{id: line, file: line.gltf}]
bindings:
  - {node: {document: line, path: "Line/Pmp"}, entity: pump-7, effects: [{color: {rule: bearing}}]}
`})
	folder := fstest.MapFS{"line.gltf": {Data: []byte(`{"asset":{"version":"2.0"},"nodes":[{"name":"Line","children":[1]},{"name":"Pump"}]}`)}}
	prepared, problems := scenes.Prepare(scene, folder)
	fmt.Println(problems[0].Message, problems[0].Hint)
	fmt.Println(len(prepared.Blobs), "blob,", prepared.Reports["line"].Nodes, "nodes")
	// Output:
	// no node of line matches path "Line/Pmp" Nearest: "Line/Pump".
	// 1 blob, 2 nodes
}
