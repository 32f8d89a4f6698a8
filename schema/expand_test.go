package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

const machines = "testdata/models/machines.graphql"

func TestFieldsAreInheritedAndRefined(t *testing.T) {
	m := parseFile(t, machines)
	pump := m.Types["Pump"]
	if diff := cmp.Diff([]schema.TypeName{"Equipment", "Rotating", "Named"}, pump.Ancestors); diff != "" {
		t.Errorf("ancestors, nearest first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"label", "serialNumber", "power", "flow", "speed", "motor", "drives"}, pump.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	serial, _ := pump.Property("serialNumber")
	if !serial.Type.NonNull || !serial.Unique || serial.UniqueIn != "Equipment" || serial.Pattern != "P-[0-9]+" || serial.DeclaredIn != "Equipment" {
		t.Errorf("Pump.serialNumber = %+v, want it required, with a pattern, and unique among Equipment", serial)
	}
	power, _ := pump.Property("power")
	if *power.Min != 0 || *power.Max != 90 || power.Default.Float() != 7.5 || power.Unit != "kW" {
		t.Errorf("Pump.power = %+v, want the tighter range, the default and the inherited unit", power)
	}
	if flow, _ := pump.Property("flow"); flow.Live.Connector != "lab" {
		t.Errorf("Pump.flow is bound to %s, want its own binding", flow.Live.Connector)
	}
	if flow, _ := m.Property("Equipment", "flow"); flow.Live.Connector != "plant" {
		t.Errorf("Equipment.flow is bound to %s, want it unchanged", flow.Live.Connector)
	}
	if diff := cmp.Diff([]schema.TypeName{"Equipment", "Pump"}, m.Types["Equipment"].Concrete); diff != "" {
		t.Errorf("concrete types of Equipment (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]schema.TypeName{"Equipment", "Pump"}, m.Types["Named"].Concrete); diff != "" {
		t.Errorf("concrete types of Named (-want +got):\n%s", diff)
	}
}

func TestComponentsAreReachedByDottedPaths(t *testing.T) {
	m := parseFile(t, machines)
	pump := m.Types["Pump"]
	var paths []string
	for _, leaf := range pump.Leaves() {
		paths = append(paths, string(leaf.Path)+" in "+string(leaf.Within))
	}
	want := []string{
		"label in ", "serialNumber in ", "power in ", "flow in ", "speed in ", "motor.plate in motor", "motor.temperature in motor",
		"motor.ratedSpeed in motor", "motor.winding.turns in motor.winding",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("leaves (-want +got):\n%s", diff)
	}
	if winding, ok := m.Property("Pump", "motor.winding"); !ok || winding.Kind != schema.Group || winding.Type.Component != "Winding" {
		t.Errorf("Pump.motor.winding = %+v, want a group", winding)
	}
	if turns, ok := m.ComponentProperty("Motor", "winding.turns"); !ok || turns.Type.Scalar != schema.Int {
		t.Errorf("Motor.winding.turns = %+v", turns)
	}
	for _, path := range []schema.Path{"motor.nothing", "motor.plate.x", "nothing", ""} {
		if _, ok := m.Property("Pump", path); ok {
			t.Errorf("Pump has a property at %q", path)
		}
	}
	driven, ok := pump.Forward("drivenBy")
	if !ok || driven.Field != "motor.drivenBy" || driven.DeclaredIn != "Motor" {
		t.Errorf("the relation drivenBy starts at %+v, want motor.drivenBy", driven)
	}
	drives, ok := m.Types["Equipment"].Relationship("drives")
	if !ok || drives.Target != "Pump" || !drives.Inverse || !drives.Many {
		t.Errorf("Equipment.drives = %+v, want the pumps whose motor it drives", drives)
	}
}

func TestInverseOfSeveralTypesIsTheirNearestCommonAncestor(t *testing.T) {
	m := parseText(t, `
interface Equipment @asset { on: Space @relation(name: "on") }
interface Machine implements Equipment @asset
type Pump implements Machine @asset { watches: [Entity!] @relation(name: "watches", inverse: "watchedBy") feeds: [Tank!] @relation(name: "feeds", inverse: "fedBy") }
type Fan implements Machine @asset { feeds: [Space!] @relation(name: "feeds", inverse: "fedBy") }
type Tank implements Equipment @asset { keeps: Pump @relation(name: "keeps", inverse: "keeper", inverseOne: true) }
type Space @asset { contains: [Fan!] @relation(name: "contains", inverse: "home", hierarchy: "place") lone: Tank @relation(name: "lone", inverse: "loneOf") }
type Shelf @asset { lone: Tank @relation(name: "lone", inverse: "loneOf") }`)
	for _, c := range []struct {
		of     schema.TypeName
		field  string
		target schema.TypeName
		many   bool
	}{
		{"Tank", "fedBy", "Machine", true}, {"Space", "fedBy", "Machine", true}, {"Pump", "keeper", "Tank", false},
		{"Fan", "home", "Space", false}, {"Tank", "loneOf", "Entity", true}, {"Space", "watchedBy", "Pump", true}, {"Fan", "watchedBy", "Pump", true},
	} {
		r, ok := m.Types[c.of].Relationship(c.field)
		if !ok || r.Target != c.target || r.Many != c.many || !r.Inverse {
			t.Errorf("%s.%s = %+v, want target %s, many %v", c.of, c.field, r, c.target, c.many)
		}
	}
	if r := m.Relations["contains"]; r.ToParent || !r.InverseOne || r.Single {
		t.Errorf("contains = %+v, want it from the parent to its children, of which each has one parent", r)
	}
}

func TestExposureFollowsFileAndType(t *testing.T) {
	m, problems := schema.Parse([]schema.File{
		{Name: "brick.graphql", Text: "extend schema @model(expose: false)\ninterface Point @asset\ntype Sensor implements Point @asset(expose: true)\ntype Probe implements Sensors @asset\ninterface Sensors implements Point & Known @asset"},
		{Name: "own.graphql", Text: "interface Known @asset\ntype Hidden implements Known @asset(expose: false)"},
	})
	if m == nil {
		t.Fatal(problems.Error())
	}
	for name, want := range map[schema.TypeName]schema.TypeName{
		"Sensor": "Sensor", "Point": schema.EntityType, "Probe": "Known", "Hidden": "Known", "Known": "Known", "Nothing": schema.EntityType,
	} {
		if got := m.NearestExposed(name); got != want {
			t.Errorf("NearestExposed(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestRootFieldsAreLowerCamelCase(t *testing.T) {
	for name, want := range map[schema.TypeName][2]string{
		"Pump": {"pump", "pumps"}, "HVACUnit": {"hvacUnit", "hvacUnits"}, "AHU": {"ahu", "ahus"}, "Box": {"box", "boxes"}, "Battery": {"battery", "batteries"},
		"Bay": {"bay", "bays"}, "Switch": {"switch", "switches"}, "pump": {"pump", "pumps"}, "X1": {"x1", "x1s"}, "BusBar": {"busBar", "busBars"},
	} {
		singular := schema.RootField(name)
		if got := [2]string{singular, schema.PluralOf(singular)}; got != want {
			t.Errorf("root fields of %s = %v, want %v", name, got, want)
		}
	}
}

func TestSourceKeepsWhatAnImporterCouldNotSay(t *testing.T) {
	m := parseText(t, `type Pump @asset @source(format: "twinmaker", id: "com.example.pump", data: {b: [1, OPEN], a: "x"}) @source(format: "dtdl") {
  flow: Float @source(format: "twinmaker", data: null)
}`)
	sources := m.Types["Pump"].Sources
	if len(sources) != 2 || sources[0].ID != "com.example.pump" || sources[0].Data.Text() != `{"a":"x","b":[1,"OPEN"]}` || sources[1].Format != "dtdl" {
		t.Errorf("sources of Pump = %+v", sources)
	}
	if flow, _ := m.Property("Pump", "flow"); len(flow.Sources) != 1 {
		t.Errorf("sources of Pump.flow = %+v", flow.Sources)
	}
}

func TestExpressionPositionIsWhereItBegins(t *testing.T) {
	m := parseText(t, "type Pump @asset {\n  a: Float @computed(expr: \"b + 1.0\")\n  \"é\" b: Float @computed(expr: \"\"\"\n    1.0\n  \"\"\")\n}\n")
	for path, want := range map[schema.Path]string{"a": "m.graphql:2:29", "b": "m.graphql:4:5"} {
		if p, _ := m.Property("Pump", path); p.ExprPosition.String() != want {
			t.Errorf("the expression of %s is at %s, want %s", path, p.ExprPosition, want)
		}
	}
}
