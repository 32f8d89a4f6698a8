package connectors_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
)

// nodes reads a connectors: mapping.
func nodes(t testing.TB, text string) map[string]*yaml.Node {
	t.Helper()
	var all map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	configs := map[string]*yaml.Node{}
	for name, node := range all {
		configs[name] = &node
	}
	return configs
}

func TestEveryMistakeOfEveryConnectorIsToldAtOnce(t *testing.T) {
	text := `a: {kind: tset}
b: {kind: test, dedline: 5s}
c: {kind: test, deadline: soon, retries: 50}
d: {deadline: 5s}
`
	_, err := connectors.Open(t.Context(), connectors.NewRegistry(connectortest.Kind("test", connectortest.NewMemory())), nodes(t, text), connectors.Options{})
	want := `mereon.yaml:1:11: there is no connector kind "tset"; did you mean "test"?
mereon.yaml:2:17: unknown key "dedline"
    did you mean "deadline"?
mereon.yaml:3:27: "soon" is not a duration; write it as 250ms, 5s, 1h30m, 1d or PT5S
mereon.yaml:3:42: retries must be between 0 and 10
mereon.yaml:4:4: connector d has no "kind"
    one of: test`
	if err == nil || strings.TrimSpace(err.Error()) != want {
		t.Errorf("Open:\n%v\nwant\n%s", err, want)
	}
}

func TestAnUnknownConnectorIsAStatus(t *testing.T) {
	r := open(t, pumps(1), "")
	a := r.Latest(t.Context(), "plnt", []string{"x"})
	if a.Results[0].Status != connectors.NotFound || a.Results[0].Why != "there is no connector plnt in mereon.yaml; did you mean plant?" {
		t.Errorf("%+v", a.Results[0])
	}
}
