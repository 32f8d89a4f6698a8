package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/schema"
)

// crashDir names the folder that the child process of the crash test writes to.
const crashDir = "MEREON_CRASH_DIR"

const crashRounds, crashWriters = 50, 4

// TestCrashChild is the process that TestKilledProcessLosesNothing kills: it acknowledges every change set on standard output.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("run by TestKilledProcessLosesNothing")
	}
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: dir, LogRevisions: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for w := range crashWriters {
		writers.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n)
				if _, err := s.Apply(context.Background(), pair(id)); err != nil {
					fmt.Println("error", err)
					return
				}
				fmt.Println("ack", id)
			}
		})
	}
	writers.Wait()
}

// pair creates two entities that know each other: either both are there, with their relationship, or the set was torn.
func pair(id string) graph.ChangeSet {
	a, b := graph.EntityID(id+"-a"), graph.EntityID(id+"-b")
	value := []graph.PathValue{{Path: "pair", Value: schema.StringOf(id)}}
	return graph.ChangeSet{
		Entities:      []graph.EntityChange{{ID: a, Type: "Pump", Values: value}, {ID: b, Type: "Pump", Values: value}},
		Relationships: []graph.RelationshipChange{{From: a, Relation: "feeds", To: b}, {From: a, Relation: "feeds", To: "hub"}},
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := s.Apply(context.Background(), graph.ChangeSet{
		Layout:   &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}},
		Entities: []graph.EntityChange{{ID: "hub", Type: "Hub"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	acked := map[string]bool{}
	for round := range crashRounds {
		for _, id := range killedChild(t, dir, time.Duration(20+r.IntN(80))*time.Millisecond) {
			acked[id] = true
		}
		checkSurvivors(t, dir, acked)
		if t.Failed() {
			t.Fatalf("round %d, seed %d", round, seed)
		}
	}
	t.Logf("%d acknowledged change sets in %d rounds, none lost", len(acked), crashRounds)
	if len(acked) < crashRounds {
		t.Errorf("only %d change sets were acknowledged in %d rounds: the test proves little", len(acked), crashRounds)
	}
}

// killedChild lets a child write, kills it some time after its first acknowledgement and returns what it acknowledged.
func killedChild(t *testing.T, dir string, after time.Duration) (acked []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, ok := strings.CutPrefix(lines.Text(), "ack ")
		if !ok {
			t.Errorf("the child says %q", lines.Text())
			child.Process.Kill()
		}
		if acked = append(acked, id); len(acked) == 1 {
			time.AfterFunc(after, func() { child.Process.Kill() })
		}
	}
	child.Wait()
	return acked
}

// checkSurvivors opens the store, looks for everything acknowledged, for half pairs, and for gaps in the change log.
func checkSurvivors(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	ctx := context.Background()
	s := open(t, dir)
	defer s.Close()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Select(ctx, graph.Selection{Types: []schema.TypeName{"Pump"}, Page: graph.Page{All: true}, Columns: []schema.Path{"id", "pair"}})
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]int{}
	for i := range b.Rows {
		ends[b.Cell(1, i).Text()]++
	}
	for pair, n := range ends {
		if n != 2 {
			t.Errorf("%s is torn: %d of 2 entities", pair, n)
		}
	}
	for id := range acked {
		if ends[id] != 2 {
			t.Errorf("%s was acknowledged and is gone", id)
		}
	}
	hub, err := v.Lookup(ctx, []graph.EntityID{"hub"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fed, err := v.Expand(ctx, graph.Expansion{From: hub.Rows, Steps: []graph.Step{{Relation: "feeds", Direction: graph.In}}, Count: true})
	if err != nil || fed.Totals[0] != len(ends) {
		t.Errorf("the hub is fed by %v, %v, want %d", fed.Totals, err, len(ends))
	}
	checkLog(t, s, v.Revision())
}

func checkLog(t *testing.T, s graph.Store, newest graph.Revision) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	from := max(0, newest-500)
	for change, err := range s.Watch(ctx, from) {
		if err != nil || change.Revision != from+1 {
			t.Fatalf("Watch: revision %d after %d, %v", change.Revision, from, err)
		}
		if from = change.Revision; from == newest {
			return
		}
	}
	if from != newest {
		t.Errorf("the change log ends at %d and the graph at %d", from, newest)
	}
}
