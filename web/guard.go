package web

import (
	"context"
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

	callers *callers // what counts failed attempts; nil: nothing does
}

// sessionCookie carries a token for browsers, which cannot set headers on WebSockets and event streams.
const sessionCookie = "mereon_token"

// Wrap returns next behind the guard. What public names answers without a token: liveness, logging in, and the pages and
// scripts of the user interface, which hold nothing of the project. Refusals are JSON with a code.
func (g *Guard) Wrap(next http.Handler, public func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knows(hostname(r.Host), r) {
			api.Refuse(w, http.StatusMisdirectedRequest, fault.New(fault.Forbidden, "this service is not known by the host name of the request; reach it by its own address, or list the name under access.hosts in mereon.yaml"))
			return
		}
		if fromElsewhere(r) {
			api.Refuse(w, http.StatusForbidden, fault.New(fault.Forbidden, "requests from pages of another origin are refused"))
			return
		}
		r = r.WithContext(withAddress(r.Context(), r))
		who, ok := g.principal(r)
		if !ok && !g.mayTry(w, r) {
			return
		}
		if !ok && navigates(r) {
			askForToken(w, r.URL.RequestURI(), "")
			return
		}
		if !ok && !public(r) && !socket(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			api.Refuse(w, http.StatusUnauthorized, fault.New(fault.Unauthenticated, "send a token of this service: Authorization: Bearer ..."))
			return
		}
		next.ServeHTTP(w, r.WithContext(access.NewContext(r.Context(), who)))
	})
}

// mayTry counts a request with a wrong token against the address it came from, so that tokens cannot be tried out.
func (g *Guard) mayTry(w http.ResponseWriter, r *http.Request) bool {
	if _, err := r.Cookie(sessionCookie); g.callers == nil || err != nil && r.Header.Get("Authorization") == "" {
		return true
	}
	done, err := g.callers.Operation(r.Context())
	if err != nil {
		api.Refuse(w, http.StatusTooManyRequests, err)
		return false
	}
	done()
	return true
}

// socket says whether a GraphQL socket is asked for, which may carry its token in connection_init and can do nothing before.
func socket(r *http.Request) bool { return r.URL.Path == "/graphql" && api.IsSocket(r) }

// knows says whether the service is reached by that host. An address that the connection itself was made to cannot be a name
// that somebody else points here.
func (g *Guard) knows(host string, r *http.Request) bool {
	if host == "localhost" || slices.Contains(g.Hosts, host) {
		return true
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ip.IsLoopback() || ok && ip.Equal(local.IP)
}

func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// fromElsewhere says whether a page of another origin sent the request. Browsers say so in Origin, and where they leave it
// out, for scripts and images, in Sec-Fetch-Site; following a link here is nobody's attack.
func fromElsewhere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate"
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

func (g *Guard) principal(r *http.Request) (access.Principal, bool) {
	if len(g.Tokens) == 0 {
		return access.Local, true
	}
	secret := bearerOf(r.Header.Get("Authorization"))
	if secret == "" {
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			secret = cookie.Value
		}
	}
	return g.bearer(secret)
}

// bearerOf returns the token of an Authorization header, "" when it has another scheme.
func bearerOf(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Authorize returns ctx with the bearer of a token, for sockets; "" leaves whoever ctx names. It is false when that one may
// not read.
func (g *Guard) Authorize(ctx context.Context, secret string) (context.Context, bool) {
	if secret == "" || len(g.Tokens) == 0 {
		return ctx, access.FromContext(ctx).MayRead()
	}
	who, ok := g.bearer(secret)
	return access.NewContext(ctx, who), ok
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
	return who, secret != "" && who.Role != ""
}
