package mirror

import (
	"log/slog"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// Upstream is a store that can be copied.
type Upstream interface {
	graph.Store
	record.Feed
}

// Options configures a mirror.
type Options struct {
	// Upstream is the store in front of which the mirror stands. It is closed with the mirror.
	Upstream Upstream
	// Dir is the folder of the copy on disk; "" keeps none, and every start reads the whole graph from the upstream.
	// It belongs to one process; what is in it is worth nothing but time.
	Dir string
	// Source names the upstream: a copy on disk of another one is not shown before the upstream has proven it.
	Source string
	// Offline says that the upstream does not answer now: the copy on disk is shown at once, as it was. Open is Unavailable
	// where there is none.
	Offline bool
	// Memory is how many bytes the graph may take, as Snapshot.Weight estimates them; default 2 GiB. A graph that grows
	// past it is read from the upstream from then on.
	Memory int64
	// Wait bounds how long Apply and Await wait for a revision; default 5 s.
	Wait time.Duration
	// MaxLag is the lag from which on Ready fails; default 30 s.
	MaxLag time.Duration
	// Pulse is how often the upstream is asked for its revision, which is how lag is known; default 1 s.
	Pulse time.Duration
	// LogRevisions is how many changes are kept in memory for Watch; older ones are read from the upstream. Default 10,000.
	LogRevisions int
	// Logger hears when the copy is filled, given up, or loses the upstream; default none.
	Logger *slog.Logger
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// EnsureDefaults fills in what is not set.
func (o *Options) EnsureDefaults() {
	for _, d := range []struct{ value, unset *time.Duration }{
		{&o.Wait, ptr(5 * time.Second)}, {&o.MaxLag, ptr(30 * time.Second)}, {&o.Pulse, ptr(time.Second)},
	} {
		if *d.value <= 0 {
			*d.value = *d.unset
		}
	}
	if o.Memory <= 0 {
		o.Memory = 2 << 30
	}
	if o.LogRevisions <= 0 {
		o.LogRevisions = 10_000
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func ptr[T any](v T) *T { return &v }

// Validate reports what cannot be.
func (o *Options) Validate() error {
	if o.Upstream == nil {
		return fault.New(fault.Invalid, "a mirror needs a store to copy")
	}
	return nil
}
