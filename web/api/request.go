package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"mereon/schema/fault"
)

// Request is one GraphQL request.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// wantsPlan says whether the request asks for extensions.plan.
func (r *Request) wantsPlan() bool {
	wanted, _ := r.Extensions["plan"].(bool)
	return wanted
}

// readPost reads a POST body, bounded. Numbers keep their digits.
func readPost(w http.ResponseWriter, r *http.Request, limit int) (*Request, int, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "send the operation as JSON, with Content-Type: application/json")
	}
	if charset, ok := params["charset"]; ok && charset != "utf-8" && charset != "UTF-8" {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "send the operation in UTF-8")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, fault.New(fault.Limit, "the request is larger than %d bytes; send less, or raise limits.body in mereon.yaml", limit)
		}
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the request could not be read to its end")
	}
	request, err := decodeRequest(body)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return request, 0, nil
}

func decodeRequest(body []byte) (*Request, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	request := &Request{}
	if err := decoder.Decode(request); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
			return nil, fault.New(fault.Invalid, "%s has the wrong type in the request", e.Field)
		}
		return nil, fault.New(fault.Invalid, "the request is not a JSON object with query, operationName, variables and extensions")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "something follows the JSON object of the request")
	}
	if request.Query == "" {
		return nil, fault.New(fault.Invalid, "the request has no query")
	}
	return request, nil
}

// readGet reads the parameters of a GET request.
func readGet(r *http.Request, limit int) (*Request, error) {
	if len(r.URL.RawQuery) > limit {
		return nil, fault.New(fault.Limit, "the query string is larger than %d bytes; use POST", limit)
	}
	values := r.URL.Query()
	request := &Request{Query: values.Get("query"), OperationName: values.Get("operationName")}
	if request.Query == "" {
		return nil, fault.New(fault.Invalid, "the request has no query")
	}
	for name, into := range map[string]*map[string]any{"variables": &request.Variables, "extensions": &request.Extensions} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.UseNumber()
		if err := decoder.Decode(into); err != nil {
			return nil, fault.New(fault.Invalid, "%s is not a JSON object", name)
		}
	}
	return request, nil
}
