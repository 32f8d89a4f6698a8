package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

// servers is what listens.
type servers struct {
	http *http.Server
	note string // the file that tells tools where this server is
}

// Running tells where the server of a store is, for the tools that run beside it.
type Running struct {
	URL string `json:"url"`
	PID int    `json:"pid"`
}

const runningFile = "server.json"

// ReadRunning reads the note of the server that runs, or ran, on the store in data.
func ReadRunning(data string) (Running, error) {
	var r Running
	text, err := os.ReadFile(filepath.Join(data, runningFile))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// Listen starts to serve and returns the base URL once requests are answered. The channel gives the error that ends it, if any.
//
// Errors: Conflict when the address is in use; Invalid when it is not one, or reachable from elsewhere without tokens.
func (s *Service) Listen(ctx context.Context) (string, <-chan error, error) {
	address := s.config.Listen
	if s.options.Own {
		return "", nil, fault.New(fault.Internal, "a service for the process itself listens to nothing")
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return "", nil, fault.New(fault.Invalid, "%s is not host:port; write for example 127.0.0.1:8080", address)
	}
	if !project.Loopback(address) && len(s.guard.Tokens) == 0 {
		return "", nil, fault.New(fault.Invalid, "%s is reachable from other machines, and the project has no tokens; add access: {tokens: ...} to mereon.yaml, or listen on 127.0.0.1", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return "", nil, fault.New(fault.Conflict, "%s is in use; end the program that uses it, or choose another address with --listen 127.0.0.1:0", address)
		}
		return "", nil, fault.Wrap(fault.Invalid, err, "cannot listen on %s", address)
	}
	s.servers.http = &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeaders,
		DisableGeneralOptionsHandler: true,
	}
	done := make(chan error, 1)
	go func() {
		if err := s.servers.http.Serve(border{listener}); !errors.Is(err, http.ErrServerClosed) {
			done <- err
		}
	}()
	url := "http://" + reached(listener.Addr())
	return url, done, s.announce(url)
}

// maxHeaders bounds the headers of a request, in bytes.
const maxHeaders = 64 << 10

// reached is the address under which this machine reaches a listener; one on all interfaces is reached by loopback.
func reached(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return address.String()
}

// announce leaves a note beside the store, so that plan, apply and query find this server.
func (s *Service) announce(url string) error {
	text, err := json.Marshal(Running{URL: url, PID: os.Getpid()})
	if err != nil {
		return err
	}
	s.servers.note = filepath.Join(s.options.Data, runningFile)
	if err = os.MkdirAll(s.options.Data, 0o700); err == nil { // a store elsewhere makes no folder here
		err = os.WriteFile(s.servers.note, text, 0o600)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "write beside the store")
	}
	return nil
}

// Shutdown stops listening, lets running requests end until ctx does, and closes the service.
func (s *Service) Shutdown(ctx context.Context) error {
	var err error
	if s.servers.http != nil {
		if note, err := ReadRunning(s.options.Data); err == nil && note.PID == os.Getpid() { // not that of another replica
			_ = os.Remove(s.servers.note)
		}
		s.drain()
		if err = s.servers.http.Shutdown(ctx); err != nil {
			err = s.servers.http.Close()
		}
	}
	return errors.Join(err, s.Close())
}
