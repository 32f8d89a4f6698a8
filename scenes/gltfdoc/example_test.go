package gltfdoc_test

import (
	"fmt"

	"mereon/scenes/gltfdoc"
)

func ExampleRead() {
	doc, _, err := gltfdoc.Read([]byte(`{"asset":{"version":"2.0"},"nodes":[
		{"name":"Line A","children":[1,2]},{"name":"Pump"},{"name":"Pump","extras":{"id":"P-8"}}]}`), gltfdoc.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range doc.Nodes {
		fmt.Printf("%d %s %q\n", n.Index, n.Path, n.Extras["id"])
	}
	// Output:
	// 0 Line A ""
	// 1 Line A/Pump ""
	// 2 Line A/Pump[2] "P-8"
}

func ExampleInspect() {
	report := gltfdoc.Inspect([]byte(`{"asset":{"version":"2.0"},"nodes":[{"children":[0]}]}`), gltfdoc.Options{})
	fmt.Println(report.Refused)
	for _, issue := range report.Issues {
		fmt.Println(issue)
	}
	// Output:
	// true
	// error NODE_LOOP at /nodes/0: node is a part of a node loop
}
