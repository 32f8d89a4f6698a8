package query

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/schema/fault"
)

// maxErrors bounds how many errors one answer lists.
const maxErrors = 100

const internalMessage = "the service made a mistake; it was logged"

// newError turns err into an error of an answer. The text of what is not coded stays on the server.
func newError(err error, path ast.Path) *Error {
	e := &Error{Code: fault.CodeOf(err), Path: path, Cause: err}
	e.Message = err.Error()
	e.Problems, _ = errors.AsType[fault.List](err)
	e.Problems = slices.DeleteFunc(e.Problems, func(p fault.Problem) bool { return p.Warning })
	if e.Code == fault.Internal {
		e.Message = internalMessage
	}
	if len(e.Message) > 2_000 {
		e.Message = e.Message[:2_000] + " ..."
	}
	return e
}

func failed(err error) Result { return Result{Errors: []*Error{newError(err, nil)}} }

// report collects what one execution took and what went wrong. It is safe for concurrent use.
type report struct {
	mu       sync.Mutex
	explain  Explain
	steps    bool
	errors   []*Error
	failures []*sourceFailure
	// incomplete is the first connection that could not be decided, nil when all could.
	incomplete ast.Path
}

// sourceFailure is the failure of one connector in one operation.
type sourceFailure struct {
	connector string
	failure   connectors.Failure
	keys      int
	path      ast.Path
	placed    bool
	undecided ast.Path // the first connection that could not be decided for it
	told      bool
}

func (r *report) reset(steps bool) {
	r.explain, r.steps, r.errors, r.failures, r.incomplete = Explain{}, steps, nil, nil, nil
}

// report adds an error, up to the limit.
func (x *execution) report(e *Error) {
	r := &x.tally
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.errors) < maxErrors {
		r.errors = append(r.errors, e)
	}
}

// sourceFailure gives the failure of a connector its place: the first value that shows it.
func (w *writer) sourceFailure(connector string, status connectors.Status) {
	if w.parts != nil {
		if w.parts.skim {
			return
		}
		w.x.tally.mu.Lock() // other parts are being read
		defer w.x.tally.mu.Unlock()
	}
	failures := w.x.tally.failures
	if len(failures) == 0 {
		return
	}
	for _, f := range failures {
		if f.connector == connector && !f.placed && f.failure.Status == status {
			f.placed, f.path = true, w.responsePath()
		}
	}
}

// called records one call of a connector for everything a wave wants of it.
func called[T any](x *execution, kind, connector, detail string, a connectors.Answer[T], keys int) {
	calledFor(x, nil, kind, connector, detail, a, keys)
}

// calledForAll records a call that gave the rows of several levels.
func (a *recordAsk) calledForAll(x *execution, answer connectors.Answer[connectors.Rows]) {
	calledFor(x, a.parts[0].level, "records", a.connector, a.want.Collection, answer, len(a.keys))
	if !x.tally.steps {
		return
	}
	x.tally.mu.Lock()
	defer x.tally.mu.Unlock()
	for k := range x.tally.explain.Steps {
		if s := &x.tally.explain.Steps[k]; s.rows && s.at == a.parts[0].level {
			s.Why = a.why
			for _, part := range a.parts[1:] {
				s.also = append(s.also, part.level)
			}
		}
	}
}

// calledFor records a call that was made for rows of a level, or of records, that gave the rows of a level.
func calledFor[T any](x *execution, at *level, kind, connector, detail string, a connectors.Answer[T], keys int) {
	r := &x.tally
	r.mu.Lock()
	defer r.mu.Unlock()
	r.explain.Calls += a.Calls
	r.explain.Questions++
	if r.explain.Connectors == nil {
		r.explain.Connectors = map[string]int{}
	}
	r.explain.Connectors[connector]++
	r.explain.Keys += keys
	if r.steps {
		r.explain.Steps = append(r.explain.Steps, StepReport{
			Kind: kind, Connector: connector, Detail: detail, Keys: a.Keys, Calls: a.Calls, Cached: a.Cached, Rows: rowsOf(a), Asks: a.Asks,
			Oldest:  oldest(a.Results, x.engine.source.Now(connector)),
			Started: time.Now().Add(-a.Elapsed), Elapsed: a.Elapsed, at: at, rows: at != nil && at.record != nil,
		})
	}
	if a.Failure != nil {
		r.failed(connector, a.Failure, a.FailedKeys)
	}
}

