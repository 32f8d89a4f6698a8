package connectors

import (
	"reflect"
	"strings"
	"time"
)

// Limits are the runtime's own keys of one connector in mereon.yaml. They are the same for every kind.
type Limits struct {
	// Deadline is how long one question may take, including retries and waiting for a free slot. Default 2s.
	Deadline time.Duration `yaml:"deadline"`
	// Rate is the highest number of requests per second, 0 for no limit (the default); Burst of them may come at once,
	// default Rate rounded up.
	Rate  float64 `yaml:"rate"`
	Burst int     `yaml:"burst"`
	// Concurrency is the highest number of requests at the same time. Default 4.
	Concurrency int `yaml:"concurrency"`
	// Cache is how long an answer serves others who ask the same; values keep their own time. Default 1s, 0s for none.
	Cache *time.Duration `yaml:"cache"`
	// Retries is how often a failed read is tried again within the deadline. Default 2, 0 for never.
	Retries *int `yaml:"retries"`
	// Poll is the time between two looks at what is watched, where the source cannot push. Default 2s.
	Poll time.Duration `yaml:"poll"`
	// Batch is the highest number of keys in one request. Default and upper bound: what the connector says.
	Batch int `yaml:"batch"`
	// MaxRows is the highest number of rows, and of measurements, kept for one answer. Default 200000.
	MaxRows int `yaml:"maxRows"`
}

// EnsureDefaults sets what is not set.
func (l *Limits) EnsureDefaults() {
	setDefault(&l.Deadline, 2*time.Second)
	setDefault(&l.Concurrency, 4)
	setDefault(&l.Poll, 2*time.Second)
	setDefault(&l.MaxRows, 200_000)
	setDefault(&l.Burst, max(1, int(l.Rate+0.999)))
	if l.Cache == nil {
		second := time.Second
		l.Cache = &second
	}
	if l.Retries == nil {
		two := 2
		l.Retries = &two
	}
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// check returns what is wrong, by key.
func (l *Limits) check() map[string]string {
	wrong := map[string]string{}
	if l.Deadline < 10*time.Millisecond || l.Deadline > 10*time.Minute {
		wrong["deadline"] = "must be between 10ms and 10m"
	}
	if l.Rate < 0 {
		wrong["rate"] = "must not be negative; 0 means no limit"
	}
	if l.Burst < 0 {
		wrong["burst"] = "must not be negative"
	}
	if l.Concurrency < 1 || l.Concurrency > 1000 {
		wrong["concurrency"] = "must be between 1 and 1000"
	}
	if *l.Retries < 0 || *l.Retries > 10 {
		wrong["retries"] = "must be between 0 and 10"
	}
	if l.Poll < 50*time.Millisecond {
		wrong["poll"] = "must be at least 50ms"
	}
	if l.Batch < 0 {
		wrong["batch"] = "must not be negative; 0 means what the connector says"
	}
	if l.MaxRows < 1 || l.MaxRows > 10_000_000 {
		wrong["maxRows"] = "must be between 1 and 10000000"
	}
	return wrong
}

// limitKeys lists the keys of Limits.
func limitKeys() []string {
	t := reflect.TypeFor[Limits]()
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("yaml")
	}
	return keys
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
