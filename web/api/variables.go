package api

import (
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/schema/fault"
)

// variableMistake is a mistake in the variables of a request, with its path; for a field that does not exist it suggests the
// nearest. What was sent is not repeated.
func variableMistake(schema *ast.Schema, op *ast.OperationDefinition, err error) *gqlerror.Error {
	e, ok := errors.AsType[*gqlerror.Error](err)
	if !ok || len(e.Path) < 2 {
		return gqlerror.WrapIfUnwrapped(err)
	}
	out := *e
	out.Path = nil
	if e.Message != "unknown field" {
		out.Message = e.Path.String() + ": " + wanting(op, e)
		return &out
	}
	known := e.Path[:len(e.Path)-1]
	out.Message = known.String() + ": unknown field"
	of := inputAt(schema, op, known)
	unknown, _ := e.Path[len(e.Path)-1].(ast.PathName)
	if of == nil {
		return &out
	}
	names := make([]string, len(of.Fields))
	for i, f := range of.Fields {
		names[i] = f.Name
	}
	out.Message += " of " + of.Name
	if near := fault.Suggest(string(unknown), names); near != "" {
		out.Message += "; did you mean " + near + "?"
	}
	return &out
}

// wanting says what a value that is not there should be; other mistakes say it themselves.
func wanting(op *ast.OperationDefinition, e *gqlerror.Error) string {
	name, _ := e.Path[1].(ast.PathName)
	v := op.VariableDefinitions.ForName(string(name))
	if v == nil || len(e.Path) > 2 || e.Message != "must be defined" && e.Message != "cannot be null" {
		return e.Message
	}
	return "a value of type " + v.Type.String() + " is needed; give it in variables"
}

// inputAt is the type of the value at a path of variables, nil when there is none.
func inputAt(schema *ast.Schema, op *ast.OperationDefinition, path ast.Path) *ast.Definition {
	name, _ := path[1].(ast.PathName)
	v := op.VariableDefinitions.ForName(string(name))
	if v == nil {
		return nil
	}
	of := schema.Types[v.Type.Name()]
	for _, step := range path[2:] {
		field, named := step.(ast.PathName)
		if !named || of == nil {
			continue
		}
		next := of.Fields.ForName(string(field))
		if next == nil {
			return nil
		}
		of = schema.Types[next.Type.Name()]
	}
	return of
}
