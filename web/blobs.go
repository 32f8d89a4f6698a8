package web

import (
	"net/http"
	"strings"

	"mereon/schema/fault"
	"mereon/web/api"
)

// immutable tells caches that what a digest names never changes.
const immutable = "public, max-age=31536000, immutable"

// blobs serves stored documents by digest: /blobs/{digest}.glb as they are, ranges too, and /blobs/{digest}.nodes.json, the
// node table the server made of them.
func (s *Service) blobs(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	digest, kind, _ := strings.Cut(name, ".")
	if !isDigest(digest) {
		refuse(w, fault.New(fault.NotFound, "there is no such document"))
		return
	}
	if r.Header.Get("If-None-Match") == `"`+name+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	blob, err := s.store.Blob(r.Context(), digest)
	if err != nil {
		refuse(w, err)
		return
	}
	defer blob.Close()
	w.Header().Set("Cache-Control", immutable)
	w.Header().Set("ETag", `"`+name+`"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if kind == "nodes.json" {
		entry, err := s.library.Entry(r.Context(), digest)
		if err != nil {
			w.Header().Del("Cache-Control")
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(entry.Table)
		return
	}
	w.Header().Set("Content-Type", "model/gltf-binary")
	http.ServeContent(w, r, "", s.started, blob)
}

func isDigest(text string) bool {
	if len(text) != 64 {
		return false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func refuse(w http.ResponseWriter, err error) {
	api.Refuse(w, api.StatusOf(fault.CodeOf(err)), err)
}
