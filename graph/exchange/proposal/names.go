package proposal

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"mereon/connectors"
	"mereon/schema"
)

// names gives types names that nothing else has.
type names struct {
	taken map[string]bool
}

func newNames(model *schema.Model) *names {
	n := &names{map[string]bool{}}
	if model == nil {
		return n
	}
	for name := range model.Types {
		n.taken[string(name)] = true
	}
	for name := range model.Components {
		n.taken[string(name)] = true
	}
	for name := range model.Enums {
		n.taken[string(name)] = true
	}
	for name := range model.Records {
		n.taken[string(name)] = true
	}
	return n
}

// typeOf is the name of a type for a table: work_orders becomes WorkOrder.
func (n *names) typeOf(table string) string {
	if i := strings.LastIndexByte(table, '.'); i >= 0 {
		table = table[i+1:]
	}
	name := pascal(singular(table))
	if name == "" || !validName(name) {
		name = "Record" + name
	}
	return n.free(name)
}

func (n *names) free(name string) string {
	for n.taken[name] || schema.ReservedType(name) {
		name += "Record"
	}
	n.taken[name] = true
	return name
}

func singular(s string) string {
	lower := strings.ToLower(s)
	switch {
	case strings.HasSuffix(lower, "ies") && len(s) > 4:
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(lower, "sses"), strings.HasSuffix(lower, "xes"), strings.HasSuffix(lower, "ches"), strings.HasSuffix(lower, "shes"):
		return s[:len(s)-2]
	case strings.HasSuffix(lower, "s") && !strings.HasSuffix(lower, "ss") && !strings.HasSuffix(lower, "us") && len(s) > 2:
		return s[:len(s)-1]
	}
	return s
}

// manyName is the name of a join to many records: that of their table.
func manyName(r *record) string {
	table := r.collection[strings.LastIndexByte(r.collection, '.')+1:]
	if name := lowerFirst(pascal(table)); validName(name) {
		return name
	}
	return lowerFirst(schema.PluralOf(r.name))
}

// pascal joins words with capitals: work_orders becomes WorkOrders. What is no letter or digit of ASCII divides words.
func pascal(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func lowerFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// fieldName is a name for a signal, "" when there is none.
func fieldName(signal string) string {
	if validName(signal) {
		return signal
	}
	if name := lowerFirst(pascal(signal)); validName(name) {
		return name
	}
	return ""
}

var nameShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// validName says whether a model can have a field or type of that name.
//
// Source: GraphQL specification, October 2021, section 2.1.9 "Names".
func validName(s string) bool { return nameShape.MatchString(s) && !strings.HasPrefix(s, "__") }

func allNames(labels []string) bool {
	for _, l := range labels {
		if !validName(l) || l == "true" || l == "false" || l == "null" {
			return false
		}
	}
	return true
}

// escape writes a signal as a part of a reference: braces are doubled, the rest is escaped as in a URL path.
func escape(signal string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(url.PathEscape(signal))
}

// endings of columns that hold the key of another table: customer_id leads to customer.
var endings = []string{"_id", "_code", "_nr", "_no", "_number", "_key", "Id", "Code", "Number"}

// linkName is the name of a join: that of the column without its ending, else that of the target.
func linkName(r, target *record, l connectors.Link) string {
	if len(l.Columns) == 1 {
		for _, e := range endings {
			if stem, ok := strings.CutSuffix(l.Columns[0], e); ok && validName(stem) && !r.named(stem) {
				return stem
			}
		}
	}
	return r.free(lowerFirst(target.name), "Record")
}

func (r *record) named(name string) bool {
	for _, f := range r.fields {
		if f.name == name {
			return true
		}
	}
	return false
}

// free is a name that no field has yet: name, else name with an ending.
func (r *record) free(name, ending string) string {
	if r.named(name) {
		name += ending
	}
	for r.named(name) {
		name += "Record"
	}
	return name
}
