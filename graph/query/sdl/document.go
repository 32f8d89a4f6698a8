package sdl

import (
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// pieceSize is how much SDL is parsed at once, at least, in bytes.
const pieceSize = 256 << 10

// none is a field that stands where nothing else does: a definition with braces has a field.
const none = "none_"

// Document returns what Text says, parsed. An exchange of the model waits for it, so what thousands of definitions have in
// common is neither written nor parsed for each: they share the nodes. The rest is parsed in pieces, while it is written.
func (a *API) Document() (*ast.SchemaDocument, error) {
	var pieces []*piece
	var parsing sync.WaitGroup
	w := a.writer()
	w.piece = func(text string) {
		p := &piece{}
		pieces = append(pieces, p)
		parsing.Go(func() { p.document, p.err = parser.ParseSchema(&ast.Source{Name: "model", Input: text}) })
	}
	w.all()
	w.piece(w.b.String())
	parsing.Wait()
	whole := &ast.SchemaDocument{}
	for _, p := range pieces {
		if p.err != nil {
			return nil, p.err
		}
		whole.Merge(p.document)
	}
	share(whole)
	return whole, nil
}

type piece struct {
	document *ast.SchemaDocument
	err      error
}

// cut hands over what is written so far.
func (w *writer) cut() {
	if w.piece != nil && w.b.Len() >= pieceSize {
		w.piece(w.b.String())
		w.b = strings.Builder{}
	}
}

// share completes a document that was written short: the fields of entities for all that implement the interface, and live
// queries for all root fields.
func share(d *ast.SchemaDocument) {
	entity := d.Definitions.ForName(string(Entity))
	for _, def := range d.Definitions {
		if def != entity && slices.Contains(def.Interfaces, entity.Name) {
			own := slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Name == none })
			def.Fields = slices.Concat(entity.Fields, own)
		}
	}
	every := &ast.ArgumentDefinition{Name: "every", Type: ast.NamedType("Duration", nil)}
	roots := d.Definitions.ForName("Query").Fields
	live := make([]ast.FieldDefinition, len(roots))
	fields := make(ast.FieldList, len(roots))
	for i, f := range roots {
		live[i] = *f
		live[i].Description = ""
		live[i].Arguments = slices.Concat(f.Arguments, ast.ArgumentDefinitionList{every})
		fields[i] = &live[i]
	}
	fields[0].Description = liveDescription
	subscription := d.Definitions.ForName("Subscription")
	subscription.Fields = slices.Concat(fields, subscription.Fields)
}
