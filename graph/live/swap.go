package live

import (
	"context"
	"time"

	"mereon/rules"
	"mereon/schema"
)

// Swap gives the hub a new model and its rules. Running states whose rule set behaves as before are kept, all others begin
// anew; values that are watched stay watched. On an error of the store the old ones stay.
func (h *Hub) Swap(ctx context.Context, m *schema.Model, b *rules.Book) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	oldModel, oldBook := h.model, h.book
	h.use(m, b)
	if _, err := h.enlist(ctx); err != nil {
		h.use(oldModel, oldBook)
		return err
	}
	h.forgetAll()
	err := h.solve(ctx)
	for w := range h.stateWatches {
		if w.ids != nil {
			h.attach(w)
		}
	}
	h.evaluate(time.Now())
	h.isSettled = false
	h.ring()
	return err
}
