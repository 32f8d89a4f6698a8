package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"mereon/scenes"
	"mereon/schema/fault"
)

// Options configures a Server. Scenes is required.
type Options struct {
	Scenes *scenes.Live
	// Stall is how long a viewer may take nothing before it is closed. Default 10 s.
	Stall time.Duration
	// MaxViewers bounds the connections open at once. Default 20,000.
	MaxViewers int
	// Ignore are query parameters that are none of the scene's: those the caller uses itself.
	Ignore []string
	Log    *slog.Logger // default: discards
}

func (o *Options) ensureDefaults() {
	if o.Stall == 0 {
		o.Stall = 10 * time.Second
	}
	if o.MaxViewers == 0 {
		o.MaxViewers = 20_000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Server serves frames. It is safe for concurrent use.
type Server struct {
	options Options
	ctx     context.Context // ends when the server closes
	cancel  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	viewers int
	idle    chan struct{} // closed when the last viewer has gone after Close
}

// New returns a server of frames.
func New(options Options) *Server {
	options.ensureDefaults()
	s := &Server{options: options, idle: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Viewers returns the number of connections open now.
func (s *Server) Viewers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewers
}

// Close ends all connections and waits for them, until ctx ends. It is safe to call twice.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.cancel()
		if s.viewers == 0 {
			close(s.idle)
		}
	}
	s.mu.Unlock()
	select {
	case <-s.idle:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Timeout, "viewers are still connected")
	}
}

// enter counts a viewer in; leave must follow.
func (s *Server) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return fault.New(fault.Unavailable, "the server is stopping; connect again")
	case s.viewers >= s.options.MaxViewers:
		return fault.New(fault.Limit, "%d viewers are connected, no more are taken", s.viewers)
	}
	s.viewers++
	return nil
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.viewers--; s.viewers == 0 && s.closed {
		close(s.idle)
	}
}

// joined returns a context that ends with the request or the server.
func (s *Server) joined(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// subscribe begins to watch what a request asks for.
func (s *Server) subscribe(ctx context.Context, r *http.Request) (*scenes.Cursor, error) {
	query := r.URL.Query()
	from := query.Get("from")
	if from == "" {
		from = r.Header.Get("Last-Event-ID")
	}
	parameters := map[string]string{}
	for name, values := range query {
		if name != "from" && !slices.Contains(s.options.Ignore, name) {
			parameters[name] = values[0]
		}
	}
	return s.options.Scenes.Subscribe(ctx, r.PathValue("id"), parameters, from)
}

// statuses are the HTTP statuses of errors.
var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusBadRequest, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.Limit: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Timeout: http.StatusGatewayTimeout,
}

// refuse answers a request with an error, before any frame was sent.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	code, message := fault.CodeOf(err), s.message(err)
	status, ok := statuses[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(endData(code, message), '\n')) // fails only when who asked has gone
}

// endData is how an error is told in the stream of events.
func endData(code fault.Code, message string) []byte {
	data, err := json.Marshal(map[string]string{"code": string(code), "message": message})
	if err != nil { // two texts always become JSON
		return []byte("{}")
	}
	return data
}

// message is what a viewer may read of an error; internal ones are logged and not told.
func (s *Server) message(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		s.options.Log.Error("live frames", "error", err)
		return "internal error"
	}
	text := err.Error()
	if len(text) > longestMessage { // it may quote what was asked for
		text = strings.ToValidUTF8(text[:longestMessage], "") + " ..."
	}
	return text
}

// longestMessage is how much of an error is told, in bytes.
const longestMessage = 500
