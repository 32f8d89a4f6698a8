package live

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"mereon/scenes"
	"mereon/schema/fault"
)

// Close codes of the stream, beyond those of RFC 6455. They are told before frames.
const (
	CloseInvalid  websocket.StatusCode = 4400 // the scene can no longer be shown as asked for
	CloseNotFound websocket.StatusCode = 4404 // the scene was deleted
	CloseStalled  websocket.StatusCode = 4408 // the viewer took nothing for too long; resume
)

// Stream serves GET /scenes/{id}/stream: one frame per text message. What the viewer sends is not read; a data message ends
// the connection.
func (s *Server) Stream(w http.ResponseWriter, r *http.Request) {
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
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // Origin was checked before, for every transport alike
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	lasting := context.WithoutCancel(r.Context()) // to end a context in use would break off the connection without a word
	watching, stop := context.WithCancel(lasting)
	defer stop()
	defer context.AfterFunc(s.ctx, stop)()
	var tasks sync.WaitGroup
	defer tasks.Wait()
	var spoke atomic.Bool
	tasks.Go(func() { defer stop(); spoke.Store(listen(lasting, conn)) })
	tasks.Go(func() { s.probe(watching, lasting, conn) })
	code, reason := closing(s.send(watching, lasting, conn, cursor))
	stop()
	if spoke.Load() {
		code, reason = websocket.StatusPolicyViolation, "this stream takes no messages"
	}
	_ = conn.Close(code, reason)
}

// listen answers pings and closes until the viewer has gone, or sends a message, which none should: then it says true.
func listen(ctx context.Context, conn *websocket.Conn) bool {
	conn.SetReadLimit(1 << 10)
	_, _, err := conn.Read(ctx)
	return err == nil
}

// send writes frames until the viewer goes, stalls, or watching or the scene ends. A frame that is begun is finished.
func (s *Server) send(watching, lasting context.Context, conn *websocket.Conn, cursor *scenes.Cursor) error {
	for {
		frame, err := cursor.Next(watching)
		if err != nil {
			return err
		}
		if err := s.write(lasting, conn, frame.Data); err != nil {
			return err
		}
	}
}

func (s *Server) write(ctx context.Context, conn *websocket.Conn, data []byte) error {
	deadline, cancel := context.WithTimeout(ctx, s.options.Stall)
	defer cancel()
	return conn.Write(deadline, websocket.MessageText, data)
}

// probe ends the connection of a viewer that no longer reads, also while the network still takes what is written: each
// half of the stall time it asks for a pong and waits the other half for it.
func (s *Server) probe(watching, lasting context.Context, conn *websocket.Conn) {
	half := s.options.Stall / 2
	ticker := time.NewTicker(half)
	defer ticker.Stop()
	for {
		select {
		case <-watching.Done():
			return
		case <-ticker.C:
		}
		wait, cancel := context.WithTimeout(lasting, half)
		err := conn.Ping(wait)
		cancel()
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				_ = conn.CloseNow() // a close message would wait behind what is not read
			}
			return
		}
	}
}

// closing returns the close code for the end of a stream.
func closing(err error) (websocket.StatusCode, string) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return CloseStalled, "nothing was read for too long; resume"
	case errors.Is(err, context.Canceled):
		return websocket.StatusGoingAway, ""
	}
	switch fault.CodeOf(err) {
	case fault.NotFound:
		return CloseNotFound, "the scene was deleted"
	case fault.Unavailable:
		return websocket.StatusServiceRestart, "connect again"
	case fault.Invalid, fault.Limit:
		return CloseInvalid, "the scene can no longer be shown as asked for; load it again"
	}
	return websocket.StatusInternalError, ""
}
