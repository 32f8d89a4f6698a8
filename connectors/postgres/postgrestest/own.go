package postgrestest

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Own is a server of one test, which may kill it.
type Own struct {
	URL    *url.URL
	t      testing.TB
	script string
	dir    string
}

// Start starts a server with further lines of postgresql.conf and stops it after the test. Tests without a server for tests
// are skipped here too.
func Start(t testing.TB, conf string) *Own {
	t.Helper()
	return StartWith(t, map[string]string{"postgresql.conf": conf})
}

// StartWith starts a server with files that .ci/servers/postgres.sh knows: postgresql.conf, server.crt, server.key.
func StartWith(t testing.TB, files map[string]string) *Own {
	t.Helper()
	Server(t)
	s := &Own{t: t, script: filepath.Join(root(t), ".ci", "servers", "postgres.sh"), dir: t.TempDir()}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := s.run("start")
	t.Cleanup(func() { s.run("stop") })
	for line := range strings.Lines(out) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), Variable+"="); ok {
			u, err := url.Parse(text)
			if err != nil {
				t.Fatal("the script printed no URL")
			}
			s.URL = u
			return s
		}
	}
	t.Fatal("the script printed no " + Variable)
	return nil
}

// Kill ends the server as a crash would.
func (s *Own) Kill() { s.t.Helper(); s.run("kill") }

// Restart starts it again, at the same address and with what it had stored.
func (s *Own) Restart() { s.t.Helper(); s.run("restart") }

func (s *Own) run(action string) string {
	s.t.Helper()
	command := exec.Command(s.script, action, s.dir)
	var problems, out bytes.Buffer
	command.Stderr, command.Stdout = &problems, &out
	if err := command.Run(); err != nil {
		s.t.Fatalf("postgres.sh %s: %v\n%s", action, err, problems.String())
	}
	return out.String()
}

// root is the folder of the project.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
}

// Data is a folder of data beside the project. Without it the test is skipped, and fails where CI is true.
func Data(t testing.TB, name string) string {
	t.Helper()
	folder := filepath.Join(root(t), "..", "shared", "data", name)
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the data is not there: ../shared/data/" + name)
	}
	return folder
}
