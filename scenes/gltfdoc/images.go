package gltfdoc

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// imageType recognises an image by its first bytes; "" when it is none of those glTF and its extensions know.
func imageType(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		return "image/jpeg"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp"
	case bytes.HasPrefix(data, []byte("\xABKTX 20\xBB\r\n\x1A\n")):
		return "image/ktx2"
	}
	return ""
}

// imageHead is how much of an image file is read to recognise it.
const imageHead = 64 << 10

// checkImages checks where images lie and that they are what they claim, without decoding them.
func (c *checker) checkImages() {
	types := make([]string, len(c.root.get("images").list()))
	for i := range types {
		types[i] = c.checkImage(c.element("images", i), at("/images", i))
	}
	for i := range c.root.get("textures").list() {
		v, pointer := c.element("textures", i), at("/textures", i)
		c.checkTextureSource(v, types, []string{"image/jpeg", "image/png"}, pointer)
		for name, kinds := range map[string][]string{"EXT_texture_webp": {"image/webp"}, "KHR_texture_basisu": {"image/ktx2"}} {
			c.checkTextureSource(v.get("extensions").get(name), types, kinds, pointer+"/extensions/"+name)
		}
	}
}

func (c *checker) checkTextureSource(v *value, types, allowed []string, pointer string) {
	i := v.intOr("source", -1)
	if i < 0 || i >= len(types) || types[i] == "" || slices.Contains(allowed, types[i]) {
		return
	}
	c.fail("TEXTURE_INVALID_IMAGE_MIME_TYPE", pointer+"/source", "invalid MIME type '%s' for the texture source, valid are %v", types[i], allowed)
}

// checkImage returns the type the image turned out to have, "" when its data is not to be had.
func (c *checker) checkImage(v *value, pointer string) string {
	declared, data, place := v.string("mimeType"), []byte(nil), pointer
	if uri := v.get("uri"); uri != nil && uri.kind == jsonString {
		place += "/uri"
		var mediaType string
		if c.parts.glb {
			c.note("URI_GLB", place, "URI is used in GLB container")
			if isDataURI(uri.text) {
				c.warn("DATA_URI_GLB", place, "data URI is used in GLB container")
			}
		}
		mediaType, data = c.resource(uri.text, place, imageHead)
		if declared == "" {
			declared = mediaType
		}
	}
	if i := v.intOr("bufferView", -1); i >= 0 {
		c.use(i, "Image", pointer+"/bufferView")
		if w := c.view(i); w != nil {
			data = c.data(w)
		}
	}
	if data == nil {
		return ""
	}
	return c.checkImageData(data, declared, pointer, place)
}

func (c *checker) checkImageData(data []byte, declared, pointer, place string) string {
	kind := imageType(data)
	switch {
	case kind == "":
		c.warn("IMAGE_UNRECOGNIZED_FORMAT", pointer, "image format is not recognised")
	case declared != "" && declared != kind:
		c.fail("IMAGE_MIME_TYPE_INVALID", place, "recognised image format '%s' does not match declared image format '%.40s'", kind, declared)
	case kind == "image/jpeg" && !jpegHeader(data):
		c.fail("IMAGE_DATA_INVALID", pointer, "image data is invalid: no JPEG frame header")
	case kind == "image/png" && (len(data) < 33 || string(data[12:16]) != "IHDR"):
		c.fail("IMAGE_DATA_INVALID", pointer, "image data is invalid: no PNG header")
	}
	return kind
}

// jpegHeader says whether the segments of a JPEG lead to a frame header, as far as the data goes.
func jpegHeader(data []byte) bool {
	for pos := 2; pos+4 <= len(data); {
		if data[pos] != 0xFF {
			return false
		}
		marker, size := data[pos+1], int(binary.BigEndian.Uint16(data[pos+2:]))
		if marker == 0xFF {
			pos++
			continue
		}
		if marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC {
			return size >= 8
		}
		if size < 2 {
			return false
		}
		pos += 2 + size
	}
	return len(data) >= imageHead // the header may lie beyond what was read
}
