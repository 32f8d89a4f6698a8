package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api"
)

// Token lets its bearer in. Only the digest of the secret is kept.
type Token struct {
	Name   string
	Digest [sha256.Size]byte
	Role   access.Role
}

// NewToken returns a token for a secret.
func NewToken(name, secret string, role access.Role) Token {
	return Token{Name: name, Digest: sha256.Sum256([]byte(secret)), Role: role}
}

// Guard stands before every handler: it checks Host and Origin, so that no web page elsewhere can use a service on
// loopback, and says who asks. Without tokens everybody who reaches a loopback address is access.Local.
type Guard struct {
	Hosts  []string // names the service is reached by, without port; loopback names always are
	Tokens []Token
}

// sessionCookie carries a token for browsers, which cannot set headers on WebSockets and event streams.
const sessionCookie = "mereon_token"

// Wrap returns next behind the guard. Refusals are JSON with a code.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knows(hostname(r.Host)) {
			api.Refuse(w, http.StatusMisdirectedRequest, fault.New(fault.Forbidden, "this service is not known by the host name of the request; reach it by its own address, or list the name under access.hosts in mereon.yaml"))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r) {
			api.Refuse(w, http.StatusForbidden, fault.New(fault.Forbidden, "requests from pages of another origin are refused"))
			return
		}
		who, ok := g.principal(r)
		if !ok && !open(r.URL.Path) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			api.Refuse(w, http.StatusUnauthorized, fault.New(fault.Unauthenticated, "send a token of this service: Authorization: Bearer ..."))
			return
		}
		next.ServeHTTP(w, r.WithContext(access.NewContext(r.Context(), who)))
	})
}

// open says which paths answer without a token: liveness, logging in and the page that asks for a token.
func open(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/login" || path == "/" || strings.HasPrefix(path, "/assets/") || path == "/favicon.svg"
}

func (g *Guard) knows(host string) bool {
	if host == "localhost" || slices.Contains(g.Hosts, host) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func sameOrigin(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

func (g *Guard) principal(r *http.Request) (access.Principal, bool) {
	if len(g.Tokens) == 0 {
		return access.Local, true
	}
	secret, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			secret = cookie.Value
		}
	}
	return g.bearer(secret)
}

// bearer returns who a secret belongs to. Every token is compared, in constant time.
func (g *Guard) bearer(secret string) (access.Principal, bool) {
	digest := sha256.Sum256([]byte(secret))
	var who access.Principal
	for _, t := range g.Tokens {
		if subtle.ConstantTimeCompare(digest[:], t.Digest[:]) == 1 {
			who = access.Principal{Name: t.Name, Role: t.Role}
		}
	}
	return who, who.Role != ""
}

// login turns a token into a cookie: POST with the form value token.
func (g *Guard) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	secret := r.PostFormValue("token")
	who, ok := g.bearer(secret)
	if !ok {
		api.Refuse(w, http.StatusUnauthorized, fault.New(fault.Unauthenticated, "this token is not known"))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"role":"` + string(who.Role) + `"}`))
}
