package gltfdoc

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"mereon/schema/fault"
)

// Embed returns a document that needs no other file: every relative URI of a buffer or an image is replaced by a data
// URI, all else stays as it is, byte for byte. A document without such URIs is returned unchanged, as it came.
//
// It fails with Invalid when the document cannot be parsed, a URI leads out of the folder, or a buffer's file is missing. A missing
// image keeps its URI.
func Embed(data []byte, folder fs.FS) ([]byte, error) {
	found := &issues{}
	c := parse(data, Options{Resources: folder}, found)
	if c == nil {
		return nil, fault.New(fault.Invalid, "%s", found.list[len(found.list)-1].Message)
	}
	source := string(c.parts.json)
	var cuts []cut
	for _, collection := range []string{"buffers", "images"} {
		list := c.root.get(collection).list()
		for i := range list {
			uri := list[i].get("uri")
			if uri == nil || uri.kind != jsonString || isDataURI(uri.text) {
				continue
			}
			replacement, err := dataURI(uri.text, collection == "images", folder)
			if err != nil {
				return nil, fault.New(fault.Invalid, "/%s/%d/uri: %v", collection, i, err)
			}
			if replacement != "" {
				cuts = append(cuts, cut{int(uri.start), int(uri.end), replacement})
			}
		}
	}
	if len(cuts) == 0 {
		return data, nil
	}
	return c.parts.with(splice(source, cuts)), nil
}

// cut replaces a part of a text.
type cut struct {
	start, end int
	text       string
}

func splice(source string, cuts []cut) string {
	slices.SortFunc(cuts, func(a, b cut) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, c := range cuts {
		b.WriteString(source[at:c.start])
		b.WriteString(c.text)
		at = c.end
	}
	b.WriteString(source[at:])
	return b.String()
}

// dataURI returns a quoted data URI of a file; "" for an image that is missing.
func dataURI(uri string, image bool, folder fs.FS) (string, error) {
	name, err := resourceName(uri)
	if err != nil {
		return "", err
	}
	data, err := readResource(folder, name, maxResource)
	if err != nil && image {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	mediaType := "application/octet-stream"
	if image {
		if kind := imageType(data); kind != "" {
			mediaType = kind
		}
	}
	return fmt.Sprintf(`"data:%s;base64,%s"`, mediaType, base64.StdEncoding.EncodeToString(data)), nil
}

// with returns the container with another JSON part.
func (c *container) with(json string) []byte {
	if !c.glb {
		return []byte(json)
	}
	json += strings.Repeat(" ", -len(json)&3)
	total := glbHeader + chunkHeader + len(json)
	if c.hasBin {
		total += chunkHeader + len(c.bin)
	}
	b := make([]byte, 0, total)
	for _, n := range []int{glbMagic, 2, total, len(json), glbJSONChunk} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, json...)
	if c.hasBin {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c.bin)))
		b = binary.LittleEndian.AppendUint32(b, glbBINChunk)
		b = append(b, c.bin...)
	}
	return b
}
