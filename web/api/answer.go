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
	revision string          // of the graph, "" when nothing of it was read
	code     fault.Code      // of the first error when nothing was executed
	errors   json.RawMessage // then: the list of errors
	more     bool            // it is one of several parts, and not the last
	id       string          // where a feed is behind it, for who comes again; an answer without a body is nothing else
}

// status is 200 wherever the operation was executed; a request error has its own under the newer media type.
func (a *answer) status(media string) int {
	if a.code == "" || media == mediaJSON {
		return http.StatusOK
	}
	return StatusOf(a.code)
}

// part is what one leg gives.
type part struct {
	data   []byte // JSON of an object or null; nil when nothing was executed
	errors []errorEntry
	result *query.Result // of the data plane, else nil
}

func (p *part) isNull() bool { return p.data == nil || p.data[0] == 'n' }

// errorEntry is one error as it is written.
type errorEntry struct {
	Message    string         `json:"message"`
	Path       any            `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions"`
}

func entryOf(err error) errorEntry {
	return errorEntry{Message: Message(err), Extensions: map[string]any{"code": fault.CodeOf(err)}}
}

// partOf takes over a result of the data plane; what is internal is logged.
func (o *operation) partOf(r query.Result) part {
	p := part{data: r.Data, result: &r}
	p.errors = o.entries(r.Errors)
	return p
}

// entries are errors of the data plane as they are written; what is internal is logged.
func (o *operation) entries(list []*query.Error) []errorEntry {
	var entries []errorEntry
	for _, e := range list {
		if e.Code == fault.Internal {
			o.handler.log.Error("data plane", "error", e.Cause)
		}
		entry := errorEntry{Message: e.Message, Extensions: e.Extensions()}
		if len(e.Path) > 0 {
			entry.Path = e.Path
		}
		entries = append(entries, entry)
	}
	return entries
}

// fields returns the values of the part by response name.
func (p *part) fields() map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if p.result == nil {
		_ = json.Unmarshal(p.data, &fields) // written by the generated code
		return fields
	}
	for _, root := range p.result.Roots {
		fields[root.Key] = p.result.Data[root.From+len(root.Key)+len(`"":`) : root.To]
	}
	return fields
}

// merge puts parts together, root fields in the order of keys. When one of them is null, all is.
func merge(keys []string, parts []part) part {
	whole := part{data: []byte("null")}
	fields := map[string]json.RawMessage{}
	null := false
	for i := range parts {
		p := &parts[i]
		whole.errors = append(whole.errors, p.errors...)
		if p.result != nil {
			whole.result = p.result
		}
		if null = null || p.isNull(); null {
			continue
		}
		for key, value := range p.fields() {
			fields[key] = value
		}
	}
	if null {
		return whole
	}
	data := []byte{'{'}
	for _, key := range keys {
		value, ok := fields[key]
		if !ok {
			continue // skipped by a directive
		}
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(append(append(append(data, '"'), key...), `":`...), value...)
	}
	whole.data = append(data, '}')
	return whole
}

// finish writes the response. A part that was not executed gives a response without data.
func (o *operation) finish(p part) answer {
	a := answer{body: make([]byte, 0, len(p.data)+64)}
	a.body = append(a.body, '{')
	if len(p.errors) > 0 {
		a.errors = errorsJSON(p.errors)
		a.body = append(append(a.body, `"errors":`...), a.errors...)
	}
	switch {
	case p.data != nil:
		if a.errors != nil {
			a.body = append(a.body, ',')
		}
		a.body = append(append(a.body, `"data":`...), p.data...)
		a.errors = nil
	case a.errors != nil:
		a.code = p.errors[0].code()
	default:
		a.body = append(a.body, `"data":null`...)
	}
	if p.result != nil {
		a.revision, a.id = revisionText(p.result), p.result.Cursor
		a.body = o.appendExtensions(a.body, p.result)
	}
	a.body = append(a.body, '}')
	return a
}

// code returns the error's code; both planes give every error one.
func (e *errorEntry) code() fault.Code {
	switch code := e.Extensions["code"].(type) {
	case fault.Code:
		return code
	case string:
		return fault.Code(code)
	}
	return fault.Internal
}

func revisionText(r *query.Result) string {
	if r.Revision == 0 {
		return ""
	}
	return strconv.FormatInt(int64(r.Revision), 10)
}

// appendExtensions adds extensions.plan and extensions.revision where the request asks for them.
func (o *operation) appendExtensions(body []byte, r *query.Result) []byte {
	if !o.request.wantsRevision() {
		return body
	}
	extensions := map[string]any{"revision": r.Revision}
	if o.request.wantsPlan() {
		extensions["plan"] = r.Explain.Extension()
	}
	text, err := json.Marshal(extensions)
	if err != nil {
		return body
	}
	return append(append(body, `,"extensions":`...), text...)
}

// errorsJSON writes a list of errors.
func errorsJSON[E errorEntry | refusedError](list []E) json.RawMessage {
	text, err := json.Marshal(list)
	if err != nil {
		return json.RawMessage(`[{"message":"an error could not be written","extensions":{"code":"INTERNAL"}}]`)
	}
	return text
}
