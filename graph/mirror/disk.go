package mirror

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"mereon/graph/embedded"
	"mereon/graph/memory"
	"mereon/schema/fault"
)

// disk keeps the copy in a folder, behind what is shown: it may be older than the copy, never wrong. When it fails, the
// mirror goes on without it, and the next start fills anew.
type disk struct {
	options embedded.Options
	log     *slog.Logger
	store   *embedded.Store // nil when given up; only the goroutine that follows sets it
	writer  sync.WaitGroup

	mu    sync.Mutex
	queue []entry
	news  chan struct{} // one element when there is something to write; closed at the end
	lost  bool          // a step was not written, so no later one may be

	source  string // names the upstream
	waiting int    // entries in the queue and being written
	last    time.Time
}

// entry is what waits to be written: a whole graph to begin with, or a step.
type entry struct {
	whole  *memory.Snapshot
	change string // that led to it
	step   embedded.Step
}

// most is how many steps wait for the disk at most; one that is further behind is given up.
const most = 50_000

// openDisk opens the folder, or makes it. What cannot be read is thrown away.
func openDisk(ctx context.Context, o Options) (*disk, error) {
	d := &disk{log: o.Logger, source: o.Source, options: embedded.Options{Dir: o.Dir, LogRevisions: 1, Now: o.Now, Logger: o.Logger}}
	store, err := embedded.Open(ctx, d.options)
	if fault.CodeOf(err) == fault.Invalid {
		o.Logger.Warn("the copy of the graph on disk is thrown away", "why", err)
		store, err = d.empty(ctx)
	}
	if err != nil {
		return nil, err
	}
	d.start(store)
	return d, nil
}

func (d *disk) empty(ctx context.Context) (*embedded.Store, error) {
	_ = os.Remove(d.noteFile()) // a note without a copy means nothing
	if err := os.Remove(d.options.File()); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the copy of the graph on disk cannot be thrown away")
	}
	return embedded.Open(ctx, d.options)
}

func (d *disk) start(store *embedded.Store) {
	d.mu.Lock()
	d.store, d.queue, d.lost, d.waiting, d.last, d.news = store, nil, false, 0, time.Time{}, make(chan struct{}, 1)
	news := d.news
	d.mu.Unlock()
	d.writer.Go(func() { d.write(store, news) })
}

// begin returns the copy as it was left and the encoded change that led to it, nil when there is none that can be trusted.
func (d *disk) begin() (*memory.Snapshot, string) {
	s := d.store.Snapshot()
	change, err := d.store.LastChange()
	if err != nil || change == "" {
		if s.Revision() > 0 {
			d.forget()
		}
		return nil, ""
	}
	return s, change
}

// adopt queues a copy that was filled, to begin with.
func (d *disk) adopt(whole *memory.Snapshot, change string) {
	d.put(entry{whole: whole, change: change})
}

// record queues a step to be written.
func (d *disk) record(base, next *memory.Snapshot, effect *memory.Effect) {
	d.put(entry{step: embedded.Step{Base: base, Next: next, Effect: effect}})
}

func (d *disk) put(e entry) {
	if d.store == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost || len(d.queue) >= most {
		d.lost, d.queue = true, nil
		return
	}
	d.queue = append(d.queue, e)
	d.waiting++
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// take removes what is to be written next: a whole graph, or steps up to a bound.
func (d *disk) take() (whole *entry, steps []embedded.Step) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) > 0 && d.queue[0].whole != nil {
		whole, d.queue = &d.queue[0], d.queue[1:]
		return whole, nil
	}
	for len(d.queue) > 0 && d.queue[0].whole == nil && len(steps) < 1024 {
		steps, d.queue = append(steps, d.queue[0].step), d.queue[1:]
	}
	return nil, steps
}

// write writes what waits, until news is closed and nothing waits.
func (d *disk) write(store *embedded.Store, news <-chan struct{}) {
	for range news {
		for {
			whole, steps := d.take()
			if whole == nil && len(steps) == 0 {
				break
			}
			var err error
			if whole != nil {
				err = store.Adopt(context.Background(), whole.whole, whole.change)
			} else {
				err = store.Record(context.Background(), steps)
			}
			if err != nil {
				d.fail(err)
				break
			}
			d.mu.Lock()
			d.waiting -= max(1, len(steps))
			d.mu.Unlock()
		}
	}
}

// fail stops to keep the copy on disk.
func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lost {
		d.log.Error("the copy of the graph is no longer kept on disk; the next start fills it anew", "error", err)
	}
	d.lost, d.queue = true, nil
}

// forget throws the copy on disk away and begins an empty one.
func (d *disk) forget() {
	d.close()
	store, err := d.empty(context.Background())
	if err != nil {
		d.fail(err)
		return
	}
	d.start(store)
}

// writeAll writes what waits and ends the writer.
func (d *disk) writeAll() {
	if d.store != nil && d.news != nil {
		close(d.news)
		d.writer.Wait()
		d.news = nil
	}
}

// close writes what waits and releases the folder.
func (d *disk) close() {
	if d.store == nil {
		return
	}
	d.writeAll()
	if err := d.store.Close(); err != nil {
		d.log.Error("the copy of the graph on disk could not be closed", "error", err)
	}
	d.store = nil
}
