package web

import (
	"html/template"
	"net/http"
	"strings"

	"mereon/schema/fault"
	"mereon/web/api"
)

// loginPage asks a person for a token. It needs no script, so that it works before anything else of the application is let out.
var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mereon: log in</title>
<style>
:root { color-scheme: light dark; font: 14px/20px system-ui, sans-serif }
body { --back: #f4f6f8; --face: #fff; --text: #17202a; --line: #d9dfe5; --accent: #0a5dc2; --wrong: #b3261e }
@media (prefers-color-scheme: dark) { body { --back: #12161b; --face: #1a2027; --text: #e8edf2; --line: #2c343d; --accent: #77b5ff; --wrong: #ff7b6e } }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; background: var(--back); color: var(--text) }
form { display: grid; gap: 12px; box-sizing: border-box; width: min(360px, 90vw); padding: 24px; background: var(--face); border: 1px solid var(--line); border-radius: 6px }
h1 { margin: 0; font-size: 20px; line-height: 28px } p { margin: 0; color: var(--wrong) }
input, button { font: inherit; height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--back); color: inherit }
button { background: var(--accent); border-color: var(--accent); color: var(--face); font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
</style>
<form method="post" action="/login">
<h1>Log in to Mereon</h1>
{{if .Wrong}}<p role="alert">{{.Wrong}}</p>{{end}}
<label for="token">Token of this service</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{{.Next}}">
<button>Log in</button>
</form>
`))

const loginPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// askForToken answers a browser that opens a page without a token.
func askForToken(w http.ResponseWriter, next, wrong string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", loginPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer a browser sends the form with "Origin: null", which the guard refuses
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusUnauthorized)
	_ = loginPage.Execute(w, struct{ Next, Wrong string }{next, wrong})
}

// login turns a token into a cookie: POST with the form value token. A browser's form is led on to the page it wanted.
func (g *Guard) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	secret, next := r.PostFormValue("token"), inside(r.PostFormValue("next"))
	who, ok := g.bearer(secret)
	page := strings.Contains(r.Header.Get("Accept"), "text/html")
	switch {
	case !ok && page:
		askForToken(w, next, "This token is not known here.")
		return
	case !ok:
		api.Refuse(w, http.StatusUnauthorized, fault.New(fault.Unauthenticated, "this token is not known"))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	if page {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"role":"` + string(who.Role) + `"}`))
}

// inside returns next when it is a path of this service, else the start page.
func inside(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// navigates says whether a browser opens a page.
func navigates(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}
