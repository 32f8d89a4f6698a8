package neo4j_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
)

// conflictRounds is how often the writers of both processes want the same.
const conflictRounds, writersEach = 10, 8

// TestChildWrites is the other process of TestRulesHoldUnderTwoProcesses: MEREON_TEST_WRITER names the graph and its number.
func TestChildWrites(t *testing.T) {
	name, process, ok := strings.Cut(os.Getenv("MEREON_TEST_WRITER"), ",")
	if !ok {
		t.Skip("a part of TestRulesHoldUnderTwoProcesses")
	}
	o := server(t)
	o.Graph = name
	s, err := neo4j.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := watchToLast(t, s)
	n, _ := strconv.Atoi(process)
	fmt.Println("won", strings.Join(writeAgainst(t, s, n), " "))
	fmt.Println("seen", <-seen)
}

// watchToLast watches until the change of "last" and gives a digest of all that was seen, in order.
func watchToLast(t *testing.T, s graph.Store) <-chan string {
	seen := make(chan string, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		sum, at := sha256.New(), graph.Revision(1)
		for c, err := range s.Watch(ctx, at) {
			if err != nil || c.Revision != at+1 {
				t.Errorf("Watch: revision %d after %d, %v", c.Revision, at, err)
				break
			}
			if at = c.Revision; c.By == "last" {
				break
			}
			fmt.Fprint(sum, c.Revision, c.By, c.Entities, c.Relationships)
		}
		seen <- fmt.Sprintf("%d:%x", at, sum.Sum(nil)[:8])
	}()
	return seen
}

// writeAgainst lets the writers of a process go through the rounds; it returns what they were told they had won.
func writeAgainst(t *testing.T, s graph.Store, process int) (won []string) {
	t.Helper()
	var mu sync.Mutex
	var running sync.WaitGroup
	for w := range writersEach {
		running.Go(func() {
			writer := process*writersEach + w
			r := rand.New(rand.NewPCG(7, uint64(writer)))
			for round := range conflictRounds {
				for _, kind := range r.Perm(len(conflicts)) {
					name, set := conflicts[kind](round, writer)
					_, err := s.Apply(context.Background(), set)
					switch {
					case err == nil:
						mu.Lock()
						won = append(won, name)
						mu.Unlock()
					case fault.CodeOf(err) != fault.Conflict:
						t.Errorf("%s: %v (%s)", name, err, fault.CodeOf(err))
					}
				}
				countUp(t, s)
			}
		})
	}
	running.Wait()
	return won
}

// conflicts are what every writer of both processes wants in a round; at most one of them may have it.
var conflicts = []func(round, writer int) (string, graph.ChangeSet){
	func(round, writer int) (string, graph.ChangeSet) { // one unique value
		id := graph.EntityID(fmt.Sprintf("t%d-%d", round, writer))
		return "code" + strconv.Itoa(round), graph.ChangeSet{By: "code", Entities: []graph.EntityChange{{ID: id, Type: "Thing",
			Values: []graph.PathValue{{Path: "code", Value: schema.StringOf(fmt.Sprint("C", round))}}}}}
	},
	func(round, writer int) (string, graph.ChangeSet) { // parents of their own for one child
		return fmt.Sprintf("child%d", round), locate(fmt.Sprint("child", round), fmt.Sprint("parent", writer))
	},
	func(round, writer int) (string, graph.ChangeSet) { // a cycle, closed from both ends
		a, b := fmt.Sprint("left", round), fmt.Sprint("right", round)
		if writer%2 == 1 {
			a, b = b, a
		}
		return "two" + a, locate(a, b)
	},
	func(round, writer int) (string, graph.ChangeSet) { // a cycle of three
		return fmt.Sprintf("three%d.%d", round, writer%3), locate(fmt.Sprintf("ring%d.%d", round, writer%3), fmt.Sprintf("ring%d.%d", round, (writer+1)%3))
	},
}

func locate(child, parent string) graph.ChangeSet {
	return graph.ChangeSet{By: "locate", Relationships: []graph.RelationshipChange{{From: graph.EntityID(child), Relation: "locatedIn", To: graph.EntityID(parent)}}}
}

// places are all ends that the conflicts need.
func places() (ids []string) {
	for w := range 2 * writersEach {
		ids = append(ids, fmt.Sprint("parent", w))
	}
	for n := range conflictRounds {
		ids = append(ids, fmt.Sprint("child", n), fmt.Sprint("left", n), fmt.Sprint("right", n))
		for k := range 3 {
			ids = append(ids, fmt.Sprintf("ring%d.%d", n, k))
		}
	}
	return ids
}

