package schema_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

func parseFile(t *testing.T, name string) *schema.Model {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	model, problems := schema.Parse([]schema.File{{Name: name, Text: string(text)}})
	if model == nil {
		t.Fatalf("Parse(%s):\n%s", name, problems.Error())
	}
	return model
}

func TestParseReadsTheExampleOfTheGuide(t *testing.T) {
	m := parseFile(t, "testdata/models/plant.graphql")
	pump := m.Types["Pump"]
	wantFields := []string{"serialNumber", "location", "assembly", "workOrders", "ratedFlow", "flow", "load", "feeds", "fedBy", "parts"}
	if diff := cmp.Diff(wantFields, pump.Fields); diff != "" {
		t.Errorf("fields of Pump (-want +got):\n%s", diff)
	}
	if pump.Singular != "pump" || pump.Plural != "pumps" || !pump.Exposed || !pump.Instantiable {
		t.Errorf("Pump = %+v", pump)
	}
	equipment, _ := m.Types["Space"].Relationship("equipment")
	if equipment == nil || !equipment.Inverse || !equipment.Many || equipment.Target != "Equipment" {
		t.Errorf("Space.equipment = %+v, want the inverse of locatedIn, many, of Equipment", equipment)
	}
	flow, ok := m.Property("Pump", "flow")
	if !ok || flow.Kind != schema.Live || flow.Live.Ref.Paths[0] != "serialNumber" || flow.Unit != "m3/h" {
		t.Errorf("Pump.flow = %+v", flow)
	}
	if h := m.Hierarchies["place"]; h == nil || len(h.Relations) != 2 || !h.Relations[0].ToParent {
		t.Errorf("hierarchy place = %+v", h)
	}
	if !m.IsA("Pump", "Equipment") || m.IsA("Space", "Equipment") {
		t.Error("IsA is wrong")
	}
}
