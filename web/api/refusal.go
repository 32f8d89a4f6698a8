package api

import (
	"encoding/json"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/schema/fault"
)

// refusal is why an operation was not run: mistakes in the document or its variables, or a limit.
type refusal struct{ errors gqlerror.List }

// maxShownErrors bounds the errors of one refusal.
const maxShownErrors = 20

func refused(list gqlerror.List) *refusal {
	for _, e := range list {
		setCode(e, fault.Invalid)
	}
	if len(list) > maxShownErrors {
		list = list[:maxShownErrors]
	}
	return &refusal{list}
}

func refusedBy(err error) *refusal {
	e := &gqlerror.Error{Message: Message(err)}
	setCode(e, fault.CodeOf(err))
	return &refusal{gqlerror.List{e}}
}

// setCode gives an error our code in place of the parser's; one that has ours keeps it.
func setCode(e *gqlerror.Error, code fault.Code) {
	if _, ours := e.Extensions["code"].(fault.Code); ours {
		return
	}
	e.Extensions = map[string]any{"code": code}
}

// status is 200 for the older media type, which says so for document errors, else that of the code.
func (r *refusal) status(media string) int {
	code, _ := r.errors[0].Extensions["code"].(fault.Code)
	switch {
	case code == fault.Invalid && media == mediaJSON:
		return http.StatusOK
	case code == fault.Limit:
		return http.StatusBadRequest
	}
	return StatusOf(code)
}

func (r *refusal) list() json.RawMessage {
	text, err := json.Marshal(r.errors)
	if err != nil {
		return json.RawMessage(`[{"message":"the refusal could not be written","extensions":{"code":"INTERNAL"}}]`)
	}
	return text
}

func (r *refusal) body() []byte {
	return append(append([]byte(`{"errors":`), r.list()...), '}')
}
