package graph

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

type relationKey struct {
	from     EntityID
	relation string
	to       EntityID
}

// desiredRelation is a relationship the draft wants, with who said so. There may be millions.
type desiredRelation struct {
	from, to EntityID
	field    *schema.Relationship // as it was said
	by       *draftOp             // who said it; nil: a later operation replaced it
	props    []PathValue
	earlier  int32 // the one before with the same hash, -1 for none
	position int32 // among the targets of its field; ^position when it is in the view already, equal
}

func (r *desiredRelation) replaced() bool { return r.by == nil }

func (r *desiredRelation) present() bool { return r.position < 0 }

func (r *desiredRelation) setPresent() {
	if r.position >= 0 {
		r.position = ^r.position
	}
}

func (r *desiredRelation) key() relationKey { return relationKey{r.from, r.field.Relation.Name, r.to} }

// other is the end that was named.
func (r *desiredRelation) other() EntityID {
	if r.field.Inverse {
		return r.from
	}
	return r.to
}

type putEntity struct {
	id     EntityID
	row    Row
	kind   schema.TypeName
	was    schema.TypeName
	values map[schema.Path]schema.Value
}

func (d *Draft) create(op *draftOp) {
	in := op.in
	f := d.usable(in)
	if f == nil {
		return
	}
	c := d.collect(f, in)
	d.complete(f, in, &c)
	d.change(op, EntityChange{Op: Create, ID: in.ID, Type: in.Type, Values: sorted(c.values)})
	d.want(f, op, c)
}

func (d *Draft) put(op *draftOp) *putEntity {
	in, e := op.in, d.stored(op.in.ID)
	if e.row == NoRow {
		d.create(op)
		return nil
	}
	f := d.usable(in)
	if f == nil {
		return nil
	}
	c := d.collect(f, in)
	d.complete(f, in, &c)
	d.want(f, op, c)
	return &putEntity{id: in.ID, row: e.row, kind: in.Type, was: e.kind, values: maps.Clone(c.values)}
}

func (d *Draft) update(op *draftOp) {
	in := op.in
	in.Type = d.typeOf(in.ID)
	if in.Type == "" {
		d.change(op, EntityChange{Op: Update, ID: in.ID, IfRevision: in.IfRevision})
		return // the store says NotFound
	}
	f := d.fieldsOf(in.Type)
	if f == nil {
		d.problem(in, "", "", "its asset type %s is not in the model", in.Type)
		return
	}
	c := d.collect(f, in)
	for path, v := range c.values {
		if p := f.properties[path]; p != nil && p.Type.NonNull && v.IsNull() && !c.leaves(path) {
			d.problem(in, string(path), "", "%s is required and cannot be removed", path)
		}
	}
	d.change(op, EntityChange{Op: Update, ID: in.ID, Values: sorted(c.values), IfRevision: in.IfRevision})
	for field := range c.relations {
		if r := f.relations[field]; !r.Inverse {
			if r.NonNull && len(c.relations[field]) == 0 {
				d.problem(in, field, "", "%s is required and cannot be removed", field)
			}
			d.set.Relationships = append(d.set.Relationships, RelationshipChange{Op: Clear, From: in.ID, Relation: r.Relation.Name})
			d.replace(in.ID, r.Relation.Name)
		}
	}
	d.want(f, op, c)
}

// replace takes back what earlier operations wanted of a relation of an entity, which now gets other targets.
func (d *Draft) replace(from EntityID, relation string) {
	if !d.sources[from] {
		return
	}
	for i := range d.desired {
		if r := &d.desired[i]; r.from == from && r.field.Relation.Name == relation {
			r.by = nil
		}
	}
}

// change adds a change of an entity, and remembers who said so.
func (d *Draft) change(op *draftOp, c EntityChange) {
	d.set.Entities = append(roomier(d.set.Entities), c)
	if d.strict {
		d.by = append(d.by, op.number)
	}
}

// usable returns the fields of the input's type, or nil when it may have no entities.
func (d *Draft) usable(in EntityInput) *typeFields {
	if n := len([]rune(string(in.ID))); n < 1 || n > 256 {
		d.problem(in, "id", "Choose 1 to 256 characters, or leave the id out through the API.", "an id has 1 to 256 characters, this one %d", n)
		return nil
	}
	f := d.fieldsOf(in.Type)
	if f == nil {
		names := make([]string, len(d.model.TypeNames))
		for i, t := range d.model.TypeNames {
			names[i] = string(t)
		}
		hint := "Write the type into the model first."
		if near := fault.Suggest(string(in.Type), names); near != "" {
			hint = fmt.Sprintf("Did you mean %s?", near)
		}
		d.problem(in, "assetType", hint, "there is no asset type %q in the model", in.Type)
		return nil
	}
	if !f.of.Instantiable {
		d.problem(in, "assetType", fmt.Sprintf("Use one of %s.", join(f.of.Concrete)), "%s is an interface and has no entities of its own", in.Type)
		return nil
	}
	return f
}

