package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// maxFrame bounds a frame other than a blob, in bytes.
const maxFrame = 256 << 20

// Sink takes what a stream holds, in its order. An error ends the reading.
type Sink interface {
	Header(Header) error
	Entity(record.Entity) error
	Relationship(record.Relationship) error
	Artifact(record.Artifact) error
	// Blob must read r to its end.
	Blob(digest string, size int64, r io.Reader) error
}

// Read hands a whole stream to sink. Invalid when the stream is no backup, of a newer format, cut off or damaged: then
// nothing that the sink took may be kept.
func Read(r io.Reader, sink Sink) error {
	d := &reader{sum: sha256.New()}
	d.in = bufio.NewReaderSize(r, 1<<16)
	if err := d.magic(); err != nil {
		return err
	}
	for first := true; ; first = false {
		kind, body, err := d.frame()
		if err != nil {
			return err
		}
		if first != (kind == frameHeader) {
			return damaged("its header is not at its beginning")
		}
		if kind == frameEnd {
			return d.end(body)
		}
		if err := d.hand(kind, body, sink); err != nil {
			return err
		}
	}
}

func damaged(format string, args ...any) error {
	e := fault.New(fault.Invalid, format, args...)
	return fault.New(fault.Invalid, "the backup is damaged: %s. Take another copy; nothing was restored", e.Message)
}

type reader struct {
	in    *bufio.Reader
	sum   hash.Hash
	count trailer
}

// Read reads on and adds to the checksum.
func (d *reader) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	d.sum.Write(p[:n])
	return n, err
}

func (d *reader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(d, b[:])
	return b[0], err
}

func (d *reader) magic() error {
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(d, head); err != nil {
		return fault.New(fault.Invalid, "this is not a Mereon backup: it is too short")
	}
	const family = "mereon backup "
	switch {
	case string(head) == magic:
		return nil
	case strings.HasPrefix(string(head), family):
		return fault.New(fault.Invalid, "the backup has the format %q, which this version does not know: restore it with the newer version that wrote it",
			strings.TrimSpace(strings.TrimPrefix(string(head), family)))
	}
	return fault.New(fault.Invalid, "this is not a Mereon backup")
}

func (d *reader) frame() (kind byte, body []byte, err error) {
	if kind, err = d.ReadByte(); err != nil {
		return 0, nil, damaged("it ends early")
	}
	n, err := binary.ReadUvarint(d)
	if err != nil {
		return 0, nil, damaged("it ends early")
	}
	if n > maxFrame {
		return 0, nil, damaged("a part of it claims %d bytes", n)
	}
	var b bytes.Buffer // grows with what is there, not with what is claimed
	if _, err := io.CopyN(&b, d, int64(n)); err != nil {
		return 0, nil, damaged("it ends early")
	}
	return kind, b.Bytes(), nil
}

func (d *reader) end(body []byte) error {
	var want trailer
	if json.Unmarshal(body, &want) != nil || want != d.count {
		return damaged("it holds %+v, not what it says", d.count)
	}
	sum := d.sum.Sum(nil)
	have := make([]byte, len(sum))
	if _, err := io.ReadFull(d.in, have); err != nil || !bytes.Equal(sum, have) {
		return damaged("its checksum is wrong")
	}
	return nil
}

func (d *reader) hand(kind byte, body []byte, sink Sink) error {
	f := fields{s: string(body)}
	switch kind {
	case frameHeader:
		var h Header
		if err := json.Unmarshal(body, &h); err != nil || h.Layout == nil {
			return damaged("its header cannot be read")
		}
		return sink.Header(h)
	case frameEntity:
		d.count.Entities++
		e := record.Entity{ID: graph.EntityID(f.text()), Type: schema.TypeName(f.text()), Revision: graph.Revision(f.uvarint()),
			Created: f.time(), Updated: f.time(), Origin: graph.Origin(f.text()), Edited: f.byte() == 1, Values: f.values()}
		return f.then(func() error { return sink.Entity(e) })
	case frameRelationship:
		d.count.Relationships++
		r := record.Relationship{From: graph.EntityID(f.text()), Relation: f.text(), To: graph.EntityID(f.text()), Props: f.values()}
		return f.then(func() error { return sink.Relationship(r) })
	case frameArtifact:
		d.count.Artifacts++
		a := record.Artifact{Kind: graph.ArtifactKind(f.text()), Name: f.text(), Revision: graph.Revision(f.uvarint())}
		a.Data = []byte(f.s)
		return f.then(func() error { return sink.Artifact(a) })
	case frameBlob:
		d.count.Blobs++
		return d.blob(string(body), sink)
	}
	return damaged("it has a part of the unknown kind %q", kind)
}

func (d *reader) blob(digest string, sink Sink) error {
	var size [8]byte
	if _, err := io.ReadFull(d, size[:]); err != nil {
		return damaged("it ends early")
	}
	n := int64(binary.LittleEndian.Uint64(size[:]))
	sum := sha256.New()
	body := &io.LimitedReader{R: d, N: max(n, 0)}
	if err := sink.Blob(digest, n, io.TeeReader(body, sum)); err != nil {
		return err
	}
	if body.N != 0 || n < 0 {
		return damaged("it ends early")
	}
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return damaged("the blob %.64s is not what its digest says", digest)
	}
	return nil
}

// fields reads a body; once damaged, it yields zero values.
type fields struct {
	s   string
	bad bool
}

func (f *fields) keep(rest string, ok bool) {
	f.s = rest
	if !ok {
		f.s, f.bad = "", true
	}
}

func (f *fields) text() string {
	t, rest, ok := record.Text(f.s)
	f.keep(rest, ok)
	return t
}

func (f *fields) uvarint() uint64 {
	u, rest, ok := record.Uvarint(f.s)
	f.keep(rest, ok)
	return u
}

func (f *fields) time() time.Time {
	i, rest, ok := record.Varint(f.s)
	f.keep(rest, ok)
	return time.Unix(0, i).UTC()
}

func (f *fields) byte() byte {
	if f.s == "" {
		f.bad = true
		return 0
	}
	b := f.s[0]
	f.s = f.s[1:]
	return b
}

func (f *fields) values() (values []graph.PathValue) {
	for f.s != "" {
		path := f.text()
		v, rest, ok := record.Value(f.s)
		f.keep(rest, ok)
		values = append(values, graph.PathValue{Path: schema.Path(path), Value: v})
	}
	return values
}

func (f *fields) then(hand func() error) error {
	if f.bad {
		return damaged("a part of it cannot be read")
	}
	return hand()
}
