package record

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"iter"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// Delta is one commit as a copy of the graph repeats it: the entry of the change log and everything the commit made.
type Delta struct {
	Change graph.Change
	// Entities are those the change created, updated or retyped, as they stand after it, in no order.
	Entities []Entity
	// Relationships are those the change added or gave other properties, in no order.
	Relationships []Relationship
	// Artifacts are those the change wrote; Data is never nil.
	Artifacts []Artifact
	// Layout is the new layout, nil when it stays.
	Layout *graph.Layout
	// Key is the idempotency key of the change set, "" for none; Repeats is that of its graph.Commit.
	Key     string
	Repeats int
}

// Feed is the ability of a graph.Store to be copied.
//
// Follow yields the delta of every commit after revision from, in order, without a gap, first from the log and then as
// they come, until ctx ends. It ends with the first error, which is yielded: Conflict when the log does not reach back to
// from or from is ahead of the graph (take a backup and follow from its revision), Unavailable when the store cannot be
// reached or was closed (safe to repeat from the last revision seen), Internal when the log is damaged. What a delta holds
// may be kept but not changed.
type Feed interface {
	Follow(ctx context.Context, from graph.Revision) iter.Seq2[Delta, error]
}

// Commit returns what the change set was answered with.
func (d *Delta) Commit() graph.Commit {
	c := graph.Commit{Revision: d.Change.Revision, At: d.Change.At, Relationships: len(d.Change.Relationships), Repeats: d.Repeats}
	for _, e := range d.Change.Entities {
		switch e.Op {
		case graph.Create:
			c.Created = append(c.Created, e.ID)
		case graph.Delete:
			c.Deleted = append(c.Deleted, e.ID)
		default:
			c.Updated = append(c.Updated, e.ID)
		}
	}
	return c
}

// deltaVersion begins every encoded delta.
const deltaVersion = 1

// AppendDelta appends the binary form of a delta: the encoded change, then what was made. Names that repeat are written
// once, and revisions and times as their distance from those of the change.
func AppendDelta(dst []byte, d *Delta) []byte {
	dst = AppendText(append(dst, deltaVersion), string(AppendChange(nil, &d.Change)))
	dst = binary.AppendUvarint(AppendText(dst, d.Key), uint64(d.Repeats))
	layout := []byte(nil)
	if d.Layout != nil {
		layout, _ = json.Marshal(d.Layout) // plain structs of ours
	}
	dst = AppendText(dst, string(layout))
	for _, n := range []int{len(d.Entities), len(d.Relationships), len(d.Artifacts)} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	e := deltaEncoder{ChangeEncoder{dst: dst, names: map[string]uint64{}}, d.Change.Revision, d.Change.At.UnixNano()}
	for i := range d.Entities {
		e.state(&d.Entities[i])
	}
	for i := range d.Relationships {
		r := &d.Relationships[i]
		e.ChangeEncoder.Relationship(false, string(r.From), r.Relation, string(r.To))
		e.values(r.Props)
	}
	for i := range d.Artifacts {
		a := &d.Artifacts[i]
		e.name(string(a.Kind))
		e.dst = AppendText(e.dst, a.Name)
		e.since(a.Revision)
		e.dst = AppendText(e.dst, string(a.Data))
	}
	return e.dst
}

type deltaEncoder struct {
	ChangeEncoder
	revision graph.Revision
	at       int64
}

func (e *deltaEncoder) since(r graph.Revision) {
	e.dst = binary.AppendUvarint(e.dst, uint64(e.revision-r))
}

const isEdited = 1

func (e *deltaEncoder) state(s *Entity) {
	e.dst = AppendText(e.dst, string(s.ID))
	e.name(string(s.Type))
	e.since(s.Revision)
	e.dst = binary.AppendVarint(e.dst, e.at-s.Created.UnixNano())
	e.dst = binary.AppendVarint(e.dst, e.at-s.Updated.UnixNano())
	e.name(string(s.Origin))
	flags := byte(0)
	if s.Edited {
		flags = isEdited
	}
	e.dst = append(e.dst, flags)
	e.values(s.Values)
}

func (e *deltaEncoder) values(values []graph.PathValue) {
	e.dst = binary.AppendUvarint(e.dst, uint64(len(values)))
	for _, v := range values {
		e.name(string(v.Path))
		e.dst = AppendValue(e.dst, v.Value)
	}
}

// DeltaChange returns the encoded change at the beginning of an encoded delta, without decoding the rest.
func DeltaChange(s string) (change string, err error) {
	if s == "" || s[0] != deltaVersion {
		return "", fault.New(fault.Internal, "an entry of the change log is damaged or of a newer version")
	}
	change, _, ok := Text(s[1:])
	if !ok {
		return "", damagedDelta()
	}
	return change, nil
}

func damagedDelta() error { return fault.New(fault.Internal, "an entry of the change log is damaged") }

// DecodeDelta decodes what AppendDelta wrote; its texts are substrings of s. Internal when it is damaged.
func DecodeDelta(s string) (d Delta, err error) {
	change, err := DeltaChange(s)
	if err != nil {
		return Delta{}, err
	}
	if d.Change, err = Change(change); err != nil {
		return Delta{}, err
	}
	in := deltaDecoder{changeDecoder{s: s[1:]}, d.Change.Revision, d.Change.At.UnixNano()}
	in.text()
	d.Key, d.Repeats = in.text(), int(in.uvarint())
	if layout := in.text(); layout != "" && json.Unmarshal([]byte(layout), &d.Layout) != nil {
		return Delta{}, damagedDelta()
	}
	entities, relationships, artifacts := in.count(), in.count(), in.count()
	for ; entities > 0 && !in.damaged; entities-- {
		d.Entities = append(d.Entities, in.state())
	}
	in.relationships(&d, relationships)
	for ; artifacts > 0 && !in.damaged; artifacts-- {
		a := Artifact{Kind: graph.ArtifactKind(in.name()), Name: in.text(), Revision: in.since()}
		a.Data = []byte(in.text())
		d.Artifacts = append(d.Artifacts, a)
	}
	if in.damaged || in.s != "" || d.Repeats < 0 {
		return Delta{}, damagedDelta()
	}
	return d, nil
}

type deltaDecoder struct {
	changeDecoder
	revision graph.Revision
	at       int64
}

func (d *deltaDecoder) since() graph.Revision { return d.revision - graph.Revision(d.uvarint()) }

func (d *deltaDecoder) time() time.Time {
	ago, rest, ok := Varint(d.s)
	d.keep(rest, ok)
	return time.Unix(0, d.at-ago).UTC()
}

func (d *deltaDecoder) state() Entity {
	return Entity{
		ID: graph.EntityID(d.text()), Type: schema.TypeName(d.name()), Revision: d.since(), Created: d.time(), Updated: d.time(),
		Origin: graph.Origin(d.name()), Edited: d.byte()&isEdited != 0, Values: d.values(),
	}
}

func (d *deltaDecoder) relationships(into *Delta, n int) {
	from := graph.EntityID("")
	for ; n > 0 && !d.damaged; n-- {
		if d.byte()&newSource != 0 {
			from = graph.EntityID(d.text())
		}
		into.Relationships = append(into.Relationships, Relationship{From: from, Relation: d.name(), To: graph.EntityID(d.text()), Props: d.values()})
	}
}

func (d *deltaDecoder) values() (values []graph.PathValue) {
	for n := d.count(); n > 0 && !d.damaged; n-- {
		path := schema.Path(d.name())
		v, rest, ok := Value(d.s)
		d.keep(rest, ok)
		values = append(values, graph.PathValue{Path: path, Value: v})
	}
	return values
}
