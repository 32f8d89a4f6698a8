package web

import (
	"context"
	"time"
)

const drainTime = 5 * time.Second

// drain ends what would keep connections open for ever, so that clients go to another server: live scenes and GraphQL streams.
func (s *Service) drain() {
	if s.scenes != nil {
		_ = s.scenes.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if s.api != nil {
		_ = s.api.Close(ctx) // those that did not end in time end with their connections
	}
}
