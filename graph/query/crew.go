package query

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// crew is a group of goroutines whose panics reach whoever waits for them: there somebody may recover, while a panic in a
// goroutine of its own would end the process. The zero value is ready for use.
type crew struct {
	running  sync.WaitGroup
	panicked atomic.Pointer[string]
}

// Go runs a task beside the caller.
func (c *crew) Go(task func()) {
	c.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				text := fmt.Sprintf("%v\n%s", p, debug.Stack())
				c.panicked.CompareAndSwap(nil, &text)
			}
		}()
		task()
	})
}

// Wait waits for all tasks and panics when one of them did.
func (c *crew) Wait() {
	if text := c.settle(); text != nil {
		panic(*text)
	}
}

// settle waits for all tasks and makes the crew ready for others. It returns the panic of one of them, if any.
func (c *crew) settle() *string {
	c.running.Wait()
	return c.panicked.Swap(nil)
}
