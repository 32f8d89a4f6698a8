package gltfdoc

import "encoding/binary"

// The container format of a GLB file. Source: glTF 2.0 specification, "GLB File Format Specification".
const (
	glbMagic     = 0x46546C67
	glbJSONChunk = 0x4E4F534A
	glbBINChunk  = 0x004E4942
	glbHeader    = 12
	chunkHeader  = 8
)

// container is a file split into its parts; the parts are slices of the file, nothing is copied.
type container struct {
	glb    bool
	json   []byte
	bin    []byte
	hasBin bool
}

// isGLB says whether data claims to be a GLB: a glTF in text form begins with white space or a brace.
func isGLB(data []byte) bool {
	if len(data) == 0 {
		return false
	}
	switch data[0] {
	case '{', ' ', '\t', '\r', '\n', '[', 0xEF:
		return false
	}
	return data[0] == 'g' || data[0] < ' '
}

// split reads the container. ok is false when no JSON part could be found; the issues say why.
func split(data []byte, found *issues) (parts container, ok bool) {
	if !isGLB(data) {
		if len(data) >= 3 && data[0] == 0xEF && data[1] == 0xBB && data[2] == 0xBF {
			found.fail("INVALID_JSON", "", "the text begins with a byte order mark, which glTF forbids; save it as UTF-8 without one")
			return parts, false
		}
		return container{json: data}, true
	}
	parts.glb = true
	if len(data) < glbHeader {
		found.fail("GLB_UNEXPECTED_END_OF_HEADER", "", "the file ends within the header of %d bytes", glbHeader)
		return parts, false
	}
	if magic := binary.LittleEndian.Uint32(data); magic != glbMagic {
		found.fail("GLB_INVALID_MAGIC", "", "invalid GLB magic value (%d): this is no GLB file", magic)
		return parts, false
	}
	if version := binary.LittleEndian.Uint32(data[4:]); version != 2 {
		found.fail("GLB_INVALID_VERSION", "", "invalid GLB version %d; export the model as glTF 2.0", version)
		return parts, false
	}
	length := int64(binary.LittleEndian.Uint32(data[8:]))
	if length <= glbHeader {
		found.fail("GLB_LENGTH_TOO_SMALL", "", "declared GLB length (%d) is too small", length)
	}
	ok = parts.chunks(data, length, found)
	if ok && length != int64(len(data)) {
		found.fail("GLB_LENGTH_MISMATCH", "", "declared length (%d) does not match GLB length (%d)", length, len(data))
	}
	return parts, ok && !found.refused
}

// chunks reads the chunks within what is really there, whatever their headers claim.
func (c *container) chunks(data []byte, length int64, found *issues) bool {
	jsonSeen := false
	for pos, index := glbHeader, 0; pos < len(data); index++ {
		if len(data)-pos < chunkHeader {
			found.fail("GLB_UNEXPECTED_END_OF_CHUNK_HEADER", "", "the file ends within a chunk header at byte %d", pos)
			return false
		}
		size := int64(binary.LittleEndian.Uint32(data[pos:]))
		kind := binary.LittleEndian.Uint32(data[pos+4:])
		if size%4 != 0 {
			found.fail("GLB_CHUNK_LENGTH_UNALIGNED", "", "length of chunk 0x%08x is not a multiple of 4", kind)
		}
		if int64(pos)+chunkHeader+size > length {
			found.fail("GLB_CHUNK_TOO_BIG", "", "chunk (0x%08x) length (%d) does not fit total GLB length", kind, size)
		}
		if index == 0 && kind != glbJSONChunk {
			found.fail("GLB_UNEXPECTED_FIRST_CHUNK", "", "first chunk must be of JSON type, found 0x%08x instead", kind)
		}
		if int64(len(data)-pos-chunkHeader) < size {
			found.fail("GLB_UNEXPECTED_END_OF_CHUNK_DATA", "", "the file ends within the data of chunk 0x%08x", kind)
			return false
		}
		body := data[pos+chunkHeader : pos+chunkHeader+int(size)]
		pos += chunkHeader + int(size)
		jsonSeen = c.chunk(kind, index, body, found) || jsonSeen
	}
	if !jsonSeen && !found.refused {
		found.fail("GLB_UNEXPECTED_FIRST_CHUNK", "", "the file holds no JSON chunk")
	}
	return jsonSeen
}

// chunk keeps one chunk and says whether it is the JSON.
func (c *container) chunk(kind uint32, index int, body []byte, found *issues) bool {
	switch {
	case kind == glbJSONChunk && c.json == nil:
		c.json = body
		return true
	case kind == glbBINChunk && !c.hasBin:
		c.bin, c.hasBin = body, true
		if index > 1 {
			found.fail("GLB_UNEXPECTED_BIN_CHUNK", "", "the BIN chunk must be the second chunk")
		}
	case kind == glbJSONChunk || kind == glbBINChunk:
		found.fail("GLB_DUPLICATE_CHUNK", "", "chunk of type 0x%08x has already been used", kind)
	default:
		found.warn("GLB_UNKNOWN_CHUNK_TYPE", "", "unknown GLB chunk type: 0x%08x", kind)
	}
	return false
}
