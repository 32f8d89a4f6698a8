package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Limits of one socket.
const (
	socketProtocol   = "graphql-transport-ws"
	initTimeout      = 5 * time.Second
	maxSubscriptions = 100
	pingEvery        = 15 * time.Second
)

// Close codes of graphql-transport-ws.
//
// Source: graphql-ws PROTOCOL.md.
const (
	closeBadRequest   = 4400
	closeUnauthorized = 4401
	closeForbidden    = 4403
	closeSlow         = 4408 // also "connection initialisation timeout"
	closeDuplicate    = 4409
	closeManyInits    = 4429
)

type socket struct {
	handler *Handler
	conn    *websocket.Conn
	ctx     context.Context // of the connection
	end     context.CancelFunc
	writing sync.Mutex
	mu      sync.Mutex
	asked   context.Context // of operations: ctx with who asks
	ready   bool
	running map[string]context.CancelFunc
	work    sync.WaitGroup
}

type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}, InsecureSkipVerify: true}) // Origin is checked by the guard
	if err != nil {
		return // Accept has answered
	}
	if conn.Subprotocol() != socketProtocol {
		_ = conn.Close(4406, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(int64(h.limits.Body))
	ctx, cancel := context.WithCancel(r.Context())
	s := &socket{handler: h, conn: conn, ctx: ctx, asked: ctx, end: cancel, running: map[string]context.CancelFunc{}}
	defer conn.CloseNow()
	timer := time.AfterFunc(initTimeout, func() {
		s.mu.Lock()
		late := !s.ready
		s.mu.Unlock()
		if late {
			s.close(closeSlow, "Connection initialisation timeout")
		}
	})
	defer timer.Stop()
	go s.pings()
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil {
			break
		}
		if kind != websocket.MessageText || !s.receive(data) {
			s.close(closeBadRequest, "Invalid message received")
			break
		}
	}
	cancel()
	s.work.Wait()
}

// pings finds peers that are gone: one that does not answer within the interval is let go.
func (s *socket) pings() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
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

// receive handles one message; false is a message the protocol does not know.
func (s *socket) receive(data []byte) bool {
	var m message
	decoder := json.NewDecoder(bytes.NewReader(data))
	if decoder.Decode(&m) != nil || decoder.More() {
		return false
	}
	switch m.Type {
	case "connection_init":
		s.init(m.Payload)
	case "ping":
		_ = s.send(message{Type: "pong", Payload: m.Payload})
	case "pong":
	case "subscribe":
		return s.subscribe(m)
	case "complete":
		s.mu.Lock()
		cancel := s.running[m.ID]
		delete(s.running, m.ID)
		s.mu.Unlock()
		if cancel != nil {
			cancel()
		}
	default:
		return false
	}
	return true
}

func (s *socket) init(payload json.RawMessage) {
	s.mu.Lock()
	again := s.ready
	s.ready = true
	s.mu.Unlock()
	if again {
		s.close(closeManyInits, "Too many initialisation requests")
		return
	}
	if s.handler.authorize != nil {
		var fields struct {
			Authorization string `json:"authorization"`
		}
		_ = json.Unmarshal(payload, &fields)
		ctx, ok := s.handler.authorize(s.ctx, fields.Authorization)
		if !ok {
			s.close(closeForbidden, "Forbidden")
			return
		}
		s.mu.Lock()
		s.asked = ctx
		s.mu.Unlock()
	}
	_ = s.send(message{Type: "connection_ack"})
}

func (s *socket) subscribe(m message) bool {
	s.mu.Lock()
	ready, taken, many := s.ready, s.running[m.ID] != nil, len(s.running) >= maxSubscriptions
	s.mu.Unlock()
	if !ready {
		s.close(closeUnauthorized, "Unauthorized")
		return true
	}
	request, err := decodeRequest(m.Payload)
	if m.ID == "" || err != nil {
		return false
	}
	if taken {
		s.close(closeDuplicate, "Subscriber for "+m.ID[:min(len(m.ID), 64)]+" already exists")
		return true
	}
	if many {
		_ = s.send(message{ID: m.ID, Type: "error", Payload: json.RawMessage(`[{"message":"this connection has 100 running operations, which is the limit; complete some or open another","extensions":{"code":"LIMIT"}}]`)})
		return true
	}
	s.mu.Lock()
	ctx, cancel := context.WithCancel(s.asked)
	s.running[m.ID] = cancel
	s.mu.Unlock()
	s.work.Go(func() { s.run(ctx, m.ID, request) })
	return true
}

// run executes one operation and sends its answers until it ends or the client completes it.
func (s *socket) run(ctx context.Context, id string, request *Request) {
	op, refused := s.handler.prepare(ctx, request)
	if refused != nil {
		if s.finish(id) {
			_ = s.send(message{ID: id, Type: "error", Payload: refused.list()})
		}
		return
	}
	answers, stop := s.handler.stream(ctx, op)
	defer stop()
	prefix, _ := json.Marshal(id)
	prefix = append(append([]byte(`{"id":`), prefix...), `,"type":"next","payload":`...)
	for a := range answers {
		if ctx.Err() != nil {
			break
		}
		if s.write(prefix, a.body, []byte("}")) != nil {
			s.end()
			return
		}
	}
	if s.finish(id) && s.ctx.Err() == nil {
		_ = s.send(message{ID: id, Type: "complete"})
	}
}

// finish forgets an operation; false when the client has completed it already.
func (s *socket) finish(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancel, ok := s.running[id]
	delete(s.running, id)
	if ok {
		cancel()
	}
	return ok
}

func (s *socket) send(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.write(text)
}

// write sends one message. A peer that takes nothing for writeLimit is let go: the connection is closed by the expired context.
func (s *socket) write(parts ...[]byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	ctx, cancel := context.WithTimeout(s.ctx, writeLimit)
	defer cancel()
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

func (s *socket) close(code websocket.StatusCode, reason string) {
	_ = s.conn.Close(code, reason)
	s.end()
}
