package connectors_test

import (
	"context"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/all"
)

func Example() {
	var project struct {
		Connectors map[string]yaml.Node `yaml:"connectors"`
	}
	text := `
connectors:
  plant:
    kind: simulator
    cache: 2s
    series:
      pumps/{pump}/flow: {unit: m3/h, constant: 12.5, keys: {P-8: {constant: 0}}}
`
	if err := yaml.Unmarshal([]byte(text), &project); err != nil {
		fmt.Println(err)
		return
	}
	configs := map[string]*yaml.Node{}
	for name, node := range project.Connectors {
		configs[name] = &node
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	runtime, err := connectors.Open(ctx, all.Kinds(), configs, connectors.Options{Dir: "."})
	if err != nil {
		fmt.Println(err) // all mistakes, each with its line
		return
	}
	refs := []string{"pumps/P-7/flow", "pumps/P-8/flow", "tanks/T-1/level"}
	answer := runtime.Latest(ctx, "plant", refs)
	for i, r := range answer.Results {
		fmt.Println(refs[i], r.Value.Float(), r.Unit, r.Status)
	}
	fmt.Println(answer.Calls, "request for", answer.Keys, "keys")
	if err := runtime.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// pumps/P-7/flow 12.5 m3/h OK
	// pumps/P-8/flow 0 m3/h OK
	// tanks/T-1/level NaN  NOT_FOUND
	// 1 request for 3 keys
}
