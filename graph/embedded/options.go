package embedded

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"mereon/schema/fault"
)

// Options configures a store.
type Options struct {
	// Dir is the folder of the store; it is made when absent.
	Dir string
	// LogRevisions is how many changes the change log keeps at most; default 100,000. Older ones are pruned.
	LogRevisions int
	// LogAge, when > 0, prunes changes older than that even when there are fewer than LogRevisions.
	LogAge time.Duration
	// MaxGroup is how many waiting change sets share one sync at most; default 256.
	MaxGroup int
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Logger hears of damage and failing disks; default none.
	Logger *slog.Logger
	// OpenFile opens the database file; default os.OpenFile. Tests let it fail.
	OpenFile func(name string, flag int, perm os.FileMode) (*os.File, error)
}

// EnsureDefaults fills in what is not set.
func (o *Options) EnsureDefaults() {
	if o.LogRevisions <= 0 {
		o.LogRevisions = 100_000
	}
	if o.MaxGroup <= 0 {
		o.MaxGroup = 256
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OpenFile == nil {
		o.OpenFile = os.OpenFile
	}
}

// Validate reports what cannot be.
func (o *Options) Validate() error {
	if o.Dir == "" {
		return fault.New(fault.Invalid, "the store needs a folder: set store.dir")
	}
	return nil
}

// File returns the path of the database file.
func (o *Options) File() string { return filepath.Join(o.Dir, fileName) }
