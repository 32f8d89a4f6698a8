package api

import (
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"mereon/schema/fault"
)

// document is a text that was measured, parsed and validated against a snapshot's schema. It is safe for concurrent use.
type document struct {
	text   string
	parsed *ast.QueryDocument
	atOnce *ast.QueryDocument // parsed without @defer, for the control plane; parsed itself where there is none

	mu     sync.Mutex
	routes map[string]*route // by operation name, of the operations that were asked for
}

const (
	keptDocuments    = 1000     // documents a snapshot keeps
	keptDocumentSize = 16 << 10 // bytes of the largest text that is kept
)

// document returns the document of a text. Limits are checked before the step they protect: tokens before parsing, the
// shape before validation.
func (s *Snapshot) document(text string, limits *Limits) (*document, *refusal) {
	if d, ok := s.documents.Get(context.Background(), text); ok {
		return d, nil
	}
	d, refused := s.newDocument(text, limits)
	if refused == nil && len(text) <= keptDocumentSize {
		s.documents.Add(context.Background(), text, d)
	}
	return d, refused
}

func (s *Snapshot) newDocument(text string, limits *Limits) (*document, *refusal) {
	if err := limits.checkText(text); err != nil {
		return nil, refusedBy(err)
	}
	parsed, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, refused(gqlerror.List{gqlerror.WrapIfUnwrapped(err)})
	}
	if err := s.Engine.CheckShape(parsed); err != nil {
		return nil, refusedBy(err)
	}
	if err := checkIntrospection(parsed); err != nil {
		return nil, refusedBy(err)
	}
	if list := s.validate(parsed); len(list) > 0 {
		return nil, refused(list)
	}
	return &document{text: text, parsed: parsed, atOnce: s.withoutDefers(parsed, text), routes: map[string]*route{}}, nil
}

// route returns how the operation of that name is executed, "" the only one.
func (d *document) route(s *Snapshot, name string) (*route, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.routes[name]; ok {
		return r, nil
	}
	op := d.parsed.Operations.ForName(name)
	switch {
	case len(d.parsed.Operations) == 0:
		return nil, fault.New(fault.Invalid, "the document has no operation")
	case op == nil && name == "":
		return nil, fault.New(fault.Invalid, "the document has %d operations; say which in operationName", len(d.parsed.Operations))
	case op == nil:
		return nil, fault.New(fault.Invalid, "the document has no operation with the name given in operationName")
	}
	r, err := newRoute(s, d, op)
	if err == nil {
		d.routes[name] = r
	}
	return r, err
}
