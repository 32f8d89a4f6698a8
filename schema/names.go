package schema

import (
	"slices"
	"strings"
	"unicode"
)

// RootField returns the name of the root field of one entity: the type's name in lower camel case, with a leading
// abbreviation as one word: pump, hvacUnit, ahu.
func RootField(name TypeName) string {
	runes := []rune(string(name))
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

// PluralOf returns the English plural by the simple rules: s, es, ies.
func PluralOf(singular string) string {
	lower := strings.ToLower(singular)
	for _, ending := range []string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(lower, ending) {
			return singular + "es"
		}
	}
	if n := len(lower); n > 1 && lower[n-1] == 'y' && !strings.ContainsRune("aeiou", rune(lower[n-2])) {
		return singular[:n-1] + "ies"
	}
	return singular + "s"
}

func (p *parse) plural(u uses, directive, singular string) string {
	plural := u.text(directive, "plural")
	if plural == "" {
		return PluralOf(singular)
	}
	if !validName(plural) || strings.HasPrefix(plural, "__") {
		p.add(u.at(directive, "plural"), "use letters, digits and _, beginning with a letter", "%q is no name", plural)
	}
	return plural
}

// ReservedFields are the names that no field of an asset type may have: every entity has them.
var ReservedFields = [...]string{
	"id", "name", "assetType", "revision", "externalIds", "createdAt", "updatedAt", "parent", "children", "ancestors",
	"descendants", "reach", "affected", "relationships", "property", "states", "alarms", "scenes", "bindings", "rules", "changes", "source",
	"origin", "edited", // kept by the graph
}

// ReservedField says whether no field of an asset type may have that name: every entity has it, or filters use it.
func ReservedField(name string) bool {
	return slices.Contains(ReservedFields[:], name) || filterWords[name] || strings.HasPrefix(name, "__")
}

func (p *parse) checkTypeName(d *declaration) {
	name := string(d.name)
	switch {
	case strings.HasPrefix(name, "__"):
		p.add(d.position, "leave out the underscores", "%s begins with __, which GraphQL keeps for itself", name)
	case len(name) > MaxNameLength:
		p.add(d.position, "shorten it", "the name has %d characters; at most %d are allowed", len(name), MaxNameLength)
	}
}

func (p *parse) checkFieldName(d *declaration, f *field) {
	switch {
	case strings.HasPrefix(f.name, "__"):
		p.add(f.position, "leave out the underscores", "%s begins with __, which GraphQL keeps for itself", f.name)
	case len(f.name) > MaxNameLength:
		p.add(f.position, "shorten it", "the name has %d characters; at most %d are allowed", len(f.name), MaxNameLength)
	case d.kind == componentDeclaration && f.name == "entity":
		p.add(f.position, "give it another name", "entity means the entity inside a component")
	case d.kind == assetDeclaration && slices.Contains(ReservedFields[:], f.name):
		p.add(f.position, "every entity has it; give yours another name, such as "+suggestedName(d.name, f.name),
			"%s is a reserved field name", f.name)
	case filterWords[f.name]:
		p.add(f.position, "filters use it; give it another name", "%s is a reserved field name", f.name)
	}
}

// filterWords join conditions in a filter, beside the fields.
var filterWords = map[string]bool{"and": true, "or": true, "not": true}

func suggestedName(owner TypeName, field string) string {
	return RootField(owner) + strings.ToUpper(field[:1]) + field[1:]
}
