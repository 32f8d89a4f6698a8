package gltfdoc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/url"
	"path"
	"strings"
)

// maxResource bounds one external file of a document.
const maxResource = 512 << 20

// isDataURI says whether a URI carries its data itself.
func isDataURI(uri string) bool { return len(uri) >= 5 && strings.EqualFold(uri[:5], "data:") }

// decodeDataURI returns the media type and the data of a data URI. Source: RFC 2397.
func decodeDataURI(uri string) (mediaType string, data []byte, err error) {
	head, body, ok := strings.Cut(uri[5:], ",")
	if !ok {
		return "", nil, errors.New("a data URI needs a comma before its data")
	}
	head, encoded := strings.CutSuffix(head, ";base64")
	if head != "" {
		if mediaType, _, err = mime.ParseMediaType(head); err != nil {
			return "", nil, errors.New("the media type of the data URI is malformed")
		}
	}
	if encoded {
		data, err = base64.StdEncoding.DecodeString(body)
		if err != nil {
			return "", nil, errors.New("invalid base64 data")
		}
		return mediaType, data, nil
	}
	text, err := url.PathUnescape(body)
	if err != nil {
		return "", nil, errors.New("invalid percent escape")
	}
	return mediaType, []byte(text), nil
}

// errNotRelative means that a URI leads out of the folder of the document.
var errNotRelative = errors.New("only files in the folder of the document or below can be referred to, and by a relative URI")

// resourceName returns the slash-separated path a relative URI names within the folder of the document.
func resourceName(uri string) (string, error) {
	if uri == "" || strings.HasPrefix(uri, ":") {
		return "", errors.New("the URI is malformed")
	}
	name, err := url.PathUnescape(uri)
	if err != nil {
		return "", errors.New("the URI holds an invalid percent escape")
	}
	before, _, _ := strings.Cut(name, "/")
	if strings.ContainsAny(name, "\\\x00?#") || strings.Contains(before, ":") || !fs.ValidPath(path.Clean(name)) {
		return "", errNotRelative
	}
	return path.Clean(name), nil
}

// readResource reads at most limit bytes of a file of the document's folder.
func readResource(folder fs.FS, name string, limit int64) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be read", name)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, min(limit, maxResource)))
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be read", name)
	}
	return data, nil
}

// resource returns the data a URI leads to, at most limit bytes of a file. A nil result means that it is not to be had;
// why is among the issues.
func (c *checker) resource(uri, pointer string, limit int64) (mediaType string, data []byte) {
	if isDataURI(uri) {
		mediaType, data, err := decodeDataURI(uri)
		if err != nil {
			c.fail("INVALID_URI", pointer, "invalid URI '%.40s': %v", uri, err)
			return "", nil
		}
		return mediaType, data
	}
	name, err := resourceName(uri)
	switch {
	case errors.Is(err, errNotRelative):
		c.fail("NON_RELATIVE_URI", pointer, "URI '%.80s': %v", uri, err)
		return "", nil
	case err != nil:
		c.fail("INVALID_URI", pointer, "invalid URI '%.80s': %v", uri, err)
		return "", nil
	case c.options.Resources == nil:
		c.note("IO_ERROR", pointer, "the file %.80s is not part of what was given, so it is not checked", name)
		return "", nil
	}
	data, err = readResource(c.options.Resources, name, limit)
	if err != nil {
		c.fail("IO_ERROR", pointer, "%v", err)
	}
	return "", data
}
