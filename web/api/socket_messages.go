package api

import (
	"context"
	"encoding/json"
	"strings"

	"mereon/graph"
	"mereon/schema/fault"
)

// receive handles one message; false is a message the protocol does not know.
func (s *socket) receive(data []byte) bool {
	var m message
	if json.Unmarshal(data, &m) != nil {
		return false
	}
	switch m.Type {
	case "connection_init":
		return s.init(m.Payload)
	case "ping":
		_ = s.send(s.ctx, message{Type: "pong", Payload: m.Payload})
	case "pong":
	case "subscribe":
		return s.subscribe(m)
	case "complete":
		s.forget(s.find(m.ID))
	default:
		return false
	}
	return true
}

// init accepts the connection of who the payload's authorization names, or the request's own principal.
func (s *socket) init(payload json.RawMessage) bool {
	if s.principal() != nil {
		s.close(closeManyInits, "Too many initialisation requests")
		return true
	}
	var fields struct {
		Authorization string `json:"authorization"`
		Accept        string `json:"accept"` // as the header: how deferred fragments are taken
	}
	if len(payload) > 0 && json.Unmarshal(payload, &fields) != nil {
		return false
	}
	ctx, ok := s.ctx, true
	if s.handler.authorize != nil {
		ctx, ok = s.handler.authorize(s.ctx, strings.TrimPrefix(fields.Authorization, "Bearer "))
	}
	if !ok {
		s.close(closeForbidden, "Forbidden")
		return true
	}
	s.mu.Lock()
	s.asked, s.delivery = ctx, deliveryOf(fields.Accept)
	s.mu.Unlock()
	_ = s.send(s.ctx, message{Type: "connection_ack"})
	return true
}

func (s *socket) subscribe(m message) bool {
	asked := s.principal()
	if asked == nil {
		s.close(closeUnauthorized, "Unauthorized")
		return true
	}
	request, err := decodeRequest(m.Payload)
	if m.ID == "" || err != nil {
		return false
	}
	if s.find(m.ID) != nil {
		s.close(closeDuplicate, "Subscriber for "+m.ID[:min(len(m.ID), 64)]+" already exists")
		return true
	}
	request.delivery = s.delivery // settled before the first operation
	if err := request.demandRevision(""); err != nil {
		_ = s.send(s.ctx, errorMessage(m.ID, refusedBy(err).answer()))
		return true
	}
	ctx, cancel := context.WithCancel(asked)
	e := &execution{m.ID, ctx, cancel}
	if !s.remember(e) {
		cancel()
		_ = s.send(s.ctx, errorMessage(m.ID, refusedBy(fault.New(fault.Limit, "a connection runs at most %d operations at once; complete some, or open another", maxSubscriptions)).answer()))
		return true
	}
	var since graph.Revision
	if request.Query == "" || strings.Contains(request.Query, "subscription") { // before the next message is read: it may write
		since, _ = s.handler.Current().Engine.Revision(ctx)
	}
	s.work.Go(func() { s.run(e, request, since) })
	return true
}

// run executes one operation and sends its answers until it ends or the client completes it. An answer without data is the
// protocol's error message, which ends the operation. A subscription misses nothing that was written after since.
func (s *socket) run(e *execution, request *Request, since graph.Revision) {
	defer s.forget(e)
	last := message{ID: e.id, Type: "complete"}
	op, refused, done := s.handler.admit(e.ctx, request)
	defer done()
	if refused == nil && since > 0 {
		op.accepted = since
	}
	if refused != nil {
		last = errorMessage(e.id, refused.answer())
	} else if failed := s.answer(e, op); failed != nil {
		last = errorMessage(e.id, *failed)
	}
	if s.forget(e) { // before the last message: then the client may use the id again
		_ = s.send(s.ctx, last)
	}
}

// answer sends the answers of an operation. It returns the one without data, if there is one.
func (s *socket) answer(e *execution, op *operation) *answer {
	id, _ := json.Marshal(e.id)
	prefix := append(append([]byte(`{"id":`), id...), `,"type":"next","payload":`...)
	for a := range s.handler.answers(e.ctx, op) {
		if a.code != "" {
			return &a
		}
		if s.write(e.ctx, prefix, a.body, []byte("}")) != nil {
			return nil
		}
	}
	return nil
}

func errorMessage(id string, a answer) message {
	return message{ID: id, Type: "error", Payload: a.errors}
}

func (s *socket) find(id string) *execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id]
}

// remember adds an operation; false when there are too many.
func (s *socket) remember(e *execution) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.running) >= maxSubscriptions {
		return false
	}
	s.running[e.id] = e
	return true
}

// forget ends an operation and frees its id; false when the client or an earlier call had done so.
func (s *socket) forget(e *execution) bool {
	if e == nil {
		return false
	}
	e.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[e.id] != e {
		return false
	}
	delete(s.running, e.id)
	return true
}
