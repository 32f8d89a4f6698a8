package fault

import (
	"errors"
	"fmt"
)

// Code says what kind of failure it is; its text is what the API sends in extensions.code.
type Code string

const (
	Invalid         Code = "INVALID"         // the input is wrong; the same call will fail again
	NotFound        Code = "NOT_FOUND"       // what was named does not exist
	Conflict        Code = "CONFLICT"        // the state changed or forbids it; read again, then retry
	Unauthenticated Code = "UNAUTHENTICATED" // who asks is unknown
	Forbidden       Code = "FORBIDDEN"       // who asks may not
	Unavailable     Code = "UNAVAILABLE"     // an outside system or the store cannot be reached; a retry is safe
	Timeout         Code = "TIMEOUT"         // the deadline passed
	Limit           Code = "LIMIT"           // a stated limit would be exceeded
	Internal        Code = "INTERNAL"        // a mistake of ours; its text never leaves the server
)

// Error is a coded error. Message is for people and says what to do next; it holds no secret.
type Error struct {
	Code    Code
	Message string
	Cause   error
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a coded error; the message is formatted as fmt.Sprintf does.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a coded error with cause; the message is formatted as fmt.Sprintf does.
func Wrap(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// CodeOf returns the code of the first coded error in err's chain, that of a List, and Internal for any other.
// It returns "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if list, ok := errors.AsType[List](err); ok {
		return list.Code()
	}
	return Internal
}
