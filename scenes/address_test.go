package scenes

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/scenes/gltfdoc"
)

func readDoc(t testing.TB, text string) *gltfdoc.Document {
	t.Helper()
	doc, _, err := gltfdoc.Read([]byte(text), gltfdoc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAddressesResolveByTheBestWayFirst(t *testing.T) {
	r := NewResolver(readDoc(t, `{"asset":{"version":"2.0"},"nodes":[{"name":"Line A","children":[1,2,3]},
		{"name":"Pump","extras":{"id":"P-7","site":"x"}},{"name":"Pump","extras":{"id":"P-8","site":"x"}},{"name":"Valve"}]}`))
	cases := []struct {
		address Address
		want    Resolution
	}{
		{Address{Extras: map[string]string{"id": "P-8"}}, Resolution{Outcome: Exact, Node: 2, By: "extras"}},
		{Address{Extras: map[string]string{"id": "P-8", "site": "x"}}, Resolution{Outcome: Exact, Node: 2, By: "extras"}},
		{Address{Path: "Line A/Pump[2]"}, Resolution{Outcome: Exact, Node: 2, By: "path"}},
		{Address{Name: "Valve"}, Resolution{Outcome: Exact, Node: 3, By: "name"}},
		{Address{}, Resolution{Outcome: Exact, Node: -1, By: "document"}},
		{Address{Extras: map[string]string{"id": "gone"}, Path: "Line A/Valve"}, Resolution{Outcome: Moved, Node: 3, By: "path"}},
		{Address{Path: "Line B/Valve", Name: "Valve"}, Resolution{Outcome: Moved, Node: 3, By: "name"}},
		{Address{Name: "Pump"}, Resolution{Outcome: Ambiguous, Node: -1, Candidates: []string{"Line A/Pump", "Line A/Pump[2]"}}},
		{Address{Extras: map[string]string{"id": "P-9"}}, Resolution{Outcome: Lost, Node: -1, Candidates: []string{"id: P-7", "id: P-8"}}},
		{Address{Name: "Valv"}, Resolution{Outcome: Lost, Node: -1, Candidates: []string{"Line A/Valve"}}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, r.Resolve(c.address)); diff != "" {
			t.Errorf("%s resolves differently (-want +got):\n%s", c.address, diff)
		}
	}
}

// boxes builds a document of named cubes, each at its own place.
func boxes(nodes string) string {
	return `{"asset":{"version":"2.0"},"accessors":[{"componentType":5126,"type":"VEC3","count":3,"min":[0,0,0],"max":[1,1,1]}],
		"materials":[{"name":"Steel"}],"meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],"nodes":[` + nodes + `]}`
}

func TestMigrationReportsWhatBecomesOfEveryAddress(t *testing.T) {
	from := readDoc(t, boxes(`{"name":"Pump","mesh":0,"extras":{"id":"P-7"}},{"name":"Valve","mesh":0,"translation":[5,0,0]},{"name":"Tank","mesh":0,"translation":[9,0,0]},{"name":"Door","mesh":0,"translation":[0,5,0]}`))
	to := readDoc(t, boxes(`{"name":"Hall","children":[1,2,3,4]},{"name":"Pump 7","mesh":0,"extras":{"id":"P-7"}},{"name":"V-1","mesh":0,"translation":[5,0,0.0001]},{"name":"Door","mesh":0,"translation":[1,5,0]},{"name":"Door","mesh":0,"translation":[2,5,0]}`))
	m := Migrate("line", from, to, []Address{
		{Extras: map[string]string{"id": "P-7"}}, {Path: "Valve"}, {Path: "Tank"}, {Name: "Door"},
	})
	want := []MigrationEntry{
		{Address: "extras {id: P-7}", Outcome: Exact, By: "extras", OldPath: "Pump", NewPath: "Hall/Pump 7"},
		{Address: `path "Valve"`, Outcome: Moved, By: "fingerprint", OldPath: "Valve", NewPath: "Hall/V-1"},
		{Address: `path "Tank"`, Outcome: Lost, OldPath: "Tank"},
		{Address: `name "Door"`, Outcome: Ambiguous, OldPath: "Door", Candidates: []string{"Hall/Door", "Hall/Door[2]"}},
	}
	if diff := cmp.Diff(want, m.Entries); diff != "" {
		t.Errorf("entries differ (-want +got):\n%s", diff)
	}
	if m.Losses() != 2 {
		t.Errorf("Losses() = %d, want 2", m.Losses())
	}
}
