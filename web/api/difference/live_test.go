package difference

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/access"
)

// newLive writes a random query of one root field, which can be a live query too.
func (w *world) newLive(s *ast.Schema) *operation {
	w.changed = true // it is asked again after a change
	o := &writer{world: w, schema: s, variables: map[string]any{}, budget: w.some(4, 15), favour: pick(w, favours), bare: true}
	var roots []*ast.FieldDefinition
	for _, f := range s.Query.Fields {
		if o.known(f, s.Query) {
			roots = append(roots, f)
		}
	}
	o.b.WriteString("{ ")
	o.field(pick(w, o.favoured(roots)), w.some(3, 6))
	o.b.WriteString("}")
	head := "query"
	if len(o.declared) > 0 {
		head += " Q(" + strings.Join(o.declared, ", ") + ")"
	}
	return &operation{Query: head + " " + o.b.String() + strings.Join(o.fragments, ""), Variables: o.variables}
}

// live follows an operation as a live query: its first answer is that of the query; after a change, made by change, it comes to
// the answer that the query has then.
func (s *served) live(before *operation, change func() (after *operation)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return s.subscribe(ctx, before, func(events *bufio.Scanner) error {
		if err := comesTo(events, before); err != nil {
			return fmt.Errorf("the first answer: %w\n%s\n%v", err, before.Query, before.Variables)
		}
		after := change()
		if after == nil || sameData(before.Answer, after.Answer) {
			return nil
		}
		if err := comesTo(events, after); err != nil {
			return fmt.Errorf("after a change: %w\n%s\n%v", err, before.Query, before.Variables)
		}
		return nil
	})
}

// subscribe asks an operation as a subscription, over server-sent events.
func (s *served) subscribe(ctx context.Context, o *operation, read func(*bufio.Scanner) error) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handler.ServeHTTP(w, r.WithContext(access.NewContext(r.Context(), access.Local)))
	}))
	defer server.Close()
	body, err := json.Marshal(map[string]any{"query": "subscription" + strings.TrimPrefix(o.Query, "query"), "variables": o.Variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	response, err := server.Client().Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	events := bufio.NewScanner(response.Body)
	events.Buffer(nil, 16<<20)
	return read(events)
}

// comesTo reads events until one has the answer of an operation.
func comesTo(events *bufio.Scanner, o *operation) error {
	var last string
	for events.Scan() {
		data, is := strings.CutPrefix(events.Text(), "data: ")
		if !is || data == "" {
			continue
		}
		if last = data; sameData(json.RawMessage(data), o.Answer) {
			return nil
		}
	}
	var got, want answer
	if err := json.Unmarshal([]byte(last), &got); err != nil {
		return fmt.Errorf("no answer came (%w): %q", err, last)
	}
	if err := json.Unmarshal(o.Answer, &want); err != nil {
		return err
	}
	return fmt.Errorf("the last one differs: %s\n%s", cmp.Diff(any(want.Data), any(got.Data)), last)
}

// sameData says whether two answers have the same data and tell of the same connectors.
func sameData(a, b json.RawMessage) bool {
	var x, y answer
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && cmp.Equal(any(x.Data), any(y.Data))
}
