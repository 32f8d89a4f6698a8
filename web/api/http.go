package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// Media types of answers.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
	mediaEvents  = "text/event-stream"
)

// ServeHTTP answers GraphQL over HTTP: POST, GET for queries, server-sent events where asked for, and WebSocket upgrades.
//
// Source: GraphQL over HTTP, draft; statuses as its media types demand.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if IsSocket(r) {
		h.serveSocket(w, r)
		return
	}
	media := negotiate(r.Header.Get("Accept"))
	if media == "" {
		Refuse(w, http.StatusNotAcceptable, fault.New(fault.Invalid, "answers are %s, %s or %s", mediaGraphQL, mediaJSON, mediaEvents))
		return
	}
	done, err := h.admission.Operation(r.Context())
	if err != nil {
		Refuse(w, http.StatusTooManyRequests, err)
		return
	}
	defer done()
	request, status, err := h.read(w, r)
	if err != nil {
		Refuse(w, status, err)
		return
	}
	request.key = r.Header.Get("Idempotency-Key")
	if media == mediaEvents {
		request.events, request.lastEvent = true, r.Header.Get("Last-Event-ID")
	}
	request.delivery = deliveryOf(r.Header.Get("Accept"))
	if err := request.demandRevision(r.Header.Get(revisionHeader)); err != nil {
		Refuse(w, http.StatusBadRequest, err)
		return
	}
	op, refusal := h.prepare(r.Context(), request)
	switch {
	case refusal == nil && r.Method == http.MethodGet && op.kind() == ast.Mutation:
		w.Header().Set("Allow", "POST")
		Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "mutations are sent by POST"))
	case media == mediaEvents:
		done() // it counts as a stream from here
		h.serveEvents(w, r, op, refusal)
	case refusal != nil:
		h.writeAnswer(w, media, refusal.status(media), refusal.answer().body)
	case op.kind() == ast.Subscription:
		Refuse(w, http.StatusBadRequest, fault.New(fault.Invalid, "subscriptions answer as %s (Accept header) or over a WebSocket", mediaEvents))
	case op.inParts():
		h.serveParts(w, r, op, media)
	default:
		ctx, cancel := h.deadline(r.Context())
		defer cancel()
		answer := op.answer(ctx)
		if answer.revision != "" {
			w.Header()[revisionHeader] = []string{answer.revision}
		}
		if r.Method == http.MethodGet && cacheable(w, r, media, &answer) {
			return
		}
		h.writeAnswer(w, media, answer.status(media), answer.body)
	}
}

// read reads the request by its method; status is that of a refusal.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (_ *Request, status int, _ error) {
	switch r.Method {
	case http.MethodPost:
		return readPost(w, r, h.limits.Body)
	case http.MethodGet:
		request, err := readGet(r, h.limits.Body)
		return request, http.StatusBadRequest, err
	}
	w.Header().Set("Allow", "GET, POST")
	return nil, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "GraphQL is asked by POST or GET")
}

// writeChunk is how much a reader must take within writeTime, in bytes.
const writeChunk = 256 << 10

// writeAnswer writes a whole response. A reader that stops is let go.
func (h *Handler) writeAnswer(w http.ResponseWriter, media string, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = contentTypes[media]
	header["X-Content-Type-Options"] = noSniff
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	control := http.NewResponseController(w)
	for len(body) > 0 {
		n := min(len(body), writeChunk)
		_ = control.SetWriteDeadline(time.Now().Add(h.writeTime))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		body = body[n:]
	}
}

// Values of headers, shared by all answers.
var (
	contentTypes = map[string][]string{mediaJSON: {mediaJSON + "; charset=utf-8"}, mediaGraphQL: {mediaGraphQL + "; charset=utf-8"}}
	noSniff      = []string{"nosniff"}
)

// negotiate picks the media type of the answer: the first acceptable one as the client ranks them, "" for none.
func negotiate(accept string) string {
	switch accept {
	case "", "*/*", mediaJSON:
		return mediaJSON
	case mediaGraphQL, mediaEvents:
		return accept
	}
	best, bestQuality := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		switch kind {
		case mediaGraphQL, mediaJSON, mediaEvents:
		case "*/*", "application/*":
			kind = mediaJSON
		case mediaParts: // what is not deferred is no multipart
			if deliveryOf(part) == atOnce {
				continue
			}
			kind, params["q"] = mediaJSON, "0.001"
		default:
			continue
		}
		quality := 1.0
		if q, ok := params["q"]; ok {
			quality, _ = strconv.ParseFloat(q, 64) // what is no number is not wanted
		}
		if quality > bestQuality {
			best, bestQuality = kind, quality
		}
	}
	return best
}
