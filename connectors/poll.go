package connectors

import "time"

// keep looks after the watched references as long as the link lives: it keeps the push running where the connector can
// push, polls while there is none, and lets readings become stale.
func (h *hub) keep() {
	tire := time.NewTicker(tireEvery)
	defer tire.Stop()
	poll := time.NewTicker(h.link.limits.Poll)
	defer poll.Stop()
	idle := make(chan struct{}, 1) // holds a token while no poll runs
	idle <- struct{}{}
	push := newPush(h)
	push.start()
	defer push.end()
	for {
		select {
		case <-h.link.ctx.Done():
			return
		case <-tire.C:
			h.tire()
		case <-push.again:
			push.start()
		case <-poll.C:
			refs := h.all()
			if push.up() {
				refs = h.failing() // a push tells changes only: what failed meanwhile is asked again
			}
			select {
			case <-idle:
				h.link.spawn(func() {
					h.look(refs)
					idle <- struct{}{}
				})
			default:
			}
		}
	}
}
