package gltfdoc

import (
	"fmt"
	"strconv"
	"strings"
)

// Severity says how bad an issue is. Its text is what reports show.
type Severity string

const (
	Error   Severity = "error"   // the file breaks the format
	Warning Severity = "warning" // the file is valid but probably not what was meant
	Info    Severity = "info"    // worth knowing
)

// Issue is one finding about a document.
type Issue struct {
	Severity Severity `json:"severity"`
	// Code is the code the Khronos glTF validator uses for the same finding, so that verdicts compare.
	Code string `json:"code"`
	// Pointer is a JSON pointer (RFC 6901) into the document, "" for the container or the whole file.
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

func (i Issue) String() string {
	at := i.Pointer
	if at == "" {
		at = "/"
	}
	return fmt.Sprintf("%s %s at %s: %s", i.Severity, i.Code, at, i.Message)
}

// tolerated holds the errors about the content of geometry: a viewer draws such a file, if not always nicely, so they
// are reported as what they are and do not refuse it.
var tolerated = map[string]bool{
	"ACCESSOR_ANIMATION_SAMPLER_OUTPUT_NON_NORMALIZED_QUATERNION": true,
	"ACCESSOR_ELEMENT_OUT_OF_MAX_BOUND":                           true,
	"ACCESSOR_ELEMENT_OUT_OF_MIN_BOUND":                           true,
	"ACCESSOR_INVALID_SIGN":                                       true,
	"ACCESSOR_MAX_MISMATCH":                                       true,
	"ACCESSOR_MIN_MISMATCH":                                       true,
	"ACCESSOR_NON_CLAMPED":                                        true,
	"ACCESSOR_VECTOR3_NON_UNIT":                                   true,
	"ACCESSOR_WEIGHTS_NON_NORMALIZED":                             true,
	"IMAGE_DATA_INVALID":                                          true,
	"IMAGE_MIME_TYPE_INVALID":                                     true,
	"TEXTURE_INVALID_IMAGE_MIME_TYPE":                             true,
}

// Refuses says whether a document with this issue cannot be used: an error that is more than untidy content.
func (i Issue) Refuses() bool {
	if i.Severity != Error || tolerated[i.Code] {
		return false
	}
	return i.Code != "IO_ERROR" || !strings.HasPrefix(i.Pointer, "/images/")
}

// maxIssues bounds the report of a hostile or hopeless file.
const maxIssues = 500

// issues collects findings.
type issues struct {
	list      []Issue
	truncated bool
	refused   bool
	failed    bool
}

func (s *issues) add(severity Severity, code, pointer, format string, args ...any) {
	issue := Issue{Severity: severity, Code: code, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	s.refused = s.refused || issue.Refuses()
	s.failed = s.failed || severity == Error
	if len(s.list) >= maxIssues {
		s.truncated = true
		return
	}
	s.list = append(s.list, issue)
}

func (s *issues) fail(code, pointer, format string, args ...any) {
	s.add(Error, code, pointer, format, args...)
}

func (s *issues) warn(code, pointer, format string, args ...any) {
	s.add(Warning, code, pointer, format, args...)
}

func (s *issues) note(code, pointer, format string, args ...any) {
	s.add(Info, code, pointer, format, args...)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// join appends a name to a JSON pointer.
func join(pointer, name string) string { return pointer + "/" + pointerEscapes.Replace(name) }

// at appends an index to a JSON pointer.
func at(pointer string, index int) string { return pointer + "/" + strconv.Itoa(index) }
