package api

import (
	"mime"
	"net/http"
	"strings"

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
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		h.serveSocket(w, r)
		return
	}
	media := negotiate(r.Header.Get("Accept"))
	if media == "" {
		Refuse(w, http.StatusNotAcceptable, fault.New(fault.Invalid, "answers are %s, %s or %s", mediaGraphQL, mediaJSON, mediaEvents))
		return
	}
	var request *Request
	var err error
	status := http.StatusBadRequest
	switch r.Method {
	case http.MethodPost:
		request, status, err = readPost(w, r, h.limits.Body)
	case http.MethodGet:
		request, err = readGet(r, h.limits.Body)
	default:
		w.Header().Set("Allow", "GET, POST")
		Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "GraphQL is asked by POST or GET"))
		return
	}
	if err != nil {
		Refuse(w, status, err)
		return
	}
	op, refusal := h.prepare(r.Context(), request)
	switch {
	case refusal != nil && media == mediaEvents:
		h.serveEvents(w, r, nil, refusal)
	case refusal != nil:
		writeAnswer(w, media, refusal.status(media), refusal.body())
	case r.Method == http.MethodGet && op.kind == ast.Mutation:
		w.Header().Set("Allow", "POST")
		Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "mutations are sent by POST"))
	case media == mediaEvents:
		h.serveEvents(w, r, op, nil)
	case op.kind == ast.Subscription:
		Refuse(w, http.StatusBadRequest, fault.New(fault.Invalid, "subscriptions answer as %s (Accept header) or over a WebSocket", mediaEvents))
	default:
		ctx, cancel := h.deadline(r.Context())
		defer cancel()
		answer := op.answer(ctx)
		w.Header().Set("Mereon-Revision", answer.revision)
		writeAnswer(w, media, answer.status(media), answer.body)
	}
}

func writeAnswer(w http.ResponseWriter, media string, status int, body []byte) {
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// negotiate picks the media type of the answer: the first acceptable one as the client ranks them, "" for none.
func negotiate(accept string) string {
	if accept == "" {
		return mediaJSON
	}
	best, bestQuality := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		quality := qualityOf(params["q"])
		switch kind {
		case mediaGraphQL, mediaJSON, mediaEvents:
		case "*/*", "application/*":
			kind = mediaJSON
		default:
			continue
		}
		if quality > bestQuality {
			best, bestQuality = kind, quality
		}
	}
	return best
}

func qualityOf(q string) float64 {
	if q == "" {
		return 1
	}
	value := 0.0
	scale := 1.0
	for i, c := range q {
		switch {
		case i == 1 && c == '.':
		case c >= '0' && c <= '9' && i == 0:
			value = float64(c - '0')
		case c >= '0' && c <= '9':
			scale /= 10
			value += float64(c-'0') * scale
		default:
			return 0
		}
	}
	return value
}
