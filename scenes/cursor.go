package scenes

import (
	"context"
	"sync"
	"time"
)

// Cursor is one viewer's place in the frames of a scene. It holds no queue: who comes late gets one frame that leads to the
// newest state. Next is for one goroutine; Close may be called from any.
type Cursor struct {
	stage *stage
	seq   uint64
	table uint64 // seq of the table the viewer has; 0: none
	greet bool   // answer at once, also when nothing changed
	timer *time.Timer
	once  sync.Once
}

// Next returns the next frame: at once when the viewer is behind, else when something changes or, after a time without change, a sign of
// life. It fails with ctx's error, or with a coded error when the scene has ended: NotFound when it was deleted,
// Unavailable when the server stops, Invalid when it cannot be resolved any more.
func (c *Cursor) Next(ctx context.Context) (Frame, error) {
	silence := c.stage.live.options.Heartbeat
	if c.timer == nil {
		c.timer = time.NewTimer(silence)
	}
	c.timer.Reset(silence)
	defer c.timer.Stop()
	for {
		f, bell, err := c.take()
		if err != nil || bell == nil {
			return f, err
		}
		select {
		case <-ctx.Done():
			return Frame{}, ctx.Err()
		case <-bell:
		case now := <-c.timer.C:
			s := c.stage
			s.mu.Lock()
			if s.failed == nil && c.seq == s.seq && c.table == s.tableSeq {
				f := s.beat(now)
				s.mu.Unlock()
				return f, nil
			}
			s.mu.Unlock()
		}
	}
}

// take returns the frame that is due, or the bell to wait for.
func (c *Cursor) take() (Frame, <-chan struct{}, error) {
	s := c.stage
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.failed != nil:
		return Frame{}, nil, s.failed
	case c.table != s.tableSeq:
		f, err := s.first(now)
		c.seq, c.table = s.seq, s.tableSeq
		return f, nil, err
	case c.seq != s.seq || c.greet:
		f := s.after(c.seq, now)
		c.seq, c.greet = s.seq, false
		return f, nil, nil
	}
	return Frame{}, s.bell, nil
}

// Close ends watching. It is safe to call twice.
func (c *Cursor) Close() {
	c.once.Do(func() {
		c.stage.mu.Lock()
		defer c.stage.mu.Unlock()
		c.stage.leave()
	})
}
