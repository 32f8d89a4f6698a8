package neo4j

import (
	"crypto/tls"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"time"

	"mereon/schema/fault"
)

// Options configures a store.
type Options struct {
	// URL is the server: neo4j:// or bolt://, also with +s (TLS) or +ssc (TLS, any certificate).
	URL string
	// User and Password sign in; both empty where the server asks for none.
	User, Password string
	// Database is the database on the server; default its home database.
	Database string
	// Graph names the graph within the database, so that it may hold others: every label begins with it. A letter, then
	// letters and digits; default Mereon.
	Graph string
	// TLS, when not nil, is how the server's certificate is checked and a client's one shown; it makes neo4j:// and
	// bolt:// encrypted.
	TLS *tls.Config

	// Patient lets Open succeed while the server cannot be reached: what is asked meanwhile is Unavailable, and what
	// comes after works.
	Patient bool

	// LogRevisions is how many changes the change log keeps at least; default 100,000. Up to a quarter more may be kept.
	LogRevisions int
	// LogAge, when > 0, prunes changes older than that even when there are fewer than LogRevisions.
	LogAge time.Duration
	// MaxGroup is how many waiting change sets share one transaction at most, up to 500; default 64.
	MaxGroup int
	// MaxChanges is how many entities and relationships one change set may hold, or change, at most; default 20,000. A
	// load into an empty graph may be of any size.
	MaxChanges int
	// Connections is how many connections are held at most; default 50.
	Connections int
	// Poll is how often a watch looks for changes of other processes; default 100 ms.
	Poll time.Duration
	// Retry is how long a change set is tried again while the server is away or changes its leader; default 5 s.
	Retry time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Logger hears of what the store mends by itself; default none.
	Logger *slog.Logger

	batch int                                          // how many entities or relationships one transaction of a load writes; default 10,000
	alive time.Duration                                // how long after its last sign a load is held to be running; default a minute
	trace func(text string, parameters map[string]any) // hears of every statement; for tests
}

// EnsureDefaults fills in what is not set.
func (o *Options) EnsureDefaults() {
	for _, d := range []struct {
		at  *int
		def int
	}{{&o.LogRevisions, 100_000}, {&o.MaxGroup, 64}, {&o.MaxChanges, 20_000}, {&o.Connections, 50}} {
		if *d.at <= 0 {
			*d.at = d.def
		}
	}
	o.MaxGroup = min(o.MaxGroup, watchMost)
	if o.batch <= 0 {
		o.batch = 10_000
	}
	if o.alive <= 0 {
		o.alive = time.Minute
	}
	if o.Graph == "" {
		o.Graph = "Mereon"
	}
	if o.Poll <= 0 {
		o.Poll = 100 * time.Millisecond
	}
	if o.Retry <= 0 {
		o.Retry = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

var (
	schemes    = []string{"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}
	graphNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,40}$`)
)

// Validate reports what cannot be.
func (o *Options) Validate() error {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "":
		return fault.New(fault.Invalid, "the store's address must be like neo4j://host:7687 or bolt+s://host:7687: set store.url")
	case u.User != nil:
		return fault.New(fault.Invalid, "the store's address must not hold user and password: set store.user and store.password")
	case o.User == "" && o.Password != "":
		return fault.New(fault.Invalid, "a password needs a user: set store.user")
	case !graphNames.MatchString(o.Graph):
		return fault.New(fault.Invalid, "a graph's name is a letter, then letters and digits, not %.40q", o.Graph)
	case o.TLS != nil && len(u.Scheme) > len("neo4j"):
		return fault.New(fault.Invalid, "with certificates of your own the address begins with neo4j:// or bolt://, not %s://", u.Scheme)
	}
	return nil
}
