package api

import (
	"net/http"
	"time"
)

const (
	keepAlive  = 12 * time.Second
	writeLimit = 10 * time.Second // a reader that takes nothing for so long is let go
)

// serveEvents answers as server-sent events in distinct-connection mode: one "next" event for each answer, then "complete".
//
// Source: graphql-sse PROTOCOL.md, "Distinct connections mode". The complete event carries an empty data line, so that a
// browser's EventSource dispatches it.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request, op *operation, refused *refusal) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", mediaEvents+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, no-transform")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	send := func(text ...[]byte) error {
		_ = control.SetWriteDeadline(time.Now().Add(writeLimit))
		for _, t := range text {
			if _, err := w.Write(t); err != nil {
				return err
			}
		}
		return control.Flush()
	}
	if send([]byte(":\n\n")) != nil {
		return
	}
	if refused != nil {
		_ = send(nextEvent, refused.body(), eventEnd, completeEvent)
		return
	}
	answers, stop := h.stream(r.Context(), op)
	defer stop()
	quiet := time.NewTicker(keepAlive)
	defer quiet.Stop()
	for {
		select {
		case a, more := <-answers:
			if !more {
				_ = send(completeEvent)
				return
			}
			if send(nextEvent, a.body, eventEnd) != nil {
				return
			}
		case <-quiet.C:
			if send([]byte(":\n\n")) != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

var (
	nextEvent     = []byte("event: next\ndata: ")
	eventEnd      = []byte("\n\n")
	completeEvent = []byte("event: complete\ndata: \n\n")
)
