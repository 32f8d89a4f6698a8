package api

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// cacheable adds what lets a client keep the answer to a GET and ask whether it is still the same. It answers that with 304 and
// returns true, when the client has it. Answers are for one caller, and are asked for anew each time: they may hold live values.
//
// Source: RFC 9110, sections 8.8.3 and 13.1.2; RFC 9111, section 5.2.2.
func cacheable(w http.ResponseWriter, r *http.Request, media string, a *answer) (unchanged bool) {
	sum := sha256.Sum256(a.body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
	h := w.Header()
	h["Cache-Control"] = cachePrivate
	h["Vary"] = varies
	if a.status(media) != http.StatusOK {
		return false
	}
	h["Etag"] = []string{tag}
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			h["Content-Type"] = nil // a 304 has no body to speak of
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

var (
	cachePrivate = []string{"private, no-cache"}
	varies       = []string{"Accept, Authorization, Cookie"}
)