// countUp reads the counter and writes one more, if nobody did meanwhile; every success adds a mark.
func countUp(t *testing.T, s graph.Store) {
	ctx := context.Background()
	v, err := s.View(ctx)
	if err != nil {
		t.Error(err)
		return
	}
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{"counter"}, []schema.Path{"n", "revision"})
	if err != nil {
		t.Error(err)
		return
	}
	n, at := b.Cell(0, 0).Int(), graph.Revision(b.Cell(1, 0).Int())
	set := graph.ChangeSet{By: "count", Entities: []graph.EntityChange{
		{Op: graph.Update, ID: "counter", IfRevision: &at, Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(n + 1)}}},
		{ID: graph.EntityID(fmt.Sprint("mark", n)), Type: "Mark"},
	}}
	if _, err := s.Apply(ctx, set); err != nil && fault.CodeOf(err) != fault.Conflict {
		t.Error(err)
	}
}

// TestRulesHoldUnderTwoProcesses lets eight writers in each of two processes want the same, round after round.
func TestRulesHoldUnderTwoProcesses(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	set := graph.ChangeSet{Layout: plantLayout(), Entities: []graph.EntityChange{{ID: "counter", Type: "Counter", Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(0)}}}}}
	for _, id := range places() {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(id), Type: "Place"})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	seen := watchToLast(t, s)
	child := exec.Command(os.Args[0], "-test.run=^TestChildWrites$", "-test.count=1")
	child.Env = append(os.Environ(), "MEREON_TEST_WRITER="+s.name+",1")
	out, err := child.StdoutPipe()
	if err := errors.Join(err, child.Start()); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	said.Buffer(nil, 1<<20)
	hear := func(what string) string {
		for said.Scan() {
			if rest, ok := strings.CutPrefix(said.Text(), what+" "); ok {
				return rest
			}
		}
		t.Errorf("the other process did not say what it has %s", what)
		return ""
	}
	won := writeAgainst(t, s, 0)
	won = append(won, strings.Fields(hear("won"))...)
	last, err := s.Apply(ctx, graph.ChangeSet{By: "last", Entities: []graph.EntityChange{{ID: "last", Type: "Mark"}}})
	if err != nil {
		t.Fatal(err)
	}
	here, there := <-seen, hear("seen")
	if here != there || !strings.HasPrefix(here, fmt.Sprint(last.Revision, ":")) {
		t.Errorf("one process saw %s, the other %s, the last change is %d", here, there, last.Revision)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the other process: %v", err)
	}
	checkWon(t, won)
	checkPlant(t, s)
}

// checkWon sees that of those who wanted the same one was told that it has it, and that not all were.
func checkWon(t *testing.T, won []string) {
	times := map[string]int{}
	for _, name := range won {
		times[name]++
	}
	for n := range conflictRounds {
		for _, name := range []string{fmt.Sprint("code", n), fmt.Sprint("child", n)} {
			if times[name] != 1 {
				t.Errorf("%d writers were told that they have %s", times[name], name)
			}
		}
		left, right := times[fmt.Sprint("twoleft", n)] > 0, times[fmt.Sprint("tworight", n)] > 0
		if left == right {
			t.Errorf("round %d: both ends of a cycle: %v, %v", n, left, right)
		}
		ring := 0
		for k := range 3 {
			if times[fmt.Sprintf("three%d.%d", n, k)] > 0 {
				ring++
			}
		}
		if ring != 2 {
			t.Errorf("round %d: %d parts of a ring of three", n, ring)
		}
	}
}

// checkPlant reads everything: codes are unique, every place has one parent and none is above itself, and no count was lost.
// A store in memory that the backup fits into has tested all of that, too.
func checkPlant(t *testing.T, s graph.Store) {
	t.Helper()
	move(t, backup(t, s), openEmbedded(t))
	ctx := context.Background()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	all, err := v.Select(ctx, graph.Selection{Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID, graph.ColumnType, "code", "n"}})
	if err != nil {
		t.Fatal(err)
	}
	parents, err := v.Expand(ctx, graph.Expansion{From: all.Rows, Steps: []graph.Step{{Relation: "locatedIn"}}, Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID}})
	if err != nil {
		t.Fatal(err)
	}
	codes, above, marks, counted := map[string]int{}, map[string]string{}, 0, int64(0)
	for i := range all.Rows {
		id := all.Cell(0, i).Text()
		switch all.Cell(1, i).Text() {
		case "Thing":
			codes[all.Cell(2, i).Text()]++
		case "Mark":
			marks++
		case "Counter":
			counted = all.Cell(3, i).Int()
		}
		from, to := parents.Group(i)
		if to-from > 1 {
			t.Errorf("%s has %d parents", id, to-from)
		}
		if to > from {
			above[id] = parents.Cell(0, from).Text()
		}
	}
	for n := range conflictRounds {
		if c := fmt.Sprint("C", n); codes[c] != 1 {
			t.Errorf("%d things have the code %s", codes[c], c)
		}
	}
	for id := range above {
		at := id
		for range len(above) {
			if at = above[at]; at == id {
				t.Fatalf("%s is above itself", id)
			}
		}
	}
	if int(counted) != marks-1 || counted == 0 {
		t.Errorf("the counter is at %d after %d steps", counted, marks-1)
	}
}
