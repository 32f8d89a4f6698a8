package live

import (
	"errors"
	"net/http"
	"time"

	"mereon/scenes"
	"mereon/schema/fault"
)

// Events serves GET /scenes/{id}/events: one frame per server-sent event. The id of an event is the cursor that resumes
// after it, so that browsers do so by themselves. When the scene ends, a last event named "end" holds {"code","message"}.
func (s *Server) Events(w http.ResponseWriter, r *http.Request) {
	if err := s.enter(); err != nil {
		s.refuse(w, err)
		return
	}
	defer s.leave()
	ctx, cancel := s.joined(r)
	defer cancel()
	cursor, err := s.subscribe(ctx, r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	defer cursor.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must not collect events
	control := http.NewResponseController(w)
	for {
		frame, err := cursor.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				_ = s.event(w, control, endEvent(err, s.message(err)))
			}
			return
		}
		if err := s.event(w, control, frameEvent(frame)); err != nil {
			return
		}
	}
}

// frameEvent returns the parts of an event that holds a frame; frames have no line breaks. The frame's bytes are not copied.
func frameEvent(f scenes.Frame) [][]byte {
	return [][]byte{[]byte("id: " + f.Cursor() + "\ndata: "), f.Data, []byte("\n\n")}
}

func endEvent(err error, message string) [][]byte {
	return [][]byte{[]byte("event: end\ndata: "), endData(fault.CodeOf(err), message), []byte("\n\n")}
}

// event writes one event and sends it, within the stall time.
func (s *Server) event(w http.ResponseWriter, control *http.ResponseController, parts [][]byte) error {
	if err := control.SetWriteDeadline(time.Now().Add(s.options.Stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return control.Flush()
}
