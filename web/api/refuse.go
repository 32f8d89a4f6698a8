package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"mereon/schema/fault"
)

// Refuse answers with a coded error as a GraphQL response without data. It never echoes the request, and the text of an
// internal error stays here.
func Refuse(w http.ResponseWriter, status int, err error) {
	if busy, ok := errors.AsType[*Busy](err); ok {
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int((busy.After+time.Second-1)/time.Second)))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(Refusal(err))
}

// Refusal returns the body with which Refuse answers.
func Refusal(err error) []byte { return refusedBy(err).answer().body }

// Message returns the text of an error for people outside: the text of internal errors is not for them.
func Message(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		return "an internal error happened; the server's log has the details"
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// StatusOf returns the HTTP status for a refusal with that code.
func StatusOf(code fault.Code) int {
	switch code {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	case fault.Limit:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusInternalServerError
}
