package access

import "context"

// Role is what a principal may do: a Viewer reads, an Operator also changes.
type Role string

const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
)

// Principal is who asks. The zero value may do nothing.
type Principal struct {
	Name string // the name of the token, "local" for loopback without tokens, "service" for the service itself
	Role Role
}

// Local is who asks on a loopback address when no tokens are configured.
var Local = Principal{Name: "local", Role: Operator}

// Service is the service itself, for work nobody asked for (running rules, shared polling).
var Service = Principal{Name: "service", Role: Operator}

// MayRead says whether p may read the graph and live values.
func (p Principal) MayRead() bool { return p.Role == Viewer || p.Role == Operator }

// MayWrite says whether p may change entities, models, rules and scenes.
func (p Principal) MayWrite() bool { return p.Role == Operator }

// Audience names a set of principals that see the same; answers may be shared within it.
type Audience string

// Audience returns the audience p belongs to. Both roles read the same today, so all who may read share one.
func (p Principal) Audience() Audience {
	if p.MayRead() {
		return "all"
	}
	return "none"
}

type contextKey struct{}

// NewContext returns ctx with p in it.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// FromContext returns the principal of ctx, or the zero Principal, which may do nothing.
func FromContext(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}
