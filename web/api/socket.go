package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"mereon/schema/fault"
)

// Limits of one socket.
const (
	socketProtocol   = "graphql-transport-ws"
	maxSubscriptions = 100
	pingEvery        = 5 * time.Second // and as long for the answer: who reads nothing is gone within 10 s
)

// Close codes of graphql-transport-ws.
//
// Source: graphql-ws PROTOCOL.md.
const (
	closeBadRequest   = 4400
	closeUnauthorized = 4401
	closeForbidden    = 4403
	closeProtocol     = 4406
	closeNoInit       = 4408
	closeDuplicate    = 4409
	closeManyInits    = 4429
)

// socket is one graphql-transport-ws connection. One goroutine reads, one pings, and each operation has one; all have ended
// when serve returns.
type socket struct {
	handler *Handler
	conn    *websocket.Conn
	ctx     context.Context // of the connection
	end     context.CancelFunc
	writing chan struct{} // holds one token while a message is written
	work    sync.WaitGroup
	owed    owed // answers that were made and not taken

	mu    sync.Mutex
	asked context.Context // ctx with who asks; nil before connection_init
	// delivery is how its operations take what they defer.
	delivery delivery
	running  map[string]*execution
}

// execution is one operation of a socket.
type execution struct {
	id     string
	ctx    context.Context
	cancel context.CancelFunc
}

type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// IsSocket says whether a request wants to become a WebSocket.
func IsSocket(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	if err := checkUpgrade(r); err != nil {
		Refuse(w, http.StatusBadRequest, err)
		return
	}
	leave, err := h.enter(r.Context())
	if err != nil {
		Refuse(w, StatusOf(fault.CodeOf(err)), err)
		return
	}
	defer leave()
	// The Origin is checked by the guard, for every transport alike.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}, InsecureSkipVerify: true})
	if err != nil {
		return // the connection cannot be taken over, which Accept has answered
	}
	defer conn.CloseNow()
	if conn.Subprotocol() != socketProtocol {
		_ = conn.Close(closeProtocol, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(int64(h.limits.Body))
	ctx, cancel := context.WithCancel(r.Context())
	s := &socket{handler: h, owed: owed{all: &h.buffered, limit: h.maxOwed}, conn: conn, ctx: ctx, end: cancel, writing: make(chan struct{}, 1), running: map[string]*execution{}}
	s.serve()
}

// checkUpgrade refuses what is no handshake, as JSON.
func checkUpgrade(r *http.Request) error {
	key := r.Header.Get("Sec-WebSocket-Key")
	if r.Method != http.MethodGet || r.Header.Get("Sec-WebSocket-Version") != "13" || len(key) != 24 ||
		!strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") {
		return fault.New(fault.Invalid, "this is no WebSocket handshake of version 13; connect with the sub-protocol %s", socketProtocol)
	}
	return nil
}

func (s *socket) serve() {
	late := time.AfterFunc(s.handler.initTime, func() {
		if s.principal() == nil {
			s.close(closeNoInit, "Connection initialisation timeout")
		}
	})
	s.work.Go(s.watch)
	for {
		kind, data, err := s.conn.Read(s.ctx)
		if err != nil {
			break
		}
		if kind != websocket.MessageText || !s.receive(data) {
			s.close(closeBadRequest, "Invalid message received")
			break
		}
	}
	late.Stop()
	s.end()
	s.work.Wait()
}

// watch finds peers that are gone: one that does not answer a ping within the interval is let go. It closes the socket when
// the service does.
func (s *socket) watch() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.handler.open.closing:
			s.close(websocket.StatusServiceRestart, "The service is stopping; connect again")
			return
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(s.ctx, pingEvery)
			err := s.conn.Ping(ctx)
			cancel()
			if err != nil {
				s.end()
				return
			}
		}
	}
}

// principal returns the context of operations, nil before connection_init was accepted.
func (s *socket) principal() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *socket) send(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.write(ctx, text)
}

// write sends one message, unless ctx has ended before its turn. A peer that takes nothing for writeTime is let go: the
// connection is closed.
func (s *socket) write(ctx context.Context, parts ...[]byte) error {
	taken, err := s.owed.add(parts)
	defer taken()
	if err != nil {
		s.end() // a close message would wait behind what is not read
		return err
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writing }()
	if err := ctx.Err(); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(s.ctx, s.handler.writeTime)
	defer cancel()
	err = s.writeParts(bounded, parts)
	if err != nil {
		s.end()
	}
	return err
}

func (s *socket) writeParts(ctx context.Context, parts [][]byte) error {
	w, err := s.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return w.Close()
}

// close says why and closes the connection.
func (s *socket) close(code websocket.StatusCode, reason string) {
	_ = s.conn.Close(code, reason)
	s.end()
}
