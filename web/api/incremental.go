package api

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query"
)

// delivery is how a client takes what its operation defers.
type delivery uint8

const (
	atOnce  delivery = iota // one answer with everything
	by2022                  // payloads with incremental, path and hasNext
	byPlace                 // payloads with pending, incremental and completed
)

const mediaParts = "multipart/mixed"

// The two formats in use, as parameters of multipart/mixed, or of text/event-stream.
//
// Source: GraphQL "Defer and Stream" as of 2022-08-24, which Apollo calls deferSpec=20220824; graphql-spec #1110 as of
// graphql-js 17.0.0-alpha.9, which Apollo calls incrementalSpec=v0.2.
var deliveries = []struct {
	parameter, value string
	delivery         delivery
}{{"deferspec", "20220824", by2022}, {"incrementalspec", "v0.2", byPlace}}

var partsTypes = map[delivery][]string{
	by2022:  {`multipart/mixed; boundary="-"; deferSpec=20220824`},
	byPlace: {`multipart/mixed; boundary="-"; incrementalSpec=v0.2`},
}

// deliveryOf reads from an Accept header, or from what stands for one, how deferred fragments are taken: the format the
// client ranks first.
func deliveryOf(accept string) delivery {
	if !strings.Contains(accept, "Spec=") && !strings.Contains(accept, "spec=") {
		return atOnce
	}
	best, bestQuality := atOnce, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || kind != mediaParts && kind != mediaEvents {
			continue
		}
		quality := 1.0
		if q, ok := params["q"]; ok {
			quality, _ = strconv.ParseFloat(q, 64)
		}
		for _, d := range deliveries {
			if params[d.parameter] == d.value && quality > bestQuality {
				best, bestQuality = d.delivery, quality
			}
		}
	}
	return best
}

// inParts says whether the operation is to be delivered in parts.
func (o *operation) inParts() bool {
	if o.request.delivery == atOnce || o.kind() != ast.Query {
		return false
	}
	for _, l := range o.legs {
		if l.plan != nil && l.plan.Defers() {
			return true
		}
	}
	return false
}

// answerInParts executes a query and hands over its parts. What the control plane answers comes with the first.
func (o *operation) answerInParts(ctx context.Context, yield func(answer) bool) {
	yielding := false
	defer func() {
		if yielding {
			return // a panic of the receiver is not ours to stop
		}
		if panicked := recover(); panicked != nil {
			yield(o.handler.panicked(panicked))
		}
	}()
	if err := o.awaitRevision(ctx); err != nil {
		yield(refusedBy(err).answer())
		return
	}
	defer o.turn(ctx)()
	parts, data := make([]part, len(o.legs)), 0
	for i, l := range o.legs {
		if l.plan != nil {
			data = i
		} else {
			parts[i] = o.run(ctx, l)
		}
	}
	for p := range o.legs[data].plan.ExecuteInParts(ctx, o.planRequest()) {
		var a answer
		if p.Result != nil {
			parts[data] = o.partOf(*p.Result)
			a = o.firstPart(parts, &p)
		} else {
			a = answer{body: o.laterPart(&p), more: p.More}
		}
		yielding = true
		ok := yield(a)
		yielding = false
		if !ok || !a.more {
			return
		}
	}
}

// firstPart writes the answer without what is deferred, and announces that.
func (o *operation) firstPart(parts []part, p *query.Part) answer {
	whole := parts[0]
	if len(parts) > 1 {
		whole = merge(o.keys, parts)
	}
	a := o.finish(whole)
	if !p.More || whole.isNull() {
		return a
	}
	a.more = true
	end := map[string]any{"hasNext": true}
	if o.request.delivery == byPlace {
		end["pending"] = pendingOf(p.Pending)
	}
	text, _ := json.Marshal(end) // of our own types
	a.body = append(append(a.body[:len(a.body)-1], ','), text[1:]...)
	return a
}

