// Package settings decodes YAML settings strictly: an unknown key is a mistake with its line and, when it is near a known
// one, a suggestion; all mistakes are reported at once. Fields are named by the tag `yaml:"name"`; `yaml:"name,required"`
// must be there; the fields of an embedded struct are the struct's own. A field of type fault.Position is filled with the place of its mapping. A type with its own form
// implements Form.
//
//	type config struct {
//		Path  string        `yaml:"path,required"`
//		Every time.Duration `yaml:"every"`
//		At    fault.Position
//	}
//	problems := settings.Decode(node, "mereon.yaml", &c)
package settings
