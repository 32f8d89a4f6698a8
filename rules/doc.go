// Package rules owns rule sets: which state an entity is in, by its values, and what to say about it.
//
// Rule files are YAML, checked against the model and compiled into a Book; every mistake comes with file, line, column and
// advice. A compiled Set is pure: Step turns the previous result and the newest values into the next one.
//
//	book, problems := rules.Compile(files, model)
//	for _, set := range book.For("Pump") {
//		next := set.Step(previous, values, now) // values: one per parameter, then one per input
//		if !next.Wake.IsZero() { ... call again then, a condition is being held ... }
//	}
//
// A result is a state, unknown with the inputs that are missing, or an error. README.md describes the files, and the test
// files that `mereon test` runs.
package rules
