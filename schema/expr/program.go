package expr

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"mereon/schema"
	"mereon/schema/fault"
)

// Program is a compiled expression. It is immutable and safe for concurrent use.
type Program struct {
	text     string
	program  cel.Program
	reads    []schema.Path
	readings []Variable
	unknowns []*types.Unknown // one per read, its only id is the index
	want     schema.ValueType
	enum     []string // allowed results, nil: any
	pool     sync.Pool
}

// Result is what one evaluation gave: a value, or unknown with what is missing, or an error.
type Result struct {
	Value   schema.Value  // null when unknown or an error
	Missing []schema.Path // not empty: unknown, these have no value
	Err     error         // coded; the text is for people
}

// Known says whether r is a value.
func (r Result) Known() bool { return r.Err == nil && len(r.Missing) == 0 }

func (c *compilation) program(p cel.Program, want schema.ValueType) *Program {
	out := &Program{text: c.text, program: p, readings: c.reads, want: want}
	for i, v := range c.reads {
		out.reads = append(out.reads, v.Path)
		out.unknowns = append(out.unknowns, types.NewUnknown(int64(i), types.NewAttributeTrail(v.Name)))
	}
	if want.Enum != "" && c.scope.model != nil && c.scope.model.Enums[want.Enum] != nil {
		for _, v := range c.scope.model.Enums[want.Enum].Values {
			out.enum = append(out.enum, v.Name)
		}
	}
	out.pool.New = func() any { return &activation{program: out} }
	return out
}

// Text returns what was compiled.
func (p *Program) Text() string { return p.text }

// Reads returns the paths the expression reads, each once, in the order of their first use. It must not be changed.
func (p *Program) Reads() []schema.Path { return p.reads }

// Eval evaluates over values, one per Reads; null stands for a value that is not known. values is not kept.
func (p *Program) Eval(values []schema.Value) Result { return p.EvalAt(values, nil) }

// EvalAt evaluates over a larger slice: the value of Reads()[i] is values[at[i]]. A nil at means values[i].
func (p *Program) EvalAt(values []schema.Value, at []int) Result {
	a := p.activation(values, at)
	defer p.release(a)
	out, _, err := p.program.Eval(a)
	return p.result(a, out, err)
}

// EvalContext is Eval that ends early with a Timeout when ctx does; use it where values come from outside unchecked.
func (p *Program) EvalContext(ctx context.Context, values []schema.Value) Result {
	a := p.activation(values, nil)
	defer p.release(a)
	out, _, err := p.program.ContextEval(ctx, a)
	if ctx.Err() != nil {
		return Result{Err: fault.Wrap(fault.Timeout, ctx.Err(), "the expression was interrupted")}
	}
	return p.result(a, out, err)
}

func (p *Program) result(a *activation, out ref.Val, err error) Result {
	if a.err != nil {
		return Result{Err: a.err}
	}
	if err != nil {
		return Result{Err: fault.New(fault.Invalid, "%s", evaluationMessage(err))}
	}
	if u, ok := out.(*types.Unknown); ok {
		return Result{Missing: p.missing(u)}
	}
	v, err := p.value(out)
	return Result{Value: v, Err: err}
}

func (p *Program) missing(u *types.Unknown) []schema.Path {
	var paths []schema.Path
	for _, id := range u.IDs() {
		if id >= 0 && int(id) < len(p.reads) {
			paths = append(paths, p.reads[id])
		}
	}
	slices.Sort(paths)
	return paths
}

func evaluationMessage(err error) string {
	if c := new(interpreter.EvalCancelledError); errors.As(err, c) {
		return "the expression was stopped: " + c.Message
	}
	text, _ := translate(err.Error())
	return text
}

func (p *Program) activation(values []schema.Value, at []int) *activation {
	a := p.pool.Get().(*activation)
	a.values, a.at, a.err = values, at, nil
	return a
}

func (p *Program) release(a *activation) {
	a.values, a.at = nil, nil
	p.pool.Put(a)
}

// activation gives CEL the values of one evaluation.
type activation struct {
	program *Program
	values  []schema.Value
	at      []int
	err     error // the first value that could not be used
}

func (a *activation) Parent() interpreter.Activation { return nil }

func (a *activation) ResolveName(name string) (any, bool) {
	if len(name) < 2 || name[0] != '@' {
		return nil, false
	}
	i, err := strconv.Atoi(name[1:])
	if err != nil || i >= len(a.program.reads) {
		return nil, false
	}
	at := i
	if a.at != nil {
		at = a.at[i]
	}
	v := a.values[at]
	if v.IsNull() {
		return a.program.unknowns[i], true
	}
	out, err := celValue(v)
	if err != nil {
		if a.err == nil {
			a.err = fault.Wrap(fault.Invalid, err, "%s cannot be used", a.program.readings[i].Name)
		}
		return types.WrapErr(err), true
	}
	return out, true
}
