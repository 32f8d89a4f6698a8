// Package schema owns the model language: asset types, components, records and enums written as GraphQL SDL with
// directives, their checks, their evolution, and units of measure.
//
// Parse turns model files into a *Model or the list of everything wrong with them. A Model is immutable and safe for
// concurrent use. Diff says what changes between two models and what breaks. The package imports nothing of ours above it,
// starts no goroutine, takes no context and does not log.
//
//	model, problems := schema.Parse([]schema.File{{Name: "model/pump.graphql", Text: text}})
//	if err := problems.Err(); err != nil {
//		return err // all mistakes, each with file, line, column and caret
//	}
//	pump := model.Types["Pump"]
//	for _, leaf := range pump.Leaves() { ... } // flow, motor.ratedSpeed: every property that holds a value
//
// directives.graphql is the language's declaration and documentation (Directives). ParseValue, ParseText, CheckValue and
// Value.AppendJSON bring values in and out. Migrate says how stored entities come from one model to another. Units of
// measure are in schema/unit, expressions in schema/expr, mistakes and coded errors in schema/fault.
package schema
