package embedded

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// format names the layout of the file below. Any change of it needs a new number and a migration.
//
//	mereon     format, state (JSON), layout (JSON)
//	types, relations, paths    number -> text
//	entities   id -> row, type, flags, revision, created, updated, fields
//	edges      row, first word -> words of its outgoing relationships, in chunks
//	props      row, word -> fields of a relationship
//	artifacts  kind, 0, name -> revision, bytes
//	log        revision -> record.Change
//	repeats    idempotency key -> commit (JSON)
//
// Numbers in keys are big-endian. Every value begins with the CRC-32C of its key and the rest of it.
const format = "mereon store 1"

var (
	bucketMain      = []byte("mereon")
	bucketTypes     = []byte("types")
	bucketRelations = []byte("relations")
	bucketPaths     = []byte("paths")
	bucketEntities  = []byte("entities")
	bucketEdges     = []byte("edges")
	bucketProps     = []byte("props")
	bucketArtifacts = []byte("artifacts")
	bucketLog       = []byte("log")
	bucketRepeats   = []byte("repeats")

	keyFormat = []byte("format")
	keyState  = []byte("state")
	keyLayout = []byte("layout")

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// allBuckets lists every bucket but the main one.
func allBuckets() [][]byte {
	return [][]byte{bucketTypes, bucketRelations, bucketPaths, bucketEntities, bucketEdges, bucketProps, bucketArtifacts, bucketLog, bucketRepeats}
}

// state sums up the file; the numbers are checked at start.
type state struct {
	Revision      graph.Revision `json:"revision"`
	Rows          uint32         `json:"rows"`
	Entities      int            `json:"entities"`
	Relationships int            `json:"relationships"`
	Types         int            `json:"types"`
	Relations     int            `json:"relations"`
	Paths         int            `json:"paths"`
}

func stateOf(s *memory.Snapshot) state {
	n := s.Names()
	return state{s.Revision(), s.Rows(), s.Entities(), s.RelationshipCount(), len(n.Types), len(n.Relations), len(n.Paths)}
}

// seal puts the checksum over key and body in front of body, whose first four bytes are left free for it.
func seal(key, body []byte) []byte {
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, body[4:])
	binary.LittleEndian.PutUint32(body, sum)
	return body
}

// unseal checks a value and returns what is behind its checksum.
func unseal(key, value []byte) ([]byte, error) {
	if len(value) < 4 || binary.LittleEndian.Uint32(value) != crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value[4:]) {
		return nil, fault.New(fault.Internal, "the value under %.40q does not match its checksum", key)
	}
	return value[4:], nil
}

func sealed(key, body []byte) []byte {
	return seal(key, append(make([]byte, 4, 4+len(body)), body...))
}

func sealedJSON(key []byte, v any) []byte {
	body, _ := json.Marshal(v) // plain structs of ours
	return sealed(key, body)
}

func numberKey(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func revisionKey(r graph.Revision) []byte { return binary.BigEndian.AppendUint64(nil, uint64(r)) }

func edgeKey(dst []byte, row uint32, word uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(dst, row), word)
}

func artifactKey(kind graph.ArtifactKind, name string) []byte {
	return append(append([]byte(kind), 0), name...)
}

// appendRow appends an entity behind room for its checksum.
func appendRow(dst []byte, r *memory.RowState) []byte {
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.AppendUvarint(dst, uint64(r.Row))
	dst = binary.AppendUvarint(dst, uint64(r.Type))
	dst = append(dst, r.Flags)
	dst = binary.AppendUvarint(dst, uint64(r.Revision))
	dst = binary.AppendVarint(dst, r.Created)
	dst = binary.AppendVarint(dst, r.Updated)
	return append(dst, r.Fields...)
}

// readRow reads what appendRow wrote, behind its checksum. The texts of the row are those of body.
func readRow(id, body string) (r memory.RowState, ok bool) {
	row, body, ok1 := record.Uvarint(body)
	typ, body, ok2 := record.Uvarint(body)
	if !ok1 || !ok2 || body == "" {
		return r, false
	}
	r = memory.RowState{ID: id, Row: uint32(row), Type: uint32(typ), Flags: body[0]}
	revision, body, ok1 := record.Uvarint(body[1:])
	created, body, ok2 := record.Varint(body)
	updated, body, ok3 := record.Varint(body)
	r.Revision, r.Created, r.Updated, r.Fields = graph.Revision(revision), created, updated, body
	return r, ok1 && ok2 && ok3
}
