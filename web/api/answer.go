package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"mereon/graph/query"
	"mereon/schema/fault"
)

// answer is one finished response.
type answer struct {
	body     []byte
	revision string     // of the graph, "" when nothing of it was read
	code     fault.Code // of the first error when there is no data
}

// status is 200 wherever the operation was executed; a request error has its own under the newer media type.
func (a answer) status(media string) int {
	if a.code == "" || media == mediaJSON {
		return http.StatusOK
	}
	return StatusOf(a.code)
}

// part is what one plane gives: finished root fields and errors.
type part struct {
	fields map[string][]byte // `"key":value` by response name; nil when data is null
	errors []errorJSONEntry
}

// errorJSONEntry is one error as it is written.
type errorJSONEntry struct {
	Message    string         `json:"message"`
	Path       any            `json:"path,omitempty"`
	Locations  any            `json:"locations,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

func (o *operation) errorsOf(r *query.Result) []errorJSONEntry {
	list := make([]errorJSONEntry, len(r.Errors))
	for i, e := range r.Errors {
		if e.Code == fault.Internal {
			o.handler.log.Error("data plane", "error", e.Cause)
		}
		list[i] = errorJSONEntry{Message: e.Message, Extensions: e.Extensions()}
		if len(e.Path) > 0 {
			list[i].Path = e.Path
		}
	}
	return list
}

// finish writes the response around finished data. nil data with errors is a request error: the response has no data.
func (o *operation) finish(data []byte, errors []errorJSONEntry, r *query.Result) answer {
	a := answer{}
	size := len(data) + 64
	a.body = make([]byte, 0, size)
	a.body = append(a.body, '{')
	if len(errors) > 0 {
		text, err := json.Marshal(errors)
		if err != nil {
			text = []byte(`[{"message":"an error could not be written","extensions":{"code":"INTERNAL"}}]`)
		}
		a.body = append(append(append(a.body, `"errors":`...), text...), ',')
	}
	switch {
	case data != nil:
		a.body = append(append(a.body, `"data":`...), data...)
	case len(errors) > 0:
		a.body = a.body[:len(a.body)-1]
		code, _ := errors[0].Extensions["code"].(string)
		a.code = fault.Code(code)
	default:
		a.body = append(a.body, `"data":null`...)
	}
	if r != nil && r.Revision > 0 {
		a.revision = strconv.FormatInt(int64(r.Revision), 10)
	}
	if o.request.wantsPlan() && r != nil {
		if text, err := json.Marshal(map[string]any{"plan": r.Explain.Extension(), "revision": r.Revision}); err == nil {
			a.body = append(append(a.body, `,"extensions":`...), text...)
		}
	}
	a.body = append(a.body, '}')
	return a
}
