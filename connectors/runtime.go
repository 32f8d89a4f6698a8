package connectors

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"mereon/schema/fault"
)

// Runtime answers questions to the configured connectors and protects both sides: see Source. It is safe for concurrent
// use.
type Runtime struct {
	options Options
	links   map[string]*link
	names   []string // sorted
}

var _ Source = (*Runtime)(nil)

func newRuntime(o Options) *Runtime {
	return &Runtime{options: o, links: map[string]*link{}}
}

// Close ends all watches and requests and closes the connectors. It waits for them as long as ctx allows, and is safe to
// call twice.
func (r *Runtime) Close(ctx context.Context) error {
	var errs []error
	for _, name := range r.names {
		errs = append(errs, r.links[name].close(ctx))
	}
	return errors.Join(errs...)
}

// Names lists the connectors, sorted.
func (r *Runtime) Names() []string { return slices.Clone(r.names) }

func (r *Runtime) link(name string) (*link, *Failure) {
	if l, ok := r.links[name]; ok {
		return l, nil
	}
	message := "there is no connector " + name + " in " + r.options.File.Name + "; there is: " + list(r.names)
	if near := fault.Suggest(name, r.names); near != "" {
		message = "there is no connector " + name + " in " + r.options.File.Name + "; did you mean " + near + "?"
	}
	return nil, &Failure{Status: NotFound, Message: message}
}

// Descriptor returns what a connector offers. Errors: NotFound for an unknown connector, Unavailable, Timeout.
func (r *Runtime) Descriptor(ctx context.Context, connector string) (Descriptor, error) {
	l, f := r.link(connector)
	if f != nil {
		return Descriptor{}, fault.New(fault.NotFound, "%s", f.Message)
	}
	d, f := l.descriptor(ctx, share(ctx, l.limits.Deadline))
	if f != nil {
		code := fault.Unavailable
		if f.Status == TimedOut {
			code = fault.Timeout
		}
		return Descriptor{}, fault.New(code, "connector %s: %s", connector, f.Message)
	}
	return *d, nil
}

// Escape escapes one value of a reference template.
func (r *Runtime) Escape(connector, value string) string {
	if l, ok := r.links[connector]; ok {
		if e, ok := l.connector.(Escaper); ok {
			return e.EscapeKey(value)
		}
	}
	return url.PathEscape(value)
}

// Now is the connector's clock, the time of day for an unknown one.
func (r *Runtime) Now(connector string) time.Time {
	if l, ok := r.links[connector]; ok {
		return l.now()
	}
	return r.options.Now().UTC()
}

// Health lists how every connector does, by name.
func (r *Runtime) Health() []Health {
	all := make([]Health, len(r.names))
	for i, name := range r.names {
		all[i] = r.links[name].health()
	}
	return all
}

// Connector gives the connector itself, for its further abilities (Discoverer, Checker). Errors: NotFound.
func (r *Runtime) Connector(name string) (Connector, error) {
	l, f := r.link(name)
	if f != nil {
		return nil, fault.New(fault.NotFound, "%s", f.Message)
	}
	return l.connector, nil
}

// Watch keeps references current, see Source.
func (r *Runtime) Watch(connector string, refs []string, on func(ref string, r Reading)) (stop func()) {
	l, f := r.link(connector)
	if f != nil {
		for _, ref := range refs {
			on(ref, failedReading(f, Reading{}))
		}
		return func() {}
	}
	return l.hub.watch(refs, on)
}
