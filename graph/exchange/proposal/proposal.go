package proposal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// Proposal is a part of a model. It is immutable.
type Proposal struct {
	connector string
	records   []*record
	enums     []enum
	families  []family
	notes     []string // what could not be proposed, and why
}

// record is a record type.
type record struct {
	name, collection, key, description string
	fields                             []field
	table                              *connectors.SurveyedTable
	known                              *schema.RecordType // that of the model for the same collection; nil: none
}

// field is a column or a join.
type field struct {
	name, typ, directives, description string
	column                             *connectors.Column // nil: a join
	target                             string             // of a join: the collection
	on                                 [][2]string        // theirs, ours
}

type enum struct {
	name   string
	values []string
}

// family is a component with live properties.
type family struct {
	name, description string
	fields            []field
}

// Of proposes types for what a connector holds. Names that the model has for the same collections are kept; names of other
// types are avoided. The model may be nil.
func Of(connector string, s connectors.Survey, model *schema.Model) *Proposal {
	p := &Proposal{connector: connector, notes: slices.Clone(s.Hints)}
	n := newNames(model)
	for i := range s.Tables {
		p.addRecord(&s.Tables[i], n, model)
	}
	for _, r := range p.records {
		p.addColumns(r, n)
	}
	for _, r := range p.records {
		p.addLinks(r)
	}
	for i := range s.Series {
		p.addFamily(&s.Series[i], n)
	}
	return p
}

func (p *Proposal) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *Proposal) addRecord(t *connectors.SurveyedTable, n *names, model *schema.Model) {
	known := recordOf(model, p.connector, t.Name)
	if known == nil && len(t.Key) != 1 {
		p.note("%s has no single column that identifies a row (%s); give the connector a key for it, or make a view that has one", t.Name, orNone(t.Key))
		return
	}
	r := &record{collection: t.Name, description: t.Description, table: t, known: known}
	if known != nil {
		r.name, r.key = string(known.Name), known.Key
	} else {
		r.name, r.key = n.typeOf(t.Name), t.Key[0]
	}
	p.records = append(p.records, r)
}

func orNone(columns []string) string {
	if len(columns) == 0 {
		return "none is known"
	}
	return strings.Join(columns, " and ")
}

// recordOf is the record type of a model for a collection.
func recordOf(model *schema.Model, connector, collection string) *schema.RecordType {
	if model == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(model.Records)) {
		if r := model.Records[name]; r.Connector == connector && r.Collection == collection {
			return r
		}
	}
	return nil
}

func (p *Proposal) addColumns(r *record, n *names) {
	for i := range r.table.Columns {
		c := &r.table.Columns[i]
		if !validName(c.Name) {
			p.note("column %q of %s has no name that a model can have; give it one under columns of the connector", c.Name, r.collection)
			continue
		}
		f := field{name: c.Name, description: c.Describe, column: c, typ: typeText(c.Type)}
		if labels := r.table.Labels[c.Name]; len(labels) > 0 && !c.Type.List && allNames(labels) {
			f.typ = p.enumOf(r, c.Name, labels, n)
		}
		if r.key == c.Name && f.typ == "String" {
			f.typ = "ID"
		}
		if slices.Contains(r.table.Required, c.Name) {
			f.typ += "!"
		}
		if c.Unit != "" {
			f.directives = fmt.Sprintf(" @unit(code: %q)", c.Unit)
		}
		r.fields = append(r.fields, f)
	}
}

func typeText(t schema.ValueType) string {
	plain := t
	plain.NonNull = false
	return plain.String()
}

func (p *Proposal) enumOf(r *record, column string, labels []string, n *names) string {
	if r.known != nil {
		if property, ok := r.known.Property(column); ok && property.Type.Enum != "" {
			return string(property.Type.Enum)
		}
	}
	e := enum{name: n.free(r.name + pascal(column)), values: labels}
	p.enums = append(p.enums, e)
	return e.name
}

// addLinks makes each foreign key a join to one record, and one to many on the other side.
func (p *Proposal) addLinks(r *record) {
	for _, l := range r.table.Links {
		target := p.record(l.Collection)
		if target == nil || !r.has(l.Columns) || !target.has(l.Target) {
			continue
		}
		r.fields = append(r.fields, join(r, target, linkName(r, target, l), target.name, l.Target, l.Columns))
		target.fields = append(target.fields, join(target, r, target.free(manyName(r), "By"+pascal(l.Columns[0])), "["+r.name+"]", l.Columns, l.Target))
	}
}

func (p *Proposal) record(collection string) *record {
	i := slices.IndexFunc(p.records, func(r *record) bool { return r.collection == collection })
	if i < 0 {
		return nil
	}
	return p.records[i]
}

func (r *record) has(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		return !slices.ContainsFunc(r.fields, func(f field) bool { return f.column != nil && f.name == name })
	})
}

// join is a field of one that leads to records of the other.
func join(of, to *record, name, typ string, theirs, ours []string) field {
	f := field{name: name, typ: typ, target: to.collection}
	var where []string
	for i := range theirs {
		where = append(where, theirs[i]+" = "+ours[i])
		f.on = append(f.on, [2]string{theirs[i], ours[i]})
	}
	f.directives = fmt.Sprintf(" @join(where: %q)", strings.Join(where, " and "))
	return f
}

// addFamily makes a component of a family of series: the keys are its static properties, the signals its live ones.
func (p *Proposal) addFamily(s *connectors.SurveyedSeries, n *names) {
	f := family{name: n.typeOf(s.Name) + "Signals", description: "Measurements of " + s.Name + ": " + s.Ref + "."}
	for _, k := range s.Keys {
		if !validName(k.Name) {
			p.note("%s is identified by %q, which is no name that a model can have", s.Name, k.Name)
			return
		}
		f.fields = append(f.fields, field{name: k.Name, typ: typeText(k.Type), description: describe(k.Describe, "Identifies its series.")})
	}
	for _, signal := range s.Signals {
		name := fieldName(signal.Name)
		if name == "" || slices.ContainsFunc(f.fields, func(have field) bool { return have.name == name }) {
			p.note("the signal %q of %s has no name of its own that a model can have", signal.Name, s.Name)
			continue
		}
		one := field{name: name, typ: typeText(signal.Type), description: signal.Describe,
			directives: fmt.Sprintf(" @live(connector: %q, ref: %q)", p.connector, strings.Replace(s.Ref, "{column}", escape(signal.Name), 1))}
		if signal.Unit != "" {
			one.directives += fmt.Sprintf(" @unit(code: %q)", signal.Unit)
		}
		f.fields = append(f.fields, one)
	}
	if len(s.Signals) == 0 {
		f.fields = append(f.fields, field{name: "value", typ: "Float", directives: fmt.Sprintf(" @live(connector: %q, ref: %q)", p.connector, s.Ref)})
	}
	p.families = append(p.families, f)
}

func describe(own, other string) string {
	if own != "" {
		return own
	}
	return other
}