// complete fills in the name and defaults and reports what is required and missing.
func (d *Draft) complete(f *typeFields, in EntityInput, c *collected) {
	if _, ok := c.values[ColumnName]; !ok {
		name := in.Name
		if name == "" {
			name = string(in.ID)
		}
		c.values[ColumnName] = schema.StringOf(name)
	}
	for _, path := range f.leaves {
		p := f.properties[path]
		v, given := c.values[path]
		if !given && p.Default != nil {
			c.values[path] = *p.Default
			continue
		}
		if p.Type.NonNull && v.IsNull() && f.requires(path, c) {
			d.problem(in, string(path), fmt.Sprintf("Write %s: value.", path), "%s is required", path)
		}
	}
	for field, r := range f.relations {
		if r.NonNull && !r.Inverse && len(c.relations[field]) == 0 {
			d.problem(in, field, fmt.Sprintf("Write %s: the-id.", field), "%s is required", field)
		}
	}
}

// requires says whether a required value inside a component is needed: only when the component is there or required itself.
func (f *typeFields) requires(path schema.Path, c *collected) bool {
	i := strings.LastIndex(string(path), ".")
	if i < 0 {
		return true
	}
	group := path[:i]
	if c.leaves(path) {
		return false
	}
	if f.properties[group].Type.NonNull {
		return f.requires(group, c)
	}
	for given := range c.values {
		if strings.HasPrefix(string(given), string(group)+".") {
			return true
		}
	}
	return false
}

// want notes the relationships an input asks for.
func (d *Draft) want(f *typeFields, by *draftOp, c collected) {
	begin := len(d.names)
	for field := range c.relations {
		d.names = append(d.names, field)
	}
	fields := d.names[begin:]
	defer func() { d.names = d.names[:begin] }()
	slices.Sort(fields)
	for _, field := range fields {
		r := f.relations[field]
		for i, t := range c.relations[field] {
			from, to := by.in.ID, t.id
			if r.Inverse {
				from, to = to, from
			}
			if t.place != "" {
				d.said[int32(len(d.desired))] = t.place
			}
			wanted := desiredRelation{from: from, to: to, field: r, by: by, position: int32(i)}
			in, place := d.placeOf(&wanted, int32(len(d.desired)))
			wanted.props = d.relationProps(in, place, r, t.props)
			d.wantRelation(wanted)
		}
	}
}

// placeOf returns where a desired relationship was said.
func (d *Draft) placeOf(r *desiredRelation, at int32) (EntityInput, string) {
	in := r.by.in
	if place, own := d.said[at]; own {
		in.Place = place
		return in, ""
	}
	switch {
	case r.by.kind == draftRelate:
		return r.by.argument("to")
	case in.Place != "" && r.field.Many:
		return in, r.field.Field + "[" + strconv.Itoa(int(max(r.position, ^r.position))) + "]"
	}
	return in, r.field.Field
}

func (d *Draft) wantRelation(r desiredRelation) {
	key := r.key()
	hash := maphash.Comparable(d.seed, key)
	last, some := d.latest[hash]
	if !some {
		last = -1
	}
	if earlier := d.sameAs(last, key); earlier != nil {
		in, place := d.placeOf(&r, int32(len(d.desired)))
		p := problemAt(in, place, "Write it once.", "%s to %s is said twice", r.field.Field, r.other())
		p.Warning = true
		d.problems = append(d.problems, p)
		delete(d.said, int32(len(d.desired)))
		if len(r.props) > 0 {
			earlier.props = r.props
		}
		return
	}
	if d.strict {
		d.sources[r.from] = true
	}
	r.earlier = last
	d.latest[hash] = int32(len(d.desired))
	d.desired = append(roomier(d.desired), r)
}

// wanted returns the relationship the draft wants under a key, nil for none.
func (d *Draft) wanted(key relationKey) *desiredRelation {
	last, some := d.latest[maphash.Comparable(d.seed, key)]
	if !some {
		return nil
	}
	return d.sameAs(last, key)
}

func (d *Draft) sameAs(at int32, key relationKey) *desiredRelation {
	for ; at >= 0; at = d.desired[at].earlier {
		if r := &d.desired[at]; !r.replaced() && r.key() == key {
			return r
		}
	}
	return nil
}

// roomier doubles a full list: append alone would copy a long one much more often.
func roomier[T any](list []T) []T {
	if len(list) == cap(list) && len(list) >= 1024 {
		return slices.Grow(list, len(list))
	}
	return list
}

