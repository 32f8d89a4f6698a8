package graph

import (
	"context"

	"mereon/schema"
)

// Foreseer is the ability of a View to bring, together with the rows that a question finds, what will be asked about them.
type Foreseer interface {
	Foresee(next []Next) Finder
}

// Finder finds entities by what names them, as a View does.
type Finder interface {
	Lookup(ctx context.Context, ids []EntityID, columns []schema.Path) (*Batch, error)
	ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*Batch, error)
}

// Next is a question that the View will be asked about the rows found: one of these, with From left out.
type Next struct {
	Reach  *Reach
	Expand *Expansion
}

// Foresee returns whom to ask for rows of which is known what the View will be asked about them next. That is a hint: where
// a question is a way to a server, all goes that way at once. Answers do not depend on it, nor on whether next is asked in
// the end; other Views find the rows as ever.
func Foresee(v View, next []Next) Finder {
	if f, ok := v.(Foreseer); ok && len(next) > 0 {
		return f.Foresee(next)
	}
	return v
}
