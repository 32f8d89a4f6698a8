package api

import (
	"context"
	"net/http"
	"time"

	"mereon/schema/fault"
)

// keepAlive is how often a quiet stream says that it lives.
const keepAlive = 12 * time.Second

var (
	eventID       = []byte("id: ")
	nextEvent     = []byte("event: next\ndata: ")
	eventEnd      = []byte("\n\n")
	completeEvent = []byte("event: complete\ndata: \n\n")
	comment       = []byte(":\n\n")
)

// serveEvents answers as server-sent events in distinct-connection mode: one "next" event for each answer, then "complete".
//
// Source: graphql-sse PROTOCOL.md, "Distinct connections mode". The complete event carries an empty data line, so that a
// browser's EventSource dispatches it.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request, op *operation, refused *refusal) {
	leave, err := h.enter(r.Context())
	if err != nil {
		Refuse(w, StatusOf(fault.CodeOf(err)), err)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", mediaEvents+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, no-transform")
	w.Header().Set("X-Accel-Buffering", "no")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	s := &eventStream{w, http.NewResponseController(w), h.writeTime, owed{all: &h.buffered}}
	if s.send(comment) != nil {
		return
	}
	if refused != nil {
		_ = s.send(nextEvent, refused.answer().body, eventEnd, completeEvent)
		return
	}
	answers, stop := h.stream(r.Context(), op)
	defer stop()
	h.passOn(r.Context(), s, answers)
}

// passOn sends answers until there are no more, the reader is gone, or the service closes. Then the stream ends without
// "complete": readers take it for a lost connection and ask again, here or at a replica.
func (h *Handler) passOn(ctx context.Context, s *eventStream, answers <-chan answer) {
	quiet := time.NewTicker(keepAlive)
	defer quiet.Stop()
	for {
		var err error
		select {
		case a, more := <-answers:
			if !more {
				_ = s.send(completeEvent)
				return
			}
			err = s.sendAnswer(a)
		case <-quiet.C:
			err = s.send(comment)
		case <-h.open.closing:
			return
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// eventStream writes events, each within limit.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
	owed    owed
}

// sendAnswer sends an answer with its id, if it has one. An id alone makes no event, but a browser that comes again tells it.
//
// Source: HTML Living Standard, "Server-sent events", "Interpreting an event stream".
func (s *eventStream) sendAnswer(a answer) error {
	switch {
	case a.body == nil:
		return s.send(eventID, []byte(a.id), eventEnd)
	case a.id != "":
		return s.send(eventID, []byte(a.id), eventEnd[:1], nextEvent, a.body, eventEnd)
	}
	return s.send(nextEvent, a.body, eventEnd)
}

func (s *eventStream) send(text ...[]byte) error {
	taken, _ := s.owed.add(text) // one answer at a time: the next is made when this one is taken
	defer taken()
	_ = s.control.SetWriteDeadline(time.Now().Add(s.limit))
	for _, t := range text {
		if _, err := s.w.Write(t); err != nil {
			return err
		}
	}
	return s.control.Flush()
}

// stream runs an operation beside the caller. stop must be called; it waits for the end.
func (h *Handler) stream(ctx context.Context, op *operation) (_ <-chan answer, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan answer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(answers)
		for a := range h.answers(ctx, op) {
			select {
			case answers <- a:
			case <-ctx.Done():
				return
			}
		}
	}()
	return answers, func() { cancel(); <-done }
}
