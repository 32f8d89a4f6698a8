package difference

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var (
	oneSeed = flag.Uint64("seed", 0, "only the world of this seed")
	from    = flag.Uint64("from", 1, "the first seed")
	worlds  = flag.Int("worlds", worldsWanted(), "how many worlds")
	each    = flag.Int("operations", 100, "operations on each")
	keep    = flag.String("keep", "", "a file to write the worlds to, for the reference")
)

// worldsWanted is how many worlds there are when no flag says it: as the environment does, else as CI runs.
func worldsWanted() int {
	if n, err := strconv.Atoi(os.Getenv("MEREON_DIFFERENCE_WORLDS")); err == nil && n > 0 {
		return n
	}
	return 210
}

// wanted is how many operations a run of the default size compares at least.
const wanted = 20_000

// reference is the program that resolves field by field; it needs the packages of web/ui.
func reference(t *testing.T) string {
	t.Helper()
	ui, err := filepath.Abs("../../ui")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(ui, "node_modules", "graphql", "package.json")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the packages of web/ui are not installed; run: make ui")
		}
		t.Skip("the packages of web/ui are not installed; run: make ui")
	}
	return filepath.Join(ui, "tests", "difference", "main.mjs")
}

// verdict is what the reference says of one operation that it answers differently.
type verdict struct {
	Seed      uint64          `json:"seed"`
	Index     int             `json:"index"`
	Compared  int             `json:"compared"` // of the last line: how many were
	Refused   int             `json:"refused"`  // of them: how many both refuse
	Kinds     map[string]int  `json:"kinds"`    // and how many were of which kind
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables"`
	Where     string          `json:"where"`
	Got       json.RawMessage `json:"got"`
	Want      json.RawMessage `json:"want"`
}

func TestRandomOperationsAnswerAsTheReferenceDoes(t *testing.T) {
	command := exec.CommandContext(t.Context(), "node", reference(t))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var verdicts []verdict
	read := make(chan struct{})
	go func() {
		defer close(read)
		verdicts = readVerdicts(out)
	}()
	n := send(t, in)
	in.Close()
	<-read
	if err := command.Wait(); err != nil {
		t.Errorf("the reference failed: %v", err)
	}
	compared, refused, kinds := 0, 0, map[string]int{}
	for i, v := range verdicts {
		switch {
		case v.Compared > 0:
			compared, refused, kinds = v.Compared, v.Refused, v.Kinds
		case i < 10:
			t.Errorf("seed %d, operation %d: at %s\n%s\nvariables %s\n got %s\nwant %s", v.Seed, v.Index, v.Where, v.Query, v.Variables, v.Got, v.Want)
		}
	}
	if compared != n || *oneSeed == 0 && *worlds**each >= wanted && n-refused < wanted {
		t.Errorf("%d operations were sent, %d compared and %d refused, want at least %d answered", n, compared, refused, wanted)
	}
	t.Logf("%d operations compared, %d of them refused by both, %d differ; of them with %v", compared, refused, len(verdicts)-1, kinds)
}

func readVerdicts(out io.Reader) (verdicts []verdict) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			v.Where = fmt.Sprintf("no verdict: %s", lines.Text())
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// send makes the worlds, asks every operation and passes all of it on. It returns how many operations there were.
func send(t *testing.T, to io.Writer) int {
	first, count := *from, *worlds
	if *oneSeed > 0 {
		first, count = *oneSeed, 1
	}
	n, parts, lives, feeds := 0, 0, 0, 0
	for seed := first; seed < first+uint64(count) && t.Context().Err() == nil; seed++ {
		w := answered(t, seed)
		text, err := json.Marshal(w)
		if err != nil {
			t.Error(err)
			return n
		}
		if *keep != "" {
			_ = os.WriteFile(*keep, text, 0o600)
		}
		if _, err := to.Write(append(text, '\n')); err != nil {
			t.Error(err)
			return n
		}
		n += len(w.Operations)
		parts, lives, feeds = parts+w.parts, lives+w.lives, feeds+w.feeds
	}
	t.Logf("%d operations were also answered in parts, %d as live queries through a change; %d feeds of changes were read", parts, lives, feeds)
	return n
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// answered is a world whose operations were answered.
func answered(t *testing.T, seed uint64) *world {
	w := newWorld(seed)
	s := serve(t, w)
	defer s.close(t)
	w.revisionOf = func(id string) int64 { return s.revisionOf(t, id) }
	merged, err := gqlparser.LoadSchema(&ast.Source{Name: "data plane", Input: w.SDL})
	if err != nil {
		t.Error(err)
		return w
	}
	ask := func(o *operation) *operation {
		if o.Answer, err = s.ask(o); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, o.Query)
			return nil
		}
		w.Operations = append(w.Operations, o)
		return o
	}
	for len(w.Operations) < *each-1 && err == nil {
		if len(w.Operations) > *each*3/4 && w.chance(50) {
			ask(w.newMutation(merged))
			continue
		}
		if len(w.Operations) > *each*3/4 && w.chance(6) {
			before := ask(w.newLive(merged))
			if before == nil {
				continue
			}
			change := func() *operation {
				ask(w.newMutation(merged))
				after := *before
				return ask(&after)
			}
			if err := s.live(before, change); err != nil {
				t.Errorf("seed %d, operation %d, live: %v", seed, len(w.Operations)-1, err)
			}
			w.lives++
			continue
		}
		o := ask(w.newOperation(merged))
		if o != nil && w.chance(10) {
			done, err := s.deferred(o, pick(w, []string{"deferSpec=20220824", "incrementalSpec=v0.2"}))
			if err != nil {
				t.Errorf("seed %d, operation %d, deferred: %v", seed, len(w.Operations)-1, err)
			}
			w.parts += b2i(done)
		}
		if next := w.next(o); next != nil {
			ask(next)
		}
	}
	ask(w.everything())
	if w.changed && w.chance(25) {
		if err := s.feed(t); err != nil {
			t.Errorf("seed %d, changes: %v", seed, err)
		}
		w.feeds++
	}
	return w
}
