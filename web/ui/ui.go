package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"mereon/schema/fault"
)

//go:embed all:dist
var dist embed.FS

const (
	page    = "index.html"
	notMade = "The user interface is not part of this binary. Build it with: make build\n" +
		"The API is there all the same, under /graphql.\n"
	immutable  = "public, max-age=31536000, immutable"
	revalidate = "no-cache"
)

// Handler serves the application that was built into the binary.
//
// Files are served with an ETag and their gzip twin where the client takes gzip; files under /assets/ carry a hash in
// their name and never change. A path without a file is answered with the application's page when a browser navigates
// to it, else with 404. Only GET and HEAD are answered, others get 405; refuse writes such refusals.
func Handler(refuse Refuse) http.Handler {
	root, err := fs.Sub(dist, "dist")
	if err != nil { // only for an invalid path, and this one is a constant
		return http.NotFoundHandler()
	}
	return newSite(root, refuse)
}

// Refuse answers with an error that has a code.
type Refuse func(w http.ResponseWriter, status int, err error)

// site is a tree of built files, read once.
type site struct {
	files  map[string]file
	refuse Refuse
}

// file is one built file: its bytes, their gzip twin when there is one, and what the headers say.
type file struct {
	plain, packed []byte
	kind, tag     string
}

func newSite(root fs.FS, refuse Refuse) *site {
	s := &site{files: map[string]file{}, refuse: refuse}
	_ = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".gz") || entry.Name() == ".gitkeep" {
			return nil
		}
		plain, err := fs.ReadFile(root, name)
		if err != nil {
			return nil
		}
		packed, _ := fs.ReadFile(root, name+".gz")
		sum := sha256.Sum256(plain)
		s.files[name] = file{plain: plain, packed: packed, kind: contentType(name), tag: hex.EncodeToString(sum[:8])}
		return nil
	})
	return s
}

// contentType knows the few types a build has, so that the answer does not depend on the machine's own table.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".wasm":
		return "application/wasm"
	case ".ttf":
		return "font/ttf"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "this path is asked by GET"))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	secure(w.Header(), name)
	if f, ok := s.files[name]; ok && name != page {
		send(w, r, name, f)
		return
	}
	f, built := s.files[page]
	switch {
	case !built && (name == "" || navigates(r)):
		http.Error(w, notMade, http.StatusNotFound) // for a person
	case built && (name == "" || name == page || navigates(r)):
		send(w, r, page, f)
	default:
		s.refuse(w, http.StatusNotFound, fault.New(fault.NotFound, "there is nothing under this path; GraphQL is asked at /graphql"))
	}
}

// navigates tells a browser that opens an address of the application from a script or tool that asks for a file.
func navigates(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/assets/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func send(w http.ResponseWriter, r *http.Request, name string, f file) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", revalidate)
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", immutable)
	}
	body, tag := f.plain, f.tag
	if f.packed != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body, tag = f.packed, f.tag+"-gz"
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip reads an Accept-Encoding header; a weight of 0 is a refusal.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
