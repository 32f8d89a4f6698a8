package twinmaker

import (
	"slices"
	"strings"
	"unicode"

	"mereon/graph/exchange"
	"mereon/schema"
)

// namer makes valid names that are used once.
type namer struct {
	taken  map[string]bool
	types  bool // it names GraphQL types
	field  bool // it names fields of components
	report *exchange.Report
}

func newNamer(report *exchange.Report, reserved ...string) *namer {
	n := &namer{taken: map[string]bool{}, report: report}
	for _, r := range reserved {
		n.taken[r] = true
	}
	return n
}

// newTypeNamer names types: neither they, nor what the API makes for them, nor their root fields may clash.
func newTypeNamer(report *exchange.Report) *namer {
	n := newNamer(report)
	n.types = true
	n.take(base)
	return n
}

// name returns a name made of wish, with a number when it is taken. A name that had to change is reported.
func (n *namer) name(what, wish string) string {
	name, why := n.find(wish)
	if name != wish {
		n.report.Renamed = append(n.report.Renamed, exchange.Renamed{What: what, From: wish, To: name, Why: why})
	}
	return name
}

// quiet is name without a report: the new name is ours, not a changed one.
func (n *namer) quiet(wish string) string {
	name, _ := n.find(wish)
	return name
}

func (n *namer) find(wish string) (name, why string) {
	valid := identifier(wish)
	name, why = valid, "letters, digits and _ only, at most "+digits(maxName)
	for i := 2; !n.free(name); i++ {
		name, why = valid+digits(i), "the name is taken or reserved"
	}
	n.take(name)
	return name, why
}

func (n *namer) free(name string) bool {
	if n.field && slices.Contains([]string{"entity", "and", "or", "not"}, name) {
		return false
	}
	for _, claimed := range n.claims(name) {
		root, isRoot := strings.CutPrefix(claimed, ":")
		if n.taken[claimed] || isRoot && schema.ReservedRoot(root) || n.types && schema.ReservedType(claimed) {
			return false
		}
	}
	return true
}

func (n *namer) take(name string) {
	for _, claimed := range n.claims(name) {
		n.taken[claimed] = true
	}
}

// claims are the names that come with a name: of a type what the API makes for it, and its root fields, marked so that
// they stand beside the types.
func (n *namer) claims(name string) []string {
	if !n.types {
		return []string{name}
	}
	singular := schema.RootField(schema.TypeName(name))
	claims := []string{name, ":" + singular, ":" + schema.PluralOf(singular), "Create" + name, "Update" + name, "Plain" + name}
	for _, end := range []string{"Filter", "RelationFilter", "CountFilter", "Connection", "Edge", "OrderBy", "Input"} {
		claims = append(claims, name+end)
	}
	return claims
}

func digits(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return digits(i/10) + string(rune('0'+i%10))
}

// maxName is how long names become; schema takes a little more, for numbers behind.
const maxName = schema.MaxNameLength - 8

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
	return text[:min(len(text), maxName)]
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
