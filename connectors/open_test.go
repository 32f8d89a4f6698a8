package connectors_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
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
	_, err := connectors.Open(t.Context(), connectors.NewRegistry(connectortest.Kind("test", connectortest.NewMemory())), nodes(t, text),
		connectors.Options{File: schema.File{Name: "mereon.yaml", Text: text}})
	want := `mereon.yaml:1:11: there is no connector kind "tset"; did you mean "test"?
    a: {kind: tset}
              ^
mereon.yaml:2:17: unknown key "dedline"
    b: {kind: test, dedline: 5s}
                    ^
    Did you mean deadline?
mereon.yaml:3:27: deadline takes a duration, not "soon"
    c: {kind: test, deadline: soon, retries: 50}
                              ^
    Write for example 500ms, 10s, 1h30m, 1d or PT5S.
mereon.yaml:3:42: retries must be between 0 and 10
    c: {kind: test, deadline: soon, retries: 50}
                                             ^
mereon.yaml:4:4: connector d has no kind
    d: {deadline: 5s}
       ^
    Write kind: and one of test.`
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
