package all

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
)

func TestSamplesOpen(t *testing.T) {
	for _, name := range Kinds().Names() {
		if kind, err := Kinds().Kind(name); err != nil || kind.Sample == "" {
			t.Errorf("kind %s has no sample (%v)", name, err)
		}
	}
}

func TestUnknownKindIsToldWithTheNearest(t *testing.T) {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: simulater, path: x}"), &node); err != nil {
		t.Fatal(err)
	}
	_, err := connectors.Open(t.Context(), Kinds(), map[string]*yaml.Node{"plant": node.Content[0]}, connectors.Options{})
	want := "mereon.yaml:1:8: there is no connector kind \"simulater\"; did you mean \"simulator\"?"
	if err == nil || err.Error() != want {
		t.Errorf("Open = %v\nwant %s", err, want)
	}
}
