package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// listener follows a stream of server-sent events and connects again whenever it ends, until ctx does.
type listener struct {
	mu       sync.Mutex
	connects int
	last     string // id of the last event, as a browser sends it
}

func (l *listener) run(ctx context.Context, address func(last string) string, event func(id, data string)) {
	for ctx.Err() == nil {
		l.mu.Lock()
		last := l.last
		l.connects++
		l.mu.Unlock()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address(last), nil)
		if err != nil {
			return
		}
		r.Header.Set("Accept", "text/event-stream")
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		if response, err := http.DefaultClient.Do(r); err == nil {
			l.read(response, event)
			response.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (l *listener) read(response *http.Response, event func(id, data string)) {
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 16<<20)
	id, data := "", ""
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "id: "):
			id = line[4:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && data != "":
			event(id, data)
			if id != "" {
				l.seen(id)
			}
			id, data = "", ""
		}
	}
}

func (l *listener) seen(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = id
}

// connections returns how often the listener connected.
func (l *listener) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.connects
}

// feed is what a subscriber to entityChanges has seen.
type feed struct {
	listener
	t      *testing.T
	counts map[string]int
}

func (f *feed) address(base string) func(string) string {
	return func(last string) string {
		after := "from: 0"
		if last != "" {
			after = fmt.Sprintf("after: %q", last)
		}
		return base + "/graphql?query=" + url.QueryEscape(`subscription { entityChanges(type: "Pump", `+after+`) { cursor kind id } }`)
	}
}

func (f *feed) event(_, data string) {
	var answer struct {
		Data struct {
			EntityChanges struct{ Cursor, Kind, ID string }
		}
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(data), &answer); err != nil || len(answer.Errors) > 0 {
		f.t.Errorf("the feed: %s", data)
		return
	}
	c := answer.Data.EntityChanges
	f.seen(c.Cursor)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[c.Kind+" "+c.ID]++
}

func (f *feed) count(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[what]
}

// frames is what a viewer of a scene has seen: it puts frames together as scenes/FRAMES.md says.
type frames struct {
	listener
	t      *testing.T
	epoch  string
	at     float64
	wholes int              // frames that began anew
	tags   map[float64]bool // slots with the tag of pump-1
	texts  map[float64]string
}

type frame struct {
	Epoch     string
	Seq, Prev float64
	Slots     []struct {
		Slot           float64
		Effect, Entity string
	}
	Text struct {
		Slots []float64
		V     []string
	}
}

func (f *frames) event(_, data string) {
	var next frame
	if err := json.Unmarshal([]byte(data), &next); err != nil || next.Epoch == "" {
		return // the end of a stream
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case next.Slots != nil:
		f.wholes++
		f.tags, f.texts = map[float64]bool{}, map[float64]string{}
		for _, s := range next.Slots {
			f.tags[s.Slot] = s.Effect == "tag" && s.Entity == "pump-1"
		}
	case next.Epoch != f.epoch || next.Prev != f.at || next.Seq < f.at:
		f.t.Errorf("frame %v after %v of %s came to a viewer that was at %v of %s", next.Seq, next.Prev, next.Epoch, f.at, f.epoch)
	}
	f.epoch, f.at = next.Epoch, next.Seq
	for i, slot := range next.Text.Slots {
		f.texts[slot] = next.Text.V[i]
	}
}

// shows says whether the tag of pump-1 begins with a name.
func (f *frames) shows(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for slot, is := range f.tags {
		if is && strings.HasPrefix(f.texts[slot], name+":") {
			return true
		}
	}
	return false
}

func (f *frames) began() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wholes
}
