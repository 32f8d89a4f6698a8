// Package scenes binds the graph to 3D: glTF documents, scene documents, and the live frames viewers receive.
//
// A scene document (YAML or JSON, see scene.schema.json) places glTF documents and anchors in space and binds their nodes
// to entities, with effects. Parse reads one strictly, Check compares it with a model and its rule sets, Prepare makes it
// ready to be stored. A Library reads documents by hash and keeps their node tables; Resolve finds nodes by address.
//
//	scene, problems := scenes.Parse(schema.File{Name: "scenes/hall-1.yaml", Text: text})
//	problems = append(problems, scenes.Check(scene, scenes.World{Model: model, Rules: book})...)
//
// A Live runs scenes for those who watch: it resolves bindings and templates against the graph into a slot table, follows
// the inputs, and publishes one frame a tick, encoded once for everybody who sees the same. FRAMES.md is the contract.
//
//	live := scenes.NewLive(scenes.Options{Store: store, Hub: hub, Library: library, Model: model})
//	defer live.Close()
//	cursor, err := live.Subscribe(ctx, "hall-1", nil, "")
//	for {
//		frame, err := cursor.Next(ctx) // the newest state in one frame, however late the caller comes
//	}
package scenes
