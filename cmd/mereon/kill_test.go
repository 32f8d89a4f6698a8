package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestAcknowledgedEntitiesSurviveKill kills the served binary while writers create entities through GraphQL: after the
// restart every acknowledged one is there, and whole.
func TestAcknowledgedEntitiesSurviveKill(t *testing.T) {
	const rounds, writers, enough = 3, 4, 60
	dir := filepath.Join(t.TempDir(), "plant")
	if out, err := exec.Command("mereon", "init", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	acknowledged := map[string]bool{}
	for round := range rounds {
		running, url := startServer(t, dir)
		ids := make(chan string)
		var all sync.WaitGroup
		for writer := range writers {
			all.Go(func() { createUntilRefused(url, fmt.Sprintf("p-%d-%d", round, writer), ids) })
		}
		go func() { all.Wait(); close(ids) }()
		count := 0
		for id := range ids {
			acknowledged[id] = true
			if count++; count == enough {
				if err := running.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if count < enough {
			t.Fatalf("round %d: only %d creations were acknowledged", round, count)
		}
		_ = running.Wait()
	}
	_, url := startServer(t, dir)
	for id := range acknowledged {
		if got := answerOf(url, fmt.Sprintf(`{ pump(id: %q) { name serialNumber } }`, id)); !strings.Contains(got, `"serialNumber":"S-`+id+`"`) {
			t.Errorf("%s was acknowledged; after the restart: %s", id, got)
		}
	}
}

// createUntilRefused creates pumps one after the other and tells the ids of the acknowledged ones, until the server is gone.
func createUntilRefused(url, prefix string, ids chan<- string) {
	for i := 0; ; i++ {
		id := fmt.Sprintf("%s-%d", prefix, i)
		answer := answerOf(url, fmt.Sprintf(`mutation { createPump(input: {id: %q, name: "New", serialNumber: %q}) { id } }`, id, "S-"+id))
		if answer != fmt.Sprintf(`{"data":{"createPump":{"id":%q}}}`, id) {
			return
		}
		ids <- id
	}
}

// answerOf posts one operation and returns the answer as compact JSON, or what went wrong.
func answerOf(url, operation string) string {
	body, err := json.Marshal(map[string]string{"query": operation})
	if err != nil {
		return err.Error()
	}
	response, err := http.Post(url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, answer); err != nil {
		return response.Status + ": " + string(answer)
	}
	return compact.String()
}

// startServer serves a folder on a free port and returns the process and its URL; it is ended with the test.
func startServer(t *testing.T, dir string, more ...string) (*exec.Cmd, string) {
	t.Helper()
	command := exec.Command("mereon", append([]string{"serve", dir, "--listen", "127.0.0.1:0"}, more...)...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("mereon serve printed no address: %v", err)
	}
	return command, strings.TrimSpace(line)
}
