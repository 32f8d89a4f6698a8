package record

import (
	"encoding/binary"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// changeVersion begins every encoded change.
const changeVersion = 1

// ChangeEncoder writes one graph.Change without building it. Names that repeat are written once; the source of a
// relationship only when it is another than before.
type ChangeEncoder struct {
	dst   []byte
	names map[string]uint64
	from  string
}

// NewChange begins a change in dst. As many entities, relationships and artifacts must follow, in this order.
func NewChange(dst []byte, revision graph.Revision, at time.Time, by string, entities, relationships, artifacts int) *ChangeEncoder {
	dst = append(dst, changeVersion)
	dst = binary.AppendUvarint(dst, uint64(revision))
	dst = binary.AppendVarint(dst, at.UnixNano())
	dst = AppendText(dst, by)
	dst = binary.AppendUvarint(dst, uint64(entities))
	dst = binary.AppendUvarint(dst, uint64(relationships))
	dst = binary.AppendUvarint(dst, uint64(artifacts))
	return &ChangeEncoder{dst: dst, names: map[string]uint64{}}
}

// Bytes returns what was written.
func (e *ChangeEncoder) Bytes() []byte { return e.dst }

func (e *ChangeEncoder) name(s string) {
	if n, known := e.names[s]; known {
		e.dst = binary.AppendUvarint(e.dst, n)
		return
	}
	e.names[s] = uint64(len(e.names) + 1)
	e.dst = AppendText(append(e.dst, 0), s)
}

// Entity writes one entity delta; Paths follow by Path, as many as announced.
func (e *ChangeEncoder) Entity(op graph.Op, id string, typ string, paths int) {
	e.dst = AppendText(append(e.dst, byte(op)), id)
	e.name(typ)
	e.dst = binary.AppendUvarint(e.dst, uint64(paths))
}

// Path writes one changed path of the entity before.
func (e *ChangeEncoder) Path(path string) { e.name(path) }

const (
	wasRemoved = 1 << iota
	newSource  // the source follows; else it is that of the relationship before
)

// Relationship writes one relationship delta.
func (e *ChangeEncoder) Relationship(removed bool, from, relation, to string) {
	flags := byte(0)
	if removed {
		flags = wasRemoved
	}
	if from != e.from {
		e.dst, e.from = AppendText(append(e.dst, flags|newSource), from), from
	} else {
		e.dst = append(e.dst, flags)
	}
	e.name(relation)
	e.dst = AppendText(e.dst, to)
}

// Artifact writes one artifact delta.
func (e *ChangeEncoder) Artifact(kind, name string, deleted bool) {
	flag := byte(0)
	if deleted {
		flag = 1
	}
	e.name(kind)
	e.dst = append(AppendText(e.dst, name), flag)
}

// AppendChange appends a whole change.
func AppendChange(dst []byte, c *graph.Change) []byte {
	e := NewChange(dst, c.Revision, c.At, c.By, len(c.Entities), len(c.Relationships), len(c.Artifacts))
	for _, d := range c.Entities {
		e.Entity(d.Op, string(d.ID), string(d.Type), len(d.Paths))
		for _, p := range d.Paths {
			e.Path(string(p))
		}
	}
	for _, d := range c.Relationships {
		e.Relationship(d.Removed, string(d.From), d.Relation, string(d.To))
	}
	for _, d := range c.Artifacts {
		e.Artifact(string(d.Kind), d.Name, d.Deleted)
	}
	return e.Bytes()
}

// changeDecoder reads what a ChangeEncoder wrote; once damaged, it yields zero values.
type changeDecoder struct {
	s       string
	names   []string
	damaged bool
}

func (d *changeDecoder) uvarint() uint64 {
	u, rest, ok := Uvarint(d.s)
	d.keep(rest, ok)
	return u
}

func (d *changeDecoder) text() string {
	t, rest, ok := Text(d.s)
	d.keep(rest, ok)
	return t
}

func (d *changeDecoder) byte() byte {
	if d.s == "" {
		d.damaged = true
		return 0
	}
	b := d.s[0]
	d.s = d.s[1:]
	return b
}

func (d *changeDecoder) keep(rest string, ok bool) {
	d.s = rest
	if !ok {
		d.s, d.damaged = "", true
	}
}

func (d *changeDecoder) name() string {
	n := d.uvarint()
	if n == 0 {
		d.names = append(d.names, d.text())
		n = uint64(len(d.names))
	}
	if n > uint64(len(d.names)) {
		d.keep("", false)
		return ""
	}
	return d.names[n-1]
}

// count reads a number of things that take at least a byte each.
func (d *changeDecoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.s)) {
		d.keep("", false)
		return 0
	}
	return int(n)
}

// Change decodes what AppendChange wrote. Internal when it is damaged.
func Change(s string) (graph.Change, error) {
	d := changeDecoder{s: s}
	if d.byte() != changeVersion {
		return graph.Change{}, fault.New(fault.Internal, "an entry of the change log is damaged or of a newer version")
	}
	c := graph.Change{Revision: graph.Revision(d.uvarint())}
	nanos, rest, ok := Varint(d.s)
	d.keep(rest, ok)
	c.At, c.By = time.Unix(0, nanos).UTC(), d.text()
	entities, relationships, artifacts := d.count(), d.count(), d.count()
	for range entities {
		if d.damaged {
			break
		}
		c.Entities = append(c.Entities, d.entity())
	}
	from := graph.EntityID("")
	for range relationships {
		if d.damaged {
			break
		}
		flags := d.byte()
		if flags&newSource != 0 {
			from = graph.EntityID(d.text())
		}
		c.Relationships = append(c.Relationships, graph.RelationshipDelta{
			Removed: flags&wasRemoved != 0, From: from, Relation: d.name(), To: graph.EntityID(d.text()),
		})
	}
	for range artifacts {
		if d.damaged {
			break
		}
		c.Artifacts = append(c.Artifacts, graph.ArtifactDelta{Kind: graph.ArtifactKind(d.name()), Name: d.text(), Deleted: d.byte() == 1})
	}
	if d.damaged || d.s != "" {
		return graph.Change{}, fault.New(fault.Internal, "an entry of the change log is damaged")
	}
	return c, nil
}

func (d *changeDecoder) entity() graph.EntityDelta {
	e := graph.EntityDelta{Op: graph.Op(d.byte()), ID: graph.EntityID(d.text()), Type: schema.TypeName(d.name())}
	for range d.count() {
		e.Paths = append(e.Paths, schema.Path(d.name()))
	}
	return e
}

// ChangeTime reads the time at the beginning of an encoded change.
func ChangeTime(s string) (time.Time, bool) {
	if s == "" || s[0] != changeVersion {
		return time.Time{}, false
	}
	_, rest, ok := Uvarint(s[1:])
	if !ok {
		return time.Time{}, false
	}
	nanos, _, ok := Varint(rest)
	return time.Unix(0, nanos).UTC(), ok
}