// relationProps parses the properties of a relationship that is written at a place of an input.
func (d *Draft) relationProps(in EntityInput, place string, r *schema.Relationship, given map[string]any) []PathValue {
	if len(given) == 0 && r.Relation.Props == "" {
		return nil
	}
	component := d.model.Components[r.Relation.Props]
	at := in
	at.Fields = given
	switch {
	case in.At != nil:
		at.At = func(string) fault.Position { return in.At(r.Field) }
	case place == "to": // of a relate, whose properties stand beside it
		at.Place = joined(in.Place, "props")
	default:
		at.Place = joined(joined(in.Place, place), "props")
	}
	if component == nil {
		d.problem(at, "", "", "%s has no properties", r.Field)
		return nil
	}
	f := &typeFields{of: &schema.AssetType{Name: component.Name}, properties: map[schema.Path]*schema.Property{}, relations: map[string]*schema.Relationship{}, joins: map[string]bool{}}
	f.add(d.model, "", component.Properties)
	for p := range f.properties {
		f.names = append(f.names, string(p))
	}
	c := collected{values: map[schema.Path]schema.Value{}, relations: map[string][]target{}}
	d.collectInto(&c, f, at, "", given)
	for _, path := range f.leaves {
		p := f.properties[path]
		if _, ok := c.values[path]; !ok && p.Default != nil {
			c.values[path] = *p.Default
		}
		if v := c.values[path]; p.Type.NonNull && v.IsNull() {
			d.problem(at, string(path), "", "%s: %s is required", r.Field, path)
		}
	}
	return sorted(c.values)
}

// relate handles one relationship named by field or relation.
func (d *Draft) relate(op *draftOp) {
	kind := d.typeOf(op.in.ID)
	f := d.fieldsOf(kind)
	if f == nil {
		in, place := op.argument("from")
		d.coded(fault.NotFound, in, place, "", "there is no entity %q", op.in.ID)
		return
	}
	r := f.relations[op.relation]
	if r == nil {
		for _, candidate := range f.relations {
			if candidate.Relation.Name == op.relation && !candidate.Inverse {
				r = candidate
			}
		}
	}
	if r == nil {
		in, place := op.argument("name")
		d.problem(in, place, fmt.Sprintf("Relationships of %s: %s.", kind, strings.Join(slices.Sorted(maps.Keys(f.relations)), ", ")), "%s has no relationship %q", kind, op.relation)
		return
	}
	from, to := op.in.ID, op.to
	if r.Inverse {
		from, to = to, from
	}
	if op.kind == draftUnrelate {
		d.set.Relationships = append(d.set.Relationships, RelationshipChange{Op: Unrelate, From: from, Relation: r.Relation.Name, To: to})
		if d.strict {
			d.unrelated = append(d.unrelated, unrelation{relationKey{from, r.Relation.Name, to}, op})
		}
		return
	}
	wanted := desiredRelation{from: from, to: to, field: r, by: op}
	in, place := op.argument("to")
	wanted.props = d.relationProps(in, place, r, op.props)
	d.wantRelation(wanted)
}

func (d *Draft) writeDesired() {
	d.set.Relationships = slices.Grow(d.set.Relationships, len(d.desired))
	for i := range d.desired {
		if r := &d.desired[i]; !r.present() && !r.replaced() {
			d.set.Relationships = append(d.set.Relationships, RelationshipChange{Op: Relate, From: r.from, Relation: r.field.Relation.Name, To: r.to, Props: r.props})
		}
	}
}

// findTargets looks up the other ends of relationships.
func (d *Draft) findTargets(ctx context.Context) error {
	var ids []EntityID
	for i := range d.desired {
		if other := d.desired[i].other(); !d.desired[i].replaced() && d.known[other] == "" && !d.Closed {
			ids = append(ids, other)
		}
	}
	return d.find(ctx, ids)
}

// checkTargets reports relationships whose other end does not exist or is of a wrong type.
func (d *Draft) checkTargets() {
	for i := range d.desired {
		r := &d.desired[i]
		if r.replaced() {
			continue
		}
		kind, field, target := d.known[r.other()], r.field.Field, r.field.Target
		if kind == "" && !d.Closed {
			kind = d.existing[r.other()].kind
		}
		switch {
		case kind == "":
			d.refuseTarget(i, "Create it first, or in the same change.", "%s: there is no entity %q", field, r.other())
		case target != "Entity" && !isA(d.model, kind, target):
			d.refuseTarget(i, "", "%s takes a %s, but %q is a %s", field, target, r.other(), kind)
		case d.gone[r.other()]:
			d.refuseTarget(i, "", "%s: %q is deleted by the same change", field, r.other())
		case d.gone[r.by.in.ID] && r.by.kind != draftRelate:
			in, place := d.placeOf(r, int32(i))
			d.coded(fault.NotFound, in, place, "", "it is deleted by the same change")
		}
	}
}

func (d *Draft) refuseTarget(i int, hint, format string, args ...any) {
	in, place := d.placeOf(&d.desired[i], int32(i))
	d.problem(in, place, hint, format, args...)
	if d.strict {
		d.barred[i] = true
	}
}

// joined puts the name of a field behind a place.
func joined(place, field string) string {
	if place == "" || field == "" {
		return place + field
	}
	return place + "." + field
}

func isA(m *schema.Model, t, ancestor schema.TypeName) bool {
	if t == ancestor {
		return true
	}
	of := m.Types[t]
	return of != nil && slices.Contains(of.Ancestors, ancestor)
}

func sorted(values map[schema.Path]schema.Value) []PathValue {
	list := make([]PathValue, 0, len(values))
	for path, v := range values {
		list = append(list, PathValue{path, v})
	}
	slices.SortFunc(list, func(a, b PathValue) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return list
}

func join(names []schema.TypeName) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}
