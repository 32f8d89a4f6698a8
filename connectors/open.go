package connectors

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// Options is what all connectors of a project share.
type Options struct {
	File   schema.File                            // the file the configurations are from, for messages; its name is mereon.yaml by default
	Dir    string                                 // the project folder; default the working directory
	Now    func() time.Time                       // default time.Now
	Log    *slog.Logger                           // default: nothing is logged
	Secret func(reference string) (string, error) // default: env:NAME of the process, file:PATH inside Dir
}

func (o *Options) ensureDefaults() {
	setDefault(&o.File.Name, "mereon.yaml")
	setDefault(&o.Dir, ".")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Secret == nil {
		o.Secret = secretOf(o.Dir)
	}
}

// Open opens every connector of configs: name -> mapping with kind, the kind's own keys and the runtime's (Limits).
// Mistakes of all of them come together as a fault.List, and nothing stays open then. A system that cannot be reached is no
// mistake. ctx covers opening only; Close ends the runtime.
func Open(ctx context.Context, kinds Registry, configs map[string]*yaml.Node, o Options) (*Runtime, error) {
	o.ensureDefaults()
	r := newRuntime(o)
	var problems fault.List
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		link, wrong := open(ctx, kinds, name, configs[name], o, r)
		problems = append(problems, wrong...)
		if link != nil {
			r.links[name] = link
			r.names = append(r.names, name)
		}
	}
	problems.Sort()
	if err := problems.Err(); err != nil {
		if closing := r.Close(context.WithoutCancel(ctx)); closing != nil {
			return nil, errors.Join(err, closing)
		}
		return nil, err
	}
	return r, nil
}

func open(ctx context.Context, kinds Registry, name string, node *yaml.Node, o Options, r *Runtime) (*link, fault.List) {
	d := &document.Decoder{File: o.File}
	if node == nil || node.Kind != yaml.MappingNode {
		return nil, fault.List{{Position: fault.Position{File: o.File.Name}, Message: "connector " + name + " must be a mapping with kind: " + list(kinds.Names())}}
	}
	kindName, limits, rest := divide(d, node)
	kind, err := kinds.Kind(kindName)
	switch {
	case kindName == "":
		d.Wrong(node, "Write kind: and one of "+list(kinds.Names())+".", "connector %s has no kind", name)
		return nil, d.Problems
	case err != nil:
		d.Wrong(valueOf(node, "kind"), "", "%s", err)
		return nil, d.Problems
	}
	secret, redact := guardSecrets(o.Secret)
	connector, err := kind.Open(ctx, Config{Name: name, Node: rest, File: o.File, Dir: o.Dir, Now: o.Now,
		Log: o.Log.With("connector", name), Secret: secret})
	if err != nil {
		return nil, append(d.Problems, problemsOf(o.File, d.At(node), name, redact, err)...)
	}
	l := newLink(name, kind.Name, connector, limits, r)
	l.redact = redact
	return l, d.Problems
}

// divide takes kind and the runtime's keys out of a configuration.
func divide(d *document.Decoder, node *yaml.Node) (kind string, limits Limits, rest *yaml.Node) {
	own := *node
	own.Content = nil
	rest = &yaml.Node{Kind: node.Kind, Tag: node.Tag, Line: node.Line, Column: node.Column}
	keys := append(limitKeys(), "kind")
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Value == "kind" {
			kind = node.Content[i+1].Value
		} else if slices.Contains(keys, key.Value) {
			own.Content = append(own.Content, key, node.Content[i+1])
		} else {
			rest.Content = append(rest.Content, key, node.Content[i+1])
		}
	}
	d.Decode(&own, &limits)
	limits.EnsureDefaults()
	wrong := limits.check()
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		d.Wrong(valueOf(node, key), "", "%s %s", key, wrong[key])
	}
	return kind, limits, rest
}

func valueOf(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return node
}

func problemsOf(file schema.File, at fault.Position, name string, redact func(string) string, err error) fault.List {
	list, ok := errors.AsType[fault.List](err)
	if !ok {
		list = fault.List{{Position: at, Message: "connector " + name + ": " + err.Error()}}
	}
	for i := range list {
		list[i].Message = redact(list[i].Message)
	}
	document.Quote(file, list)
	return list
}

// Decode fills into from c.Node strictly, see document.Decode; the runtime's keys are suggested too.
func (c Config) Decode(into any) fault.List {
	return document.DecodeNode(c.File, c.Node, into, append(limitKeys(), "kind")...)
}
