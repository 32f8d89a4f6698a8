package sdl

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/schema"
)

//go:embed base.graphql
var baseText string

//go:embed entity.graphql
var entityFields string

// Text returns the whole data plane as SDL. It is a complete schema; a control plane adds its roots by extend type Query,
// Mutation and Subscription.
func (a *API) Text() string {
	w := a.writer()
	w.all()
	return w.b.String()
}

func (a *API) writer() *writer {
	return &writer{API: a, federated: map[string]bool{}, lists: map[string]bool{}, measures: map[string]bool{}, makes: map[schema.TypeName][]*schema.AssetType{}}
}

// all writes every definition, the roots first.
func (w *writer) all() {
	w.line("%s", strings.NewReplacer("__ENTITY__\n", entityFields, "__IS__\n", w.isField()).Replace(baseText))
	w.queries()
	w.mutations()
	w.subscriptions()
	w.plainEntity()
	w.isFilter()
	w.affected()
	w.newEntity(Entity)
	for _, t := range w.exposed {
		w.assetType(t)
		w.cut()
	}
	for _, name := range slices.Sorted(maps.Keys(w.model.Components)) {
		if c := w.model.Components[name]; !c.Abstract {
			w.component(c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.model.Records)) {
		w.record(w.model.Records[name])
	}
	for _, name := range slices.Sorted(maps.Keys(w.model.Enums)) {
		w.enum(w.model.Enums[name])
	}
	w.valueTypes()
	w.measureTypes()
}

type writer struct {
	*API
	queryText string // type Query, as written
	b         strings.Builder
	piece     func(text string)                       // takes what is written piece by piece; nil to keep it all
	federated map[string]bool                         // base names with Series, Value and History types; Base or BaseList
	lists     map[string]bool                         // base names with list filters
	targets   map[schema.TypeName]bool                // where some input takes a new entity
	makes     map[schema.TypeName][]*schema.AssetType // which types are made where one is wanted
	measures  map[string]bool                         // scalars with a Measures type
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

// describe writes a description on lines of its own.
func (w *writer) describe(indent, text string) {
	if text == "" {
		return
	}
	if !strings.ContainsAny(text, "\"\n\\") {
		w.line("%s\"%s\"", indent, text)
		return
	}
	w.line("%s\"\"\"", indent)
	for _, l := range strings.Split(strings.ReplaceAll(text, `"""`, `\"""`), "\n") {
		w.line("%s%s", indent, l)
	}
	w.line("%s\"\"\"", indent)
}

// short says that what many definitions share is left out: see Document.
func (w *writer) short() bool { return w.piece != nil }

func (w *writer) block(head string, body func()) {
	w.line("%s {", head)
	body()
	w.line("}\n")
}

func (w *writer) enum(e *schema.Enum) {
	w.describe("", e.Description)
	w.block("enum "+string(e.Name), func() {
		for _, v := range e.Values {
			w.describe("  ", v.Description)
			w.line("  %s", v.Name)
		}
	})
	w.block("input "+string(e.Name)+"Filter", func() {
		w.line("  eq: %[1]s\n  ne: %[1]s\n  in: [%[1]s!]\n  notIn: [%[1]s!]\n  isNull: Boolean", e.Name)
	})
}

// deprecation returns the directive for a deprecated field.
func deprecation(reason string) string {
	if reason == "" {
		return ""
	}
	return fmt.Sprintf(" @deprecated(reason: %s)", quote(reason))
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// valueType returns the GraphQL type of a stored value.
func valueType(t schema.ValueType) string {
	s := Base(t)
	if t.List {
		if t.Elements {
			s += "!"
		}
		s = "[" + s + "]"
	}
	if t.NonNull {
		s += "!"
	}
	return s
}
