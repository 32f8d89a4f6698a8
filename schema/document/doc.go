// Package document reads YAML and JSON documents strictly: unknown keys, wrong types, repeated keys and missing values are
// all reported, each with file, line, column and what was probably meant. It is the only way configuration, rules and
// scenes are read, so that all of them complain alike.
//
//	var config Config
//	problems := document.Decode(schema.File{Name: "mereon.yaml", Text: text}, &config)
//
// Struct fields are named by the tag yaml:"name"; ",required" in the tag makes a missing key a mistake. A field of type
// yaml.Node receives its part undecoded, fault.Position nothing: with the tag yaml:"-,position" it is where the mapping begins.
package document
