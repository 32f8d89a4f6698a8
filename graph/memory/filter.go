package memory

import (
	"mereon/graph"
	"mereon/schema"
)

// filter is a schema.Condition in numbers.
type filter struct {
	op      schema.ConditionOp
	col     column
	cond    *schema.Condition
	args    []filter
	related *relatedFilter
	among   map[string]struct{} // of a long list of texts
}

type relatedFilter struct {
	known bool // the relation exists
	link  link
	types typeSet
	where *filter
	quantifier
}

type quantifier struct {
	kind  schema.Quantifier
	count *schema.Condition
}

// filterOf compiles a condition; nil stays nil and always holds.
func (s *Snapshot) filterOf(c *schema.Condition) *filter {
	if c == nil {
		return nil
	}
	f := &filter{}
	s.compile(f, c)
	return f
}

func (s *Snapshot) compile(f *filter, c *schema.Condition) {
	f.op, f.cond = c.Op, c
	switch c.Op {
	case schema.And, schema.Or, schema.Not:
		f.args = make([]filter, len(c.Args))
		for i, a := range c.Args {
			if a == nil {
				a = &schema.Condition{Op: schema.And}
			}
			s.compile(&f.args[i], a)
		}
	case schema.RelatedTo:
		r := c.Related
		number, known := s.relations.number(r.Relation)
		f.related = &relatedFilter{known, link{number, r.Inverse}, s.typeSet(r.Types), s.filterOf(r.Where), quantifier{r.Quantifier, r.Count}}
	default:
		f.col, f.among = s.column(c.Path), among(c)
	}
}

// test evaluates the filter for an existing entity.
func (s *Snapshot) test(f *filter, e *entity) schema.Truth {
	if f == nil {
		return schema.True
	}
	switch f.op {
	case schema.And:
		t := schema.True
		for i := range f.args {
			if t = min(t, s.test(&f.args[i], e)); t == schema.False {
				break
			}
		}
		return t
	case schema.Or:
		t := schema.False
		for i := range f.args {
			if t = max(t, s.test(&f.args[i], e)); t == schema.True {
				break
			}
		}
		return t
	case schema.Not:
		return -s.test(&f.args[0], e)
	case schema.RelatedTo:
		return s.testRelated(f.related, e)
	}
	return f.compare(s.cell(e, f.col))
}

func (s *Snapshot) testRelated(r *relatedFilter, e *entity) schema.Truth {
	some, every, count := schema.False, schema.True, int64(0)
	if r.known {
		from, to := r.link.bounds()
		e.runs(from, to, func(run []uint64) bool {
			for _, end := range run {
				other := s.pages.at(endRow(end))
				if !r.types.has(other.typ) {
					continue
				}
				t := s.test(r.where, other)
				some, every = max(some, t), min(every, t)
				if t == schema.True {
					count++
				}
			}
			return !r.decided(some, every)
		})
	}
	switch r.kind {
	case schema.Every:
		return every
	case schema.NoneOf:
		return -some
	case schema.CountOf:
		return r.count.Eval(func(schema.Path) schema.Value { return schema.IntOf(count) }, nil)
	}
	return some
}

// decided says whether further neighbours cannot change the answer.
func (q *quantifier) decided(some, every schema.Truth) bool {
	switch q.kind {
	case schema.Some, schema.NoneOf:
		return some == schema.True
	case schema.Every:
		return every == schema.False
	}
	return false
}

// want is what a question asks of every entity it gives.
type want struct {
	types typeSet
	where *filter
}

func (s *Snapshot) want(types []schema.TypeName, where *schema.Condition) want {
	return want{s.typeSet(types), s.filterOf(where)}
}

func (s *Snapshot) matches(w *want, e *entity) bool {
	return w.types.has(e.typ) && s.test(w.where, e) == schema.True
}

// live returns the entity of a row of this snapshot, nil when there is none.
func (s *Snapshot) liveAt(row graph.Row) *entity {
	if uint32(row) >= s.pages.n {
		return nil
	}
	if e := s.pages.at(uint32(row)); e.data != "" {
		return e
	}
	return nil
}
