// Package document reads YAML and JSON documents strictly: unknown keys, wrong types, repeated keys and missing values are
// all reported, each with file, line, column and what was probably meant. It is the only way configuration, rules and
// scenes are read, so that all of them complain alike.
//
//	var config Config
//	problems := document.Decode(schema.File{Name: "mereon.yaml", Text: text}, &config)
//
// Struct fields are named by the tag yaml:"name"; ",required" in the tag makes a missing key a mistake. A field of type
// yaml.Node receives its part undecoded, one of type fault.Position the place where its mapping begins. The fields of an
// embedded struct are the struct's own. A type that may be written in several ways implements Form; who checks further than
// types do goes on with a Decoder, so that all mistakes look alike.
package document
