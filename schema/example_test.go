package schema_test

import (
	"fmt"

	"mereon/schema"
)

func ExampleParse() {
	model, problems := schema.Parse([]schema.File{{Name: "pump.graphql", Text: `
type Pump @asset {
  serialNumber: String! @unique
  speed: Float @live(connector: "plant", ref: "pumps/{serialNumber}/speed") @unit(code: "1/min")
  motor: Motor
}
type Motor @component { ratedPower: Float @unit(code: "kW") }`}})
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for _, leaf := range model.Types["Pump"].Leaves() {
		fmt.Printf("%s: %s %q\n", leaf.Path, leaf.Property.Type, leaf.Property.Unit)
	}
	// Output:
	// serialNumber: String! ""
	// speed: Float "1/min"
	// motor.ratedPower: Float "kW"
}

func ExampleParse_mistakes() {
	_, problems := schema.Parse([]schema.File{{Name: "pump.graphql", Text: `type Pump @asset {
  speed: Flaot
  flow: Float @unit(code: "m³/h")
}`}})
	fmt.Println(problems.Error())
	// Output:
	// pump.graphql:2:10: there is no type Flaot
	//       speed: Flaot
	//              ^
	//     did you mean Float?
	// pump.graphql:3:28: "m³/h" is no UCUM unit: there is no m³
	//       flow: Float @unit(code: "m³/h")
	//                                ^
	//     write m3/h
}

func ExampleDiff() {
	old, _ := schema.Parse([]schema.File{{Name: "m", Text: `type Pump @asset { ratedFlow: Float  plate: String }`}})
	new, _ := schema.Parse([]schema.File{{Name: "m", Text: `type Pump @asset { nominalFlow: Float @renamed(from: "ratedFlow")  heads: Int @default(value: 1) }`}})
	for _, d := range schema.Diff(old, new) {
		fmt.Println(d)
	}
	fmt.Println(schema.Migrate(old, new).Types["Pump"].Moves)
	// Output:
	// additive: Pump.heads: it is new; entities without a value get the default
	// breaking: Pump.nominalFlow: it is renamed from ratedFlow; stored values move to the new name
	// breaking: Pump.plate: it is gone; stored values would be lost
	//     write @renamed(from: "plate") on the field it has become, or @dropped(names: ["plate"]) on the type
	// [{ratedFlow nominalFlow}]
}
