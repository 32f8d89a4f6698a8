package mirror

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"mereon/schema/fault"
)

// kept is what a folder says of the copy in it: of which upstream it is, and until when it held all that was committed there.
type kept struct {
	Source string    `json:"source"`
	Synced time.Time `json:"synced"`
}

// noteEvery is how often a copy that follows is noted to do so.
const noteEvery = 5 * time.Second

func (d *disk) noteFile() string { return filepath.Join(d.options.Dir, "synced.json") }

// noted reads what was noted last; without a note the copy is of nobody knows when.
func (d *disk) noted() (k kept) {
	if text, err := os.ReadFile(d.noteFile()); err == nil {
		_ = json.Unmarshal(text, &k)
	}
	return k
}

// note writes that the copy holds all that was committed before a time, if the disk has all of the copy.
func (d *disk) note(synced time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost || d.waiting > 0 || synced.Sub(d.last) < noteEvery {
		return
	}
	d.last = synced
	text, _ := json.Marshal(kept{d.source, synced}) // of our own types
	if err := os.WriteFile(d.noteFile(), text, 0o600); err != nil {
		d.log.Warn("how old the copy of the graph on disk is could not be noted", "error", err)
	}
}

// keptOf says whether the follower begins with a copy of this upstream, from the disk and not yet proven.
func (f *follower) keptOf() bool {
	return f.unproven && f.copy.Load() == nil && uint64(f.at.Revision()) >= f.seen.Load() && f.disk.noted().Source == f.options.Source
}

// showKept shows the copy from the disk while the upstream cannot prove it: what was true then is more than nothing.
func (f *follower) showKept() error {
	if !f.keptOf() {
		return fault.New(fault.Unavailable, "there is no copy of the graph on disk")
	}
	if err := f.weigh(); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the copy of the graph on disk is not shown")
	}
	f.mu.Lock()
	defer f.news.Ring()
	defer f.mu.Unlock()
	f.log, f.state = []string{f.anchor}, Mirrored
	f.pulse.synced, f.pulse.unproven = f.disk.noted().Synced, true
	f.copy.Store(f.at)
	f.options.Logger.Warn("reads run on the copy of the graph as it was, since the upstream does not answer", "revision", f.at.Revision(), "asOf", f.pulse.synced)
	return nil
}
