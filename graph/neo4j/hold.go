package neo4j

import (
	"context"
	"errors"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/schema/fault"
)

// held is how long a hold lasts at most, by the server's clock: whoever dies with one keeps nobody waiting for longer.
const held = 20 * time.Second

const (
	takeHold = `MATCH (m:@Meta {k: 'head'}) SET m._lock = $token
WITH m WHERE m.hold IS NULL OR m.hold = $token OR m.holdUntil <= timestamp()
SET m.hold = $token, m.holdUntil = timestamp() + $held RETURN m.hold`
	dropHold = `MATCH (m:@Meta {k: 'head'}) WHERE m.hold = $token REMOVE m.hold, m.holdUntil`
)

// errHeld says that another process holds writers back; they try again.
var errHeld = errors.New("another process plans a change that others must not overtake")

// Hold implements graph.Holder: the others wait for 20 s at most. Unavailable when somebody else holds writers for longer
// than this store retries.
func (s *Store) Hold(ctx context.Context) (release func(), err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	parameters := map[string]any{"token": s.holder, "held": held.Milliseconds()}
	for started := time.Now(); ; {
		records, err := s.again(ctx, driver.AccessModeWrite, statement{text: takeHold}, parameters)
		if err != nil {
			return nil, err
		}
		if len(records) == 1 {
			break
		}
		if time.Since(started) > s.options.Retry || !pause(ctx, 50*time.Millisecond) {
			return nil, fault.Wrap(fault.Unavailable, errHeld, "nothing was changed; retry")
		}
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := s.again(ctx, driver.AccessModeWrite, statement{text: dropHold}, parameters); err != nil {
			s.options.Logger.Warn("writers of other processes are held back for some seconds more", "error", err)
		}
	}, nil
}
