package query

import (
	"context"
	"strings"
	"testing"

	"mereon/connectors"
)

// mistaken is a source whose answers end in a panic, as those of a program with a mistake.
type mistaken struct{ connectors.Source }

func (mistaken) Latest(context.Context, string, []string) connectors.Answer[connectors.Reading] {
	panic("a mistake in Latest")
}

func (mistaken) Records(context.Context, string, []connectors.Key, connectors.Want) connectors.Answer[connectors.Rows] {
	panic("a mistake in Records")
}

func TestAPanicBesideReachesWhoWaits(t *testing.T) {
	p := newPlant(t)
	sound := p.engine
	engine, err := New(Options{Model: p.model, Store: p.store, Source: mistaken{p.runtime}, States: p.states, Now: sound.now})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`{ pumps { nodes { id flow { value } } } }`,
		`{ pumps { nodes { id workOrders { nodes { number } } } } }`,
		`{ pumps(where: {flow: {gt: 1}}) { nodes { id } } workOrders { nodes { number } } }`,
		`{ pumps(where: {and: [{flow: {gt: 1}}, {workOrders: {some: {priority: {eq: 1}}}}]}) { nodes { id } } }`,
		`{ pumps { nodes { id ... @defer { flow { value } } } } }`,
	} {
		p.engine = engine
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, "a mistake in ") {
					t.Errorf("%s: %q, want the panic of the source", text, said)
				}
			}()
			if strings.Contains(text, "@defer") {
				p.parts(t, text, nil, func(int, Part) {})
			} else {
				p.ask(t, text, nil)
			}
		}()
		p.engine = sound
		if r := p.ask(t, `{ pumps { nodes { id flow { value } } } }`, nil); len(r.Errors) > 0 || len(r.Data) < 50 {
			t.Fatalf("after %s: %s %v", text, r.Data, r.Errors)
		}
	}
}
