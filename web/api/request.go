package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"mereon/graph"
	"mereon/schema/fault"
)

// Request is one GraphQL request.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
	DocumentID    string         `json:"documentId"` // of a trusted document, instead of query
	key           string         // header Idempotency-Key
	delivery      delivery       // how what is deferred is taken
	revision      graph.Revision // the answer is of this or a newer one
	events        bool           // it is answered as server-sent events
	lastEvent     string         // header Last-Event-ID: the last event of a feed that the caller has
}

// wantsPlan says whether the request asks for extensions.plan.
func (r *Request) wantsPlan() bool {
	wanted, _ := r.Extensions["plan"].(bool)
	return wanted
}

// readPost reads a POST body, bounded. Numbers keep their digits.
func readPost(w http.ResponseWriter, r *http.Request, limit int) (*Request, int, error) {
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "send the operation as JSON in UTF-8, with Content-Type: application/json")
	}
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), firstRead)+bytes.MinRead))
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, int64(limit))); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, fault.New(fault.Limit, "the request is larger than %d bytes; send less, or raise limits.body in mereon.yaml", limit)
		}
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the request could not be read to its end")
	}
	request, err := decodeRequest(body.Bytes())
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return request, 0, nil
}

// firstRead bounds what is set aside for a body before it has come, in bytes.
const firstRead = 64 << 10

// isJSON says whether a content type is JSON in UTF-8. Nothing else is taken: a page elsewhere can send no JSON without asking.
func isJSON(contentType string) bool {
	if contentType == mediaJSON {
		return true
	}
	kind, params, err := mime.ParseMediaType(contentType)
	charset, given := params["charset"]
	return err == nil && kind == mediaJSON && (!given || strings.EqualFold(charset, "utf-8"))
}

func decodeRequest(body []byte) (*Request, error) {
	request := &Request{}
	if err := decode(body, request); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
			return nil, fault.New(fault.Invalid, "%s has the wrong type in the request", e.Field)
		}
		return nil, fault.New(fault.Invalid, "the request is not one JSON object with query, operationName, variables and extensions")
	}
	if !request.asks() {
		return nil, fault.New(fault.Invalid, "the request has no query")
	}
	return request, nil
}

// asks says whether a request names what to answer: by its text, by an id, or by its hash.
func (r *Request) asks() bool {
	return r.Query != "" || r.DocumentID != "" || r.Extensions["persistedQuery"] != nil
}

// decode reads one JSON value and nothing after it. Numbers keep their digits.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

var errMore = errors.New("something follows the value")

// readGet reads the parameters of a GET request.
func readGet(r *http.Request, limit int) (*Request, error) {
	if len(r.URL.RawQuery) > limit {
		return nil, fault.New(fault.Limit, "the query string is larger than %d bytes; use POST", limit)
	}
	values := r.URL.Query()
	request := &Request{Query: values.Get("query"), OperationName: values.Get("operationName"), DocumentID: values.Get("documentId")}
	for name, into := range map[string]*map[string]any{"variables": &request.Variables, "extensions": &request.Extensions} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		if decode([]byte(text), into) != nil {
			return nil, fault.New(fault.Invalid, "%s is not a JSON object", name)
		}
	}
	if !request.asks() {
		return nil, fault.New(fault.Invalid, "the request has no query")
	}
	return request, nil
}
