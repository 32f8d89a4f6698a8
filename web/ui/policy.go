package ui

import (
	"net/http"
	"strings"
)

// policy is the content security policy of every page. Blob addresses are the textures that are unpacked from a glTF
// document; wasm-unsafe-eval lets the mesh decoder run, and nothing else.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"connect-src 'self' blob:",
	"worker-src 'self'",
	"manifest-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'self'",
}, "; ")

// editorPolicy is that of the query page alone: its editor writes style elements and carries its fonts inside them,
// which the strict policy forbids. Scripts are as restricted as everywhere, so a style cannot become code.
var editorPolicy = strings.NewReplacer(
	"style-src 'self'", "style-src 'self' 'unsafe-inline'",
	"font-src 'self'", "font-src 'self' data:",
).Replace(policy)

// secure sets the headers that keep a page to itself.
func secure(h http.Header, name string) {
	h.Set("Content-Security-Policy", policy)
	if name == "query" {
		h.Set("Content-Security-Policy", editorPolicy)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
}
