package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/schema/fault"
)

// follow serves what others apply to the same store, as soon as the change log tells, from the revision on that is served.
func (s *Service) follow(at graph.Revision) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	s.onClose(func(context.Context) error {
		cancel()
		<-done
		return nil
	})
	go func() {
		defer close(done)
		for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
			before := at
			if at = s.followFrom(ctx, at); at > before {
				pause = firstPause
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}()
}

const firstPause, lastPause = 50 * time.Millisecond, 5 * time.Second

// followFrom reads the change log until it ends, and returns where.
func (s *Service) followFrom(ctx context.Context, at graph.Revision) graph.Revision {
	for change, err := range s.store.Watch(ctx, at) {
		switch {
		case ctx.Err() != nil:
			return at
		case fault.CodeOf(err) == fault.Conflict: // the log no longer reaches back: look at what is there
			_, newest, err := s.stored(ctx)
			if err == nil && s.reload(ctx) == nil {
				return newest
			}
			return at
		case err != nil:
			return at
		case slices.ContainsFunc(change.Artifacts, isServed) && s.reload(ctx) != nil:
			return at
		}
		at = change.Revision
	}
	return at
}

// isServed says whether what is served is made of an artifact.
func isServed(a graph.ArtifactDelta) bool {
	return a.Kind == graph.ArtifactModel || a.Kind == graph.ArtifactRules || a.Kind == graph.ArtifactDocument
}

// reload serves what is stored, when it is not what is served. What this version does not understand is not served, and
// nothing is written until it is: the old model goes on to answer reads. An error means that the store cannot be read now.
func (s *Service) reload(ctx context.Context) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	err := s.reloadNow(ctx)
	switch code := fault.CodeOf(err); {
	case err == nil, code == fault.Unavailable, code == fault.Timeout, ctx.Err() != nil:
		return err
	}
	s.options.Log.Error("what was applied elsewhere cannot be served here", "error", err)
	why := error(fault.New(fault.Unavailable, "another replica applied a model that this one cannot serve: nothing is written here until this one runs the same version of Mereon; write to another replica"))
	s.gate.outdated.Store(&why)
	s.notice.Store(new("What was applied on another replica cannot be served by this version; the model before it is served, for reading only."))
	return nil
}

func (s *Service) reloadNow(ctx context.Context) error {
	stored, at, err := s.stored(ctx)
	if err != nil {
		return err
	}
	if s.running.isOf(stored) && maps.Equal(textsOf(s.documents), textsOf(stored.Documents)) {
		if s.gate.outdated.Swap(nil) != nil {
			s.notice.Store(nil)
		}
		return nil
	}
	model, book, err := understand(stored)
	if err != nil {
		return err
	}
	next, err := s.serve(model, book, stored)
	if err != nil {
		return err
	}
	s.documents = stored.Documents
	s.trust(next.snapshot)
	s.options.Log.Info("serving what was applied elsewhere", "revision", at)
	s.notice.Store(nil)
	return s.exchange(ctx, next)
}

// isOf says whether a model and rules are those that are stored.
func (m *served) isOf(stored *project.Stored) bool {
	return m.digest == stored.Digest && maps.Equal(textsOf(m.files), textsOf(stored.Model)) && maps.Equal(m.rules, textsOf(stored.Rules))
}

// textsOf are the texts of files by name.
func textsOf(files []schema.File) map[string]string {
	m := map[string]string{}
	for _, f := range files {
		m[f.Name] = f.Text
	}
	return m
}
