package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"mereon/connectors"
)

// lookEvery is how often a file is looked at for change.
const lookEvery = time.Second

// source is one file and its newest index. A changed file gets a new index, which takes the place of the old one at once;
// questions that read the old one end first.
type source struct {
	path, name string
	layout     *layout
	changed    func() // called after a new index, and when there is none any more

	mu     sync.Mutex
	index  *index
	failed error
	ready  chan struct{} // closed when there is an index or a failure
	kick   chan struct{}
}

func (s *source) start() (ready chan struct{}, kick chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil {
		s.ready, s.kick = make(chan struct{}), make(chan struct{}, 1)
	}
	return s.ready, s.kick
}

// follow indexes the file now and after each change, until ctx ends.
func (s *source) follow(ctx context.Context) {
	_, kick := s.start()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-kick:
		}
	}
}

// look makes a new index when the file is another than before.
func (s *source) look(ctx context.Context) {
	info, err := os.Stat(s.path)
	s.mu.Lock()
	old := s.index
	s.mu.Unlock()
	if err == nil && old != nil && old.stamp == stampOf(info) {
		return
	}
	var next *index
	if err == nil {
		next, err = build(ctx, s.path, s.layout)
	}
	if ctx.Err() != nil {
		if next != nil {
			next.retire()
		}
		return
	}
	s.set(next, s.explain(err))
	if old != nil {
		old.retire()
	}
	if err == nil || old != nil {
		s.changed()
	}
}

func (s *source) set(next *index, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index, s.failed = next, err
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
}

// explain makes a failure of an error, without the place of the project on this machine.
func (s *source) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &connectors.Failure{Status: connectors.Unavailable, Message: "there is no file " + s.name + " in the project folder", Cause: err}
	case errors.Is(err, fs.ErrPermission):
		return &connectors.Failure{Status: connectors.Denied, Message: "the file " + s.name + " may not be read by this service", Cause: err}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &connectors.Failure{Status: connectors.Unavailable, Message: fmt.Sprintf("the file %s cannot be used: %s", s.name, err), Cause: err}
}

// quick is how long indexing may take for a changed file to be waited for. A larger one, to which rows are appended, is
// served as it was until it is indexed again.
const quick = 200 * time.Millisecond

// current returns the newest index, in use until it is released. A file that changed since is indexed first, unless that
// takes long and the rows that are indexed are still where they were.
func (s *source) current(ctx context.Context) (*index, error) {
	ready, kick := s.start()
	for {
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, s.busy(ctx)
		}
		s.mu.Lock()
		i, err := s.index, s.failed
		if i != nil {
			i.use.RLock()
		}
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		fresh := s.stamp() == i.stamp
		if fresh && i.file != nil {
			return i, nil
		}
		select {
		case kick <- struct{}{}:
		default:
		}
		if i.took > quick && i.unmoved() {
			return i, nil
		}
		i.release()
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return nil, s.busy(ctx)
		}
	}
}

func (s *source) busy(ctx context.Context) error {
	return &connectors.Failure{Status: connectors.TimedOut, Message: "the file " + s.name + " is still being indexed", Cause: ctx.Err()}
}

// stamp tells states of the file apart, "" when it is not there.
func (s *source) stamp() string {
	info, err := os.Stat(s.path)
	if err != nil {
		return ""
	}
	return stampOf(info)
}

// peek returns the newest index without waiting, nil when there is none.
func (s *source) peek() *index {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.index
}

func (s *source) close() {
	if i := s.peek(); i != nil {
		i.retire()
	}
	s.set(nil, &connectors.Failure{Status: connectors.Unavailable, Message: "the connector is closed"})
}

func (s *source) report() (string, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index == nil {
		return "", time.Time{}
	}
	return s.index.damage.text(s.name), s.index.built
}

func stampOf(info os.FileInfo) string {
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}
