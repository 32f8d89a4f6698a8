package api

import (
	"cmp"
	"context"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"mereon/schema/fault"
)

// Limits bounds what one request may be. Each is checked before the expensive step it protects, and set in mereon.yaml under
// limits. What shape a document may have and what an operation may read is bounded by query.Limits.
type Limits struct {
	Body       int           // bytes of a request
	Tokens     int           // lexical tokens of a document
	Directives int           // directives of a document, default 100
	Variables  int           // variables of a document, default 100
	Fragments  int           // fragments of a document and uses of them, default 200
	Lists      int           // elements of the lists that a document writes out, default 1,000
	Time       time.Duration // of one query or mutation
}

func (l *Limits) ensureDefaults() {
	l.Directives = cmp.Or(l.Directives, 100)
	l.Variables = cmp.Or(l.Variables, 100)
	l.Fragments = cmp.Or(l.Fragments, 200)
	l.Lists = cmp.Or(l.Lists, 1_000)
}

// maxName is how long a name of a document may be, in bytes: validation compares unknown names with the known ones.
const maxName = 128

// checkText refuses a document with too many tokens, directives, variables, fragments or elements of lists, or a name that is
// too long. It is one pass that keeps nothing; what is no GraphQL is left to the parser.
func (l *Limits) checkText(document string) error {
	lex := lexer.New(&ast.Source{Input: document})
	m := measurement{limits: l}
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil
		}
		if err := m.add(token); err != nil {
			return err
		}
	}
}

// deadline bounds a query or mutation in time; the cause of the end says which limit it was.
func (h *Handler) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, h.limits.Time, h.tooLong)
}

func (l *Limits) tooLong() error {
	return fault.New(fault.Timeout, "the operation took longer than the limit of %v; ask for less at once, or raise limits.time in mereon.yaml", l.Time)
}

// maxIntrospections is how often a document may ask for the schema, whose answer is large.
const maxIntrospections = 4

func checkIntrospection(doc *ast.QueryDocument) error {
	n := 0
	for _, f := range doc.Fragments {
		n += introspections(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		n += introspections(op.SelectionSet)
	}
	if n > maxIntrospections {
		return fault.New(fault.Limit, "the document asks for the schema %d times, the limit is %d; ask once, and keep the answer", n, maxIntrospections)
	}
	return nil
}

// introspections counts the fields that ask for the schema; only root fields may.
func introspections(set ast.SelectionSet) int {
	n := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				n++
			}
		case *ast.InlineFragment:
			n += introspections(s.SelectionSet)
		}
	}
	return n
}
