package gltfdoc

import "slices"

// buffer is one buffer and what is known of its data.
type buffer struct {
	length int    // declared
	data   []byte // nil when it is not to be had; else at least length bytes
}

// view is one buffer view. A view that is broken has ok false.
type view struct {
	ok             bool
	buffer         int
	offset, length int
	stride         int    // 0 when not given
	usage          string // what it is used for, "" until known
	attributes     int    // how many accessors of vertex attributes lie in it
}

func (c *checker) checkBuffers() {
	c.buffers = make([]buffer, len(c.root.get("buffers").list()))
	for i := range c.buffers {
		c.checkBuffer(i)
	}
}

func (c *checker) checkBuffer(i int) {
	v, pointer := c.element("buffers", i), at("/buffers", i)
	length := v.intOr("byteLength", 0)
	c.buffers[i].length = length
	if length < 1 {
		return
	}
	uri := v.get("uri")
	if uri == nil {
		c.chunkBuffer(i, pointer)
		return
	}
	if uri.kind != jsonString {
		return
	}
	if c.parts.glb {
		c.note("URI_GLB", pointer+"/uri", "URI is used in GLB container")
	}
	mediaType, data := c.resource(uri.text, pointer+"/uri", int64(length))
	if isDataURI(uri.text) && data != nil && mediaType != "" && !slices.Contains(bufferTypes, mediaType) {
		c.fail("BUFFER_DATA_URI_MIME_TYPE_INVALID", pointer+"/uri", "buffer's data URI has the media type '%.40s', not application/octet-stream or application/gltf-buffer", mediaType)
	}
	c.bufferData(i, data, pointer)
}

var bufferTypes = []string{"application/octet-stream", "application/gltf-buffer"}

func (c *checker) bufferData(i int, data []byte, pointer string) {
	if data == nil {
		return
	}
	if len(data) < c.buffers[i].length {
		c.fail("BUFFER_BYTE_LENGTH_MISMATCH", pointer, "actual data byte length (%d) is less than the declared buffer byte length (%d)", len(data), c.buffers[i].length)
		return
	}
	c.buffers[i].data = data
}

// chunkBuffer resolves a buffer without URI: the BIN chunk, or the fallback of a compression extension.
func (c *checker) chunkBuffer(i int, pointer string) {
	if !c.parts.glb || i > 0 {
		return
	}
	length := c.buffers[i].length
	if !c.parts.hasBin {
		c.fail("BUFFER_MISSING_GLB_DATA", pointer, "buffer refers to an unresolved GLB binary chunk")
		return
	}
	if len(c.parts.bin)-length > 3 {
		c.warn("BUFFER_GLB_CHUNK_TOO_BIG", pointer, "GLB-stored BIN chunk contains %d extra padding bytes", len(c.parts.bin)-length)
	}
	c.bufferData(i, c.parts.bin, pointer)
}

func (c *checker) checkViews() {
	c.views = make([]view, len(c.root.get("bufferViews").list()))
	for i := range c.views {
		v, pointer := c.element("bufferViews", i), at("/bufferViews", i)
		w := view{
			buffer: v.intOr("buffer", -1), offset: v.intOr("byteOffset", 0), length: v.intOr("byteLength", 0),
			stride: v.intOr("byteStride", 0),
		}
		w.ok = w.buffer >= 0 && w.buffer < len(c.buffers) && w.offset >= 0 && w.length > 0 && w.stride >= 0 && w.stride <= 252
		switch v.intOr("target", 0) {
		case 34962:
			w.usage = "VertexBuffer"
		case 34963:
			w.usage = "IndexBuffer"
		}
		if w.ok {
			c.checkView(&w, pointer)
		}
		c.views[i] = w
	}
}

func (c *checker) checkView(w *view, pointer string) {
	if w.stride > w.length {
		c.fail("BUFFER_VIEW_TOO_BIG_BYTE_STRIDE", pointer+"/byteStride", "buffer view's byteStride (%d) is greater than byteLength (%d)", w.stride, w.length)
	}
	if length := c.buffers[w.buffer].length; w.offset+w.length > length {
		c.fail("BUFFER_VIEW_TOO_LONG", pointer, "buffer view (offset: %d, length: %d) does not fit buffer (%d) length %d", w.offset, w.length, w.buffer, length)
		w.ok = false
	}
}

// view returns buffer view i, or nil when it does not exist or is broken.
func (c *checker) view(i int) *view {
	if i < 0 || i >= len(c.views) || !c.views[i].ok {
		return nil
	}
	return &c.views[i]
}

// data returns the bytes of a view, nil when they are not to be had.
func (c *checker) data(w *view) []byte {
	whole := c.buffers[w.buffer].data
	if w.offset+w.length > len(whole) {
		return nil
	}
	return whole[w.offset : w.offset+w.length]
}

// use records what a view is used for; a second use of another kind is an error.
func (c *checker) use(i int, usage, pointer string) {
	w := c.view(i)
	if w == nil {
		return
	}
	if w.usage != "" && w.usage != usage {
		c.fail("BUFFER_VIEW_TARGET_OVERRIDE", pointer, "override of previously set bufferView target or usage, initial: '%s', new: '%s'", w.usage, usage)
		return
	}
	w.usage = usage
	if w.stride > 0 && usage != "VertexBuffer" && usage != "IBM" && usage != "IndexBuffer" && usage != "Animation" {
		c.fail("BUFFER_VIEW_INVALID_BYTE_STRIDE", pointer, "only buffer views with raw vertex data can have byteStride")
	}
}
