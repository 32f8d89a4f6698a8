package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"
	"io"
	"time"

	"mereon/graph"
	"mereon/graph/record"
)

// magic begins every stream; its number is that of the format.
const magic = "mereon backup 1\n"

const (
	frameHeader       = 'H'
	frameEntity       = 'E'
	frameRelationship = 'R'
	frameArtifact     = 'A'
	frameBlob         = 'B' // the body is the digest; the size as 8 bytes and the bytes themselves follow
	frameEnd          = 'Z'
)

// Header says what the stream holds.
type Header struct {
	Revision graph.Revision `json:"revision"`
	At       time.Time      `json:"at"`
	Layout   *graph.Layout  `json:"layout"`
}

// trailer counts what came before it.
type trailer struct {
	Entities      int `json:"entities"`
	Relationships int `json:"relationships"`
	Artifacts     int `json:"artifacts"`
	Blobs         int `json:"blobs"`
}

// Writer writes a stream. The first error stays and is returned by all later calls.
type Writer struct {
	out   *bufio.Writer
	sum   hash.Hash
	body  []byte
	count trailer
	err   error
}

// NewWriter begins a stream.
func NewWriter(w io.Writer) *Writer {
	b := &Writer{sum: sha256.New()}
	b.out = bufio.NewWriterSize(io.MultiWriter(w, b.sum), 1<<16)
	_, b.err = b.out.WriteString(magic)
	return b
}

func (w *Writer) frame(kind byte, body []byte) error {
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = kind
	n := 1 + binary.PutUvarint(head[1:], uint64(len(body)))
	w.write(head[:n])
	w.write(body)
	return w.err
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
}

// Header writes the header.
func (w *Writer) Header(h Header) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return w.frame(frameHeader, body)
}

// Entity writes one entity.
func (w *Writer) Entity(e record.Entity) error {
	w.count.Entities++
	b := record.AppendText(w.body[:0], string(e.ID))
	b = record.AppendText(b, string(e.Type))
	b = binary.AppendUvarint(b, uint64(e.Revision))
	b = binary.AppendVarint(b, e.Created.UnixNano())
	b = binary.AppendVarint(b, e.Updated.UnixNano())
	b = record.AppendText(b, string(e.Origin))
	edited := byte(0)
	if e.Edited {
		edited = 1
	}
	w.body = appendValues(append(b, edited), e.Values)
	return w.frame(frameEntity, w.body)
}

func appendValues(b []byte, values []graph.PathValue) []byte {
	for _, v := range values {
		b = record.AppendValue(record.AppendText(b, string(v.Path)), v.Value)
	}
	return b
}

// Relationship writes one relationship; both its entities must have been written.
func (w *Writer) Relationship(r record.Relationship) error {
	w.count.Relationships++
	b := record.AppendText(w.body[:0], string(r.From))
	b = record.AppendText(b, r.Relation)
	b = record.AppendText(b, string(r.To))
	w.body = appendValues(b, r.Props)
	return w.frame(frameRelationship, w.body)
}

// Artifact writes one artifact.
func (w *Writer) Artifact(a record.Artifact) error {
	w.count.Artifacts++
	b := record.AppendText(w.body[:0], string(a.Kind))
	b = record.AppendText(b, a.Name)
	b = binary.AppendUvarint(b, uint64(a.Revision))
	w.body = append(b, a.Data...)
	return w.frame(frameArtifact, w.body)
}

// Blob writes the bytes of r, of which there must be size.
func (w *Writer) Blob(digest string, size int64, r io.Reader) error {
	w.count.Blobs++
	w.frame(frameBlob, []byte(digest))
	w.write(binary.LittleEndian.AppendUint64(nil, uint64(size)))
	if w.err == nil {
		_, w.err = io.CopyN(w.out, r, size)
	}
	return w.err
}

// Close ends the stream; without it no reader accepts it. It does not close the writer below.
func (w *Writer) Close() error {
	body, err := json.Marshal(w.count)
	if err != nil {
		return err
	}
	w.frame(frameEnd, body)
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err == nil {
		_, w.err = w.out.Write(w.sum.Sum(nil))
	}
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}