func rowsOf[T any](a connectors.Answer[T]) int {
	rows := 0
	for i := range a.Results {
		switch v := any(&a.Results[i]).(type) {
		case *connectors.Rows:
			rows += v.Count
		case *connectors.Range:
			rows += len(v.Measurements)
		default:
			rows++
		}
	}
	return rows
}

func (r *report) failed(connector string, failure *connectors.Failure, keys int) {
	for _, f := range r.failures {
		if f.connector == connector {
			f.keys += keys
			return
		}
	}
	r.failures = append(r.failures, &sourceFailure{connector: connector, failure: *failure, keys: keys})
}

// batch counts one question to the graph.
func (r *report) batch() {
	r.mu.Lock()
	r.explain.Batches++
	r.mu.Unlock()
}

func (r *report) graphStep(lv *level, parent, f *frame, started time.Time) {
	if _, none := lv.rows.(alarmSource); none {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.explain.Batches++
	n, candidates, why, elapsed := 0, 0, "", time.Since(started)
	if f != nil {
		n, candidates, why = f.n, f.candidates, f.why
		if f.took > 0 {
			elapsed = f.took
		}
	}
	r.explain.Rows += n
	if r.steps {
		r.explain.Steps = append(r.explain.Steps, StepReport{
			Kind: "graph", Detail: lv.pathName() + ": " + lv.rows.String(), Keys: parent.n, Calls: 1, Rows: n,
			Candidates: candidates, Why: why, Started: started, Elapsed: elapsed, at: lv, rows: true,
		})
	}
}

func (r *report) statesStep(at *level, keys int, started time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.explain.Questions++
	if r.steps {
		r.explain.Steps = append(r.explain.Steps, StepReport{
			Kind: "rules", Detail: "states", Keys: keys, Calls: 1, Rows: keys, Started: started, Elapsed: time.Since(started), at: at,
		})
	}
}

// sourceErrors turns failures into errors: one per connector, at the first place that shows it.
func (r *report) sourceErrors() {
	slices.SortFunc(r.failures, func(a, b *sourceFailure) int { return strings.Compare(a.connector, b.connector) })
	for _, f := range r.failures {
		if !f.placed {
			if f.path = f.undecided; f.path == nil {
				f.path = r.incomplete
			}
		}
		f.told = true
		r.errors = append(r.errors, f.error())
	}
}

func (f *sourceFailure) error() *Error {
	return &Error{
		Message: f.connector + ": " + f.failure.Message, Path: f.path, Code: codeOf(f.failure.Status),
		Connector: f.connector, Status: f.failure.Status, KeyCount: f.keys, RetryAfterMs: f.failure.RetryAfter.Milliseconds(),
		Cause: f.failure.Cause,
	}
}

func codeOf(s connectors.Status) fault.Code {
	switch s {
	case connectors.TimedOut:
		return fault.Timeout
	case connectors.Denied:
		return fault.Forbidden
	case connectors.NotFound:
		return fault.NotFound
	case connectors.Unsupported:
		return fault.Invalid
	}
	return fault.Unavailable
}

// answer writes the result.
func (x *execution) answer() Result {
	w := &x.w
	roots := make([]Root, 0, len(x.plan.fields))
	if w.parts != nil {
		w.meet(x.plan.fields)
	}
	w.buf = append(w.buf, '{')
	lost := false
	order := w.sequenceOf(x.plan.fields)
	for k := range x.plan.fields {
		fd := &x.plan.fields[k]
		if order != nil {
			fd = &x.plan.fields[order[k]]
		}
		if fd.guards != nil && !fd.guards.hold(x.guards) {
			continue
		}
		if len(w.buf) > 1 {
			w.buf = append(w.buf, ',')
		}
		from := len(w.buf)
		w.buf = append(w.buf, fd.key...)
		if w.field(fd, rootFrame, 0) == broken {
			lost = true
			break
		}
		roots = append(roots, Root{fd.name, from, len(w.buf)})
	}
	w.buf = append(w.buf, '}')
	r := &x.tally
	r.sourceErrors()
	slices.SortStableFunc(r.explain.Steps, func(a, b StepReport) int { return a.Started.Compare(b.Started) })
	r.explain.Looked, r.explain.Budget, r.explain.CostLimit = int(x.rows.Load()), x.engine.limits.Rows, int64(x.engine.limits.Cost)
	if r.steps {
		r.explain.Tree = x.tree()
	}
	result := Result{Roots: roots, Errors: r.errors, Revision: x.view.Revision(), Explain: r.explain}
	if lost {
		result.Data, result.Roots = []byte("null"), nil
	} else {
		result.Data = append(make([]byte, 0, len(w.buf)), w.buf...)
	}
	return result
}
