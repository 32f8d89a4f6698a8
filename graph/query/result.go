package query

import (
	"cmp"
	"errors"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema/fault"
)

// Result is the answer to an operation.
type Result struct {
	// Data is the JSON of data: an object, or null when an error reached the top, or nil when nothing was executed.
	Data []byte
	// Roots says where each root field is in Data, in document order; nil when Data is null.
	Roots  []Root
	Errors []*Error
	// Revision is that of the graph the answer belongs to; 0 when nothing was executed.
	Revision graph.Revision
	// Cursor is the position behind a change of entityChanges; "" for other answers.
	Cursor string
	// Explain is what it took; its steps are only filled when the request asked for them.
	Explain Explain
}

// Overtaken says that nothing was changed since another model was applied meanwhile: the request may be asked of that
// model's engine.
func (r *Result) Overtaken() bool {
	for _, e := range r.Errors {
		if !errors.Is(e.Cause, graph.ErrOtherModel) {
			return false
		}
	}
	return len(r.Errors) > 0 && r.Revision == 0
}

// Root is one root field of an answer: Data[From:To] is `"key":value`.
type Root struct {
	Key      string
	From, To int
}

// Error is one error of an answer.
type Error struct {
	Message      string
	Path         ast.Path // nil when it belongs to the whole operation
	Code         fault.Code
	Connector    string            // of a source: its connector
	Status       connectors.Status // of a source: what its values say
	KeyCount     int               // of a source: how many keys it failed for
	RetryAfterMs int64             // of a source: when to ask again, 0 unknown
	Problems     fault.List        // of an input: every mistake, each with the field it is in
	Cause        error             // for the log when Code is Internal; never sent
}

// Extensions returns what is sent in extensions.
func (e *Error) Extensions() map[string]any {
	out := map[string]any{"code": string(e.Code)}
	if len(e.Problems) > 0 {
		out["field"], out["problems"] = e.Problems[0].Field, problemsOf(e.Problems)
	}
	if e.Connector != "" {
		out["connector"], out["status"], out["keyCount"] = e.Connector, string(e.Status), e.KeyCount
		if e.RetryAfterMs > 0 {
			out["retryAfterMs"] = e.RetryAfterMs
		}
	}
	return out
}

func (e *Error) Error() string { return e.Message }

// maxProblems bounds how many mistakes of an input one error lists.
const maxProblems = 100

// problemsOf lists the mistakes of an input as they are sent.
func problemsOf(list fault.List) []map[string]any {
	out := make([]map[string]any, 0, min(len(list), maxProblems))
	for _, p := range list[:min(len(list), maxProblems)] {
		one := map[string]any{"message": p.Message, "code": string(cmp.Or(p.Code, fault.Invalid))}
		if p.Field != "" {
			one["field"] = p.Field
		}
		if p.Hint != "" {
			one["hint"] = p.Hint
		}
		out = append(out, one)
	}
	return out
}
