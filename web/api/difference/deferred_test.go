package difference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"

	"github.com/google/go-cmp/cmp"
	"mereon/schema/access"
)

// fragments are the places that may be deferred: inline fragments and spreads.
var fragments = regexp.MustCompile(`\.\.\.(?: on \w+|\w+|) `)

// deferred asks an operation with some of its fragments deferred, puts the parts together and says how that differs from the
// answer in one piece. Operations with mistakes are left out: null reaches a deferred fragment and no further.
func (s *served) deferred(o *operation, spec string) (done bool, err error) {
	var whole answer
	if err := json.Unmarshal(o.Answer, &whole); err != nil || whole.Data == nil {
		return false, err
	}
	if slices.ContainsFunc(whole.Errors, func(e failure) bool { return e.Extensions["connector"] == nil }) {
		return false, nil
	}
	again := *o
	again.Query = fragments.ReplaceAllStringFunc(o.Query, func(f string) string {
		if s.world.chance(40) {
			return f
		}
		return f + "@defer "
	})
	if again.Query == o.Query {
		return false, nil
	}
	got, err := s.parts(&again, spec)
	if err != nil {
		return true, fmt.Errorf("%w\n%s", err, again.Query)
	}
	if diff := cmp.Diff(any(whole.Data), any(got.Data)); diff != "" {
		return true, fmt.Errorf("%s: parts differ from the whole:\n%s\n%s\n%v", spec, diff, again.Query, again.Variables)
	}
	told := connectorsOf(got.Errors)
	for _, e := range whole.Errors { // a failure that nothing shows need not be told
		if e.Path != nil && !slices.Contains(told, fmt.Sprint(e.Extensions["connector"])) {
			return true, fmt.Errorf("%s: the parts tell of %v, the whole of %v\n%s\n%v", spec, told, connectorsOf(whole.Errors), again.Query, again.Variables)
		}
	}
	if len(slices.Compact(slices.Clone(told))) < len(told) {
		return true, fmt.Errorf("%s: the parts tell of %v\n%s", spec, told, again.Query)
	}
	return true, nil
}

type answer struct {
	Data   map[string]any `json:"data"`
	Errors []failure      `json:"errors"`
}

type failure struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// connectorsOf names the connectors that errors tell of.
func connectorsOf(errors []failure) []string {
	var names []string
	for _, e := range errors {
		names = append(names, fmt.Sprint(e.Extensions["connector"]))
	}
	slices.Sort(names)
	return names
}

// payload is one part of an answer, in either format.
type payload struct {
	answer
	Pending     []place       `json:"pending"`
	Incremental []incremental `json:"incremental"`
	HasNext     bool          `json:"hasNext"`
}

type place struct {
	ID   string `json:"id"`
	Path []any  `json:"path"`
}

type incremental struct {
	answer
	place
	SubPath []any `json:"subPath"`
}

// parts asks an operation for an answer in parts and merges them.
func (s *served) parts(o *operation, spec string) (answer, error) {
	body, err := json.Marshal(map[string]any{"query": o.Query, "variables": o.Variables})
	if err != nil {
		return answer{}, err
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "multipart/mixed; "+spec)
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r.WithContext(access.NewContext(r.Context(), access.Local)))
	media, params, err := mime.ParseMediaType(recorder.Header().Get("Content-Type"))
	if err != nil {
		return answer{}, err
	}
	var merged answer
	if media != "multipart/mixed" { // nothing was left to defer
		return merged, json.Unmarshal(recorder.Body.Bytes(), &merged)
	}
	reader, places := multipart.NewReader(recorder.Body, params["boundary"]), map[string][]any{}
	for more := true; more; {
		part, err := reader.NextPart()
		if err != nil {
			return merged, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return merged, err
		}
		var p payload
		if err := json.Unmarshal(text, &p); err != nil {
			return merged, fmt.Errorf("%w: %s", err, text)
		}
		if err := merged.take(&p, places); err != nil {
			return merged, fmt.Errorf("%w: %s", err, text)
		}
		more = p.HasNext
	}
	return merged, nil
}

// take merges one payload.
func (a *answer) take(p *payload, places map[string][]any) error {
	if a.Data == nil {
		a.Data = p.Data
	}
	a.Errors = append(a.Errors, p.Errors...)
	for _, pending := range p.Pending {
		places[pending.ID] = pending.Path
	}
	for _, i := range p.Incremental {
		a.Errors = append(a.Errors, i.Errors...)
		path := i.Path
		if i.ID != "" {
			path = slices.Concat(places[i.ID], i.SubPath)
		}
		at := any(a.Data)
		for _, step := range path {
			switch step := step.(type) {
			case string:
				object, _ := at.(map[string]any)
				at = object[step]
			case float64:
				list, _ := at.([]any)
				if int(step) >= len(list) {
					return fmt.Errorf("there is nothing at %v", path)
				}
				at = list[int(step)]
			}
		}
		object, is := at.(map[string]any)
		if !is {
			return fmt.Errorf("there is no object at %v", path)
		}
		merge(object, i.Data)
	}
	return nil
}

// merge adds the fields of a part to an object.
func merge(into, from map[string]any) {
	for name, v := range from {
		into[name] = merged(into[name], v)
	}
}

func merged(old, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if object, is := old.(map[string]any); is {
			merge(object, v)
			return object
		}
	case []any:
		if list, is := old.([]any); is && len(list) == len(v) {
			for i := range v {
				list[i] = merged(list[i], v[i])
			}
			return list
		}
	}
	return v
}
