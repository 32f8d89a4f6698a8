package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestMovingIsAsTheGuideSays follows docs/operators.md, "Moving there and back": its commands in their order, with the
// configuration that the guide shows, until the project is back where it was.
func TestMovingIsAsTheGuideSays(t *testing.T) {
	onNeo4j(t, "") // skips without one
	at, err := url.Parse(os.Getenv("MEREON_TEST_NEO4J"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	t.Setenv("NEO4J_PASSWORD", password)
	text, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(text), "## The store on Neo4j")
	store := strings.Replace(codeBlocks(chapter, "yaml")[0], "neo4j://db.plant:7687", "neo4j://"+at.Host, 1) + fmt.Sprintf("  graph: G%d\n", time.Now().UnixNano())
	_, section, _ := strings.Cut(chapter, "### Moving there and back")
	section, _, _ = strings.Cut(section, "###")
	steps := regexp.MustCompile(`(?m)^\d\. `).Split(section, -1)[1:]
	if len(steps) != 5 || !strings.Contains(store, at.Host) {
		t.Fatalf("the guide has %d steps and the store\n%s", len(steps), store)
	}
	work := t.TempDir()
	config := filepath.Join(work, "plant", "mereon.yaml")
	run := func(line string) string {
		t.Helper()
		out, failed := shell(work, strings.ReplaceAll(line, "DIR", "plant"))
		if failed {
			t.Fatalf("%s\n%s", line, out)
		}
		return out
	}
	// follow runs the commands of a step, but for those that last
	follow := func(step string) (said string) {
		commands := regexp.MustCompile("`((?:NEO4J_PASSWORD=\\.\\.\\. )?mereon [a-z]+[^`]*)`").FindAllStringSubmatch(step, -1)
		if len(commands) == 0 {
			t.Errorf("a step of the guide has no command: %s", step)
		}
		for _, m := range commands {
			if line := strings.TrimPrefix(m[1], "NEO4J_PASSWORD=... "); !strings.Contains(line, " serve") {
				said = run(line)
			}
		}
		return said
	}
	rename := func(name string) {
		t.Helper()
		server, base := startServer(t, filepath.Join(work, "plant"))
		if got := answerOf(base, fmt.Sprintf(`mutation { updatePump(id: "pump-1", set: {ratedFlow: %s}) { ratedFlow } }`, name)); !strings.Contains(got, `"ratedFlow":`+name) {
			t.Fatal(got)
		}
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	}
	has := func(name string) {
		t.Helper()
		_, base := startServer(t, filepath.Join(work, "plant"))
		if got := answerOf(base, `{ pump(id: "pump-1") { ratedFlow } }`); !strings.Contains(got, `"ratedFlow":`+name) {
			t.Errorf("after the move: %s, want %s", got, name)
		}
	}
	run("mereon init DIR")
	rename("11")
	before, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	follow(steps[0])
	if err := os.WriteFile(config, append(before, store...), 0o600); err != nil {
		t.Fatal(err)
	}
	follow(steps[1])
	follow(steps[2])
	if said := follow(steps[3]); !strings.Contains(said, "Nothing changes.") && !strings.Contains(said, "edited") {
		t.Errorf("plan says %q", said)
	}
	rename("10.5")
	run("mereon backup back.backup DIR")
	if err := os.WriteFile(config, before, 0o600); err != nil {
		t.Fatal(err)
	}
	run("mv DIR/.mereon away")
	run("mereon restore back.backup DIR")
	has("10.5")
}
