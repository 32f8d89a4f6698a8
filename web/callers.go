package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"mereon/graph/exchange/project"
	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api"
)

// callers bounds what each caller asks: who has a token by its name, everybody else by the address the request came from. It
// is an api.Admission, safe for concurrent use. A limit of 0 is none.
type callers struct {
	limits project.Limits
	now    func() time.Time

	mu    sync.Mutex
	known map[string]*caller
}

var _ api.Admission = (*callers)(nil)

// caller is what one of them has asked lately and has running.
type caller struct {
	budget           *rate.Limiter
	running, streams int
}

// keptCallers is how many callers are kept in mind; beyond it those that have nothing running are forgotten.
const keptCallers = 10_000

func newCallers(limits project.Limits, now func() time.Time) *callers {
	return &callers{limits: limits, now: now, known: map[string]*caller{}}
}

// Operation admits one operation, at once or not at all.
func (c *callers) Operation(ctx context.Context) (done func(), err error) {
	if c.limits.Rate == 0 && c.limits.Concurrent == 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.caller(callerOf(ctx))
	if c.limits.Concurrent > 0 && one.running >= c.limits.Concurrent {
		return nil, busy(time.Second, "%d operations of yours run at once, which is the limit (limits.concurrent in mereon.yaml); wait for one to end", one.running)
	}
	if wait := one.wait(c.now()); wait > 0 {
		return nil, busy(wait, "more than %d operations a second (limits.rate in mereon.yaml); ask again in %v", c.limits.Rate, wait.Round(time.Millisecond))
	}
	one.running++
	return c.ends(&one.running), nil
}

// Stream admits one more socket, event stream or running subscription.
func (c *callers) Stream(ctx context.Context) (done func(), err error) {
	if c.limits.Streams == 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.caller(callerOf(ctx))
	if one.streams >= c.limits.Streams {
		return nil, busy(5*time.Second, "%d streams and subscriptions of yours are open, which is the limit (limits.streams in mereon.yaml); close one", one.streams)
	}
	one.streams++
	return c.ends(&one.streams), nil
}

// ends returns what counts one down, once.
func (c *callers) ends(count *int) func() {
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		*count--
	})
}

// wait takes one operation from the budget, or says how long it takes until there is one.
func (c *caller) wait(now time.Time) time.Duration {
	if c.budget == nil {
		return 0
	}
	r := c.budget.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (c *callers) caller(key string) *caller {
	if one := c.known[key]; one != nil {
		return one
	}
	if len(c.known) >= keptCallers {
		c.forget()
	}
	one := &caller{}
	if c.limits.Rate > 0 {
		one.budget = rate.NewLimiter(rate.Limit(c.limits.Rate), max(1, c.limits.Burst))
	}
	c.known[key] = one
	return one
}

// forget drops who has nothing running: first those whose budget is full again, and when that is few, anybody.
func (c *callers) forget() {
	now := c.now()
	for _, all := range []bool{false, true} {
		for key, one := range c.known {
			full := one.budget == nil || one.budget.TokensAt(now) >= float64(one.budget.Burst())
			if one.running == 0 && one.streams == 0 && (full || all) && len(c.known) > keptCallers/2 {
				delete(c.known, key)
			}
		}
	}
}

func busy(after time.Duration, format string, args ...any) error {
	return &api.Busy{Reason: fault.New(fault.Limit, format, args...), After: after}
}

type addressKey struct{}

// withAddress returns ctx with the address a request came from: of IPv6 the network of one customer.
func withAddress(ctx context.Context, r *http.Request) context.Context {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() && !ip.Is4In6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			host = network.String()
		}
	}
	return context.WithValue(ctx, addressKey{}, host)
}

// callerOf names who asks.
func callerOf(ctx context.Context) string {
	if who := access.FromContext(ctx); who.Name != "" && who != access.Local {
		return "token " + who.Name
	}
	address, _ := ctx.Value(addressKey{}).(string)
	return "address " + address
}

// brief counts the requests of a handler against their callers.
func (c *callers) brief(next http.HandlerFunc) http.Handler { return bounded(c.Operation, next) }

// lasting does so for those that stay open.
func (c *callers) lasting(next http.HandlerFunc) http.Handler { return bounded(c.Stream, next) }

func bounded(admit func(context.Context) (func(), error), next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done, err := admit(r.Context())
		if err != nil {
			api.Refuse(w, http.StatusTooManyRequests, err)
			return
		}
		defer done()
		next(w, r)
	})
}
