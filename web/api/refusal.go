package api

import (
	"errors"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/schema/fault"
)

// refusal is why an operation was not run: mistakes in the document or its variables, or a limit. Its text is bounded, so that
// a refusal is never much larger than what was sent.
type refusal struct {
	errors []refusedError
	code   fault.Code // of the first
}

type refusedError struct {
	Message    string              `json:"message"`
	Locations  []gqlerror.Location `json:"locations,omitempty"`
	Extensions map[string]any      `json:"extensions"`
}

const (
	maxShownErrors  = 20  // errors of one refusal
	maxShownMessage = 500 // bytes of one message
)

// refused returns the refusal for what parser and validation found. An error keeps the code of ours that it carries.
func refused(list gqlerror.List) *refusal {
	r := &refusal{}
	for _, e := range list[:min(len(list), maxShownErrors)] {
		code, ours := e.Extensions["code"].(fault.Code)
		if !ours {
			code = fault.Invalid
		}
		r.add(code, e.Message, e.Locations)
	}
	return r
}

func refusedBy(err error) *refusal {
	r := &refusal{}
	r.add(fault.CodeOf(err), Message(err), nil)
	if busy, ok := errors.AsType[*Busy](err); ok {
		r.errors[0].Extensions["retryAfterMs"] = busy.After.Milliseconds()
	}
	return r
}

func (r *refusal) add(code fault.Code, message string, at []gqlerror.Location) {
	if r.code == "" {
		r.code = code
	}
	r.errors = append(r.errors, refusedError{shorten(message), at, map[string]any{"code": code}})
}

// shorten cuts a message at a border of characters.
func shorten(message string) string {
	if len(message) <= maxShownMessage {
		return message
	}
	cut := maxShownMessage
	for cut > 0 && message[cut]&0xC0 == 0x80 {
		cut--
	}
	return message[:cut] + " ..."
}

// status is 200 under the older media type for what is wrong with the document, which its clients expect, else that of the code.
func (r *refusal) status(media string) int {
	switch {
	case r.code == fault.Invalid && media == mediaJSON:
		return http.StatusOK
	case r.code == persistedNotFound:
		if media == mediaJSON {
			return http.StatusOK
		}
		return http.StatusNotFound
	case r.code == fault.Limit:
		return http.StatusBadRequest
	}
	return StatusOf(r.code)
}

func (r *refusal) answer() answer {
	errors := errorsJSON(r.errors)
	body := append([]byte(`{"errors":`), errors...)
	return answer{body: append(body, '}'), code: r.code, errors: errors}
}