// laterPart writes one part after the first.
func (o *operation) laterPart(p *query.Part) []byte {
	out := map[string]any{"hasNext": p.More}
	if o.request.delivery == by2022 {
		if len(p.Items) > 0 {
			out["incremental"] = o.items2022(p.Items)
		}
	} else {
		o.itemsByPlace(p, out)
	}
	text, _ := json.Marshal(out) // of our own types and of JSON
	return text
}

// items2022 writes every object with its path. Null that reached the fragment is its data.
func (o *operation) items2022(items []query.Item) []map[string]any {
	list := make([]map[string]any, len(items))
	for i, item := range items {
		one := map[string]any{"path": pathOf(item.Path), "data": json.RawMessage("null")}
		if item.Data != nil {
			one["data"] = json.RawMessage(item.Data)
		}
		if item.Label != "" {
			one["label"] = item.Label
		}
		if len(item.Errors) > 0 {
			one["errors"] = o.entries(item.Errors)
		}
		list[i] = one
	}
	return list
}

func (o *operation) itemsByPlace(p *query.Part, out map[string]any) {
	var incremental, completed []map[string]any
	for _, item := range p.Items {
		if item.Data == nil {
			continue // told by its completion
		}
		one := map[string]any{"id": strconv.Itoa(item.ID), "data": json.RawMessage(item.Data)}
		if len(item.Sub) > 0 {
			one["subPath"] = item.Sub
		}
		if len(item.Errors) > 0 {
			one["errors"] = o.entries(item.Errors)
		}
		incremental = append(incremental, one)
	}
	for _, done := range p.Done {
		one := map[string]any{"id": strconv.Itoa(done.ID)}
		if len(done.Errors) > 0 {
			one["errors"] = o.entries(done.Errors)
		}
		completed = append(completed, one)
	}
	if len(p.Pending) > 0 {
		out["pending"] = pendingOf(p.Pending)
	}
	if len(incremental) > 0 {
		out["incremental"] = incremental
	}
	if len(completed) > 0 {
		out["completed"] = completed
	}
}

func pendingOf(list []query.Pending) []map[string]any {
	out := make([]map[string]any, len(list))
	for i, p := range list {
		out[i] = map[string]any{"id": strconv.Itoa(p.ID), "path": pathOf(p.Path)}
		if p.Label != "" {
			out[i]["label"] = p.Label
		}
	}
	return out
}

// pathOf is a path as it is written: that of the root is an empty list.
func pathOf(path ast.Path) ast.Path {
	if path == nil {
		return ast.Path{}
	}
	return path
}

// The boundary follows each part at once: only then a client knows that the part is whole.
var (
	firstBoundary = []byte("---")
	partHead      = []byte("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n")
	boundary      = []byte("\r\n---")
	lastBoundary  = []byte("\r\n-----\r\n")
)

// serveParts answers in parts as multipart/mixed; an answer that has only one is written as media.
//
// Source: GraphQL over HTTP, RFC "Incremental Delivery".
func (h *Handler) serveParts(w http.ResponseWriter, r *http.Request, op *operation, media string) {
	answers, stop := h.stream(r.Context(), op)
	defer stop()
	a, ok := <-answers
	if !ok {
		return // the caller is gone
	}
	if a.revision != "" {
		w.Header()[revisionHeader] = []string{a.revision}
	}
	if !a.more {
		h.writeAnswer(w, media, a.status(media), a.body)
		return
	}
	w.Header()["Content-Type"] = partsTypes[op.request.delivery]
	w.Header()["Cache-Control"] = []string{"no-cache"}
	w.Header()["X-Accel-Buffering"] = []string{"no"}
	w.Header()["X-Content-Type-Options"] = noSniff
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	begin := firstBoundary
	for ; ok; a, ok = <-answers {
		_ = control.SetWriteDeadline(time.Now().Add(h.writeTime))
		end := lastBoundary
		if a.more {
			end = boundary
		}
		for _, text := range [][]byte{begin, partHead, a.body, end} {
			if _, err := w.Write(text); err != nil {
				return
			}
		}
		if control.Flush() != nil {
			return
		}
		begin = nil
	}
}
