package twinmaker

import (
	"strings"
	"unicode"

	"mereon/graph/exchange"
)

// namer makes valid names that are used once.
type namer struct {
	taken  map[string]bool
	report *exchange.Report
}

func newNamer(report *exchange.Report, reserved ...string) *namer {
	n := &namer{taken: map[string]bool{}, report: report}
	for _, r := range reserved {
		n.taken[r] = true
	}
	return n
}

// reservedFields are the names every entity has.
var reservedFields = []string{"id", "name", "assetType", "revision", "externalIds", "createdAt", "updatedAt", "parent", "children", "ancestors",
	"descendants", "reach", "relationships", "property", "states", "alarms", "scenes", "bindings", "rules", "changes", "source"}

// name returns a name made of wish, with a number when it is taken. A name that had to change is reported.
func (n *namer) name(what, wish string) string {
	valid := identifier(wish)
	name, why := valid, "letters, digits and _ only"
	for i := 2; n.taken[name]; i++ {
		name, why = valid+digits(i), "the name is taken or reserved"
	}
	n.taken[name] = true
	if name != wish {
		n.report.Renamed = append(n.report.Renamed, exchange.Renamed{What: what, From: wish, To: name, Why: why})
	}
	return name
}

func digits(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return digits(i/10) + string(rune('0'+i%10))
}

// identifier replaces what a GraphQL name cannot hold.
func identifier(wish string) string {
	var b strings.Builder
	for i, r := range wish {
		switch {
		case r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) && i > 0):
			b.WriteRune(r)
		case i == 0 && unicode.IsDigit(r):
			b.WriteString("_" + string(r))
		default:
			b.WriteByte('_')
		}
	}
	text := strings.TrimLeft(b.String(), "_") // names beginning with __ belong to GraphQL
	if strings.HasPrefix(b.String(), "_") {
		text = "_" + text
	}
	if text == "" || text == "_" {
		return "unnamed"
	}
	return text
}

// typeName makes a type's name of an id or component name: com.example.cookie-factory.mixer -> Mixer.
func typeName(id string) string {
	if i := strings.LastIndexAny(id, ".:"); i >= 0 && i+1 < len(id) {
		id = id[i+1:]
	}
	var b strings.Builder
	upper := true
	for _, r := range id {
		if r >= unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			upper = true
			continue
		}
		if upper {
			r = unicode.ToUpper(r)
		}
		upper = false
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "Unnamed"
	}
	return identifier(b.String())
}

// slug makes a file or scene name: CookieFactory -> cookie-factory.
func slug(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r < unicode.MaxASCII && unicode.IsUpper(r):
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(r))
			lower = false
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
			lower = true
		case b.Len() > 0:
			if !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
			lower = false
		}
	}
	if text := strings.Trim(b.String(), "-"); text != "" {
		return text
	}
	return "unnamed"
}
