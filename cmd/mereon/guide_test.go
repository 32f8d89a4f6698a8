package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheGuideIsLiterallyTrue follows docs/getting-started.md: every command of "Your own project" and "A new field", the
// mistake with its exact text, and the new field through the running server.
func TestTheGuideIsLiterallyTrue(t *testing.T) {
	text, err := os.ReadFile("../../docs/getting-started.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## A new field, while the server runs")
	mistake := codeBlocks(section, "graphql")[0]
	consoles := codeBlocks(section, "")
	mended := regexp.MustCompile("Mend it \\(`([^`]+)`\\)").FindStringSubmatch(section)
	if mistake == "" || len(consoles) < 2 || mended == nil {
		t.Fatal("the guide lost its mistake, its two consoles or how to mend it")
	}
	work := t.TempDir()
	if out, failed := shell(work, "mereon init plant"); failed {
		t.Fatal(out)
	}
	startServer(t, filepath.Join(work, "plant"))

	model := filepath.Join(work, "plant", "model", "plant.graphql")
	before, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	write := func(line string) {
		head := "type Pump implements Equipment @asset {\n"
		if err := os.WriteFile(model, []byte(strings.Replace(string(before), head, head+line, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(mistake)
	command, want, _ := strings.Cut(strings.TrimPrefix(consoles[0], "$ "), "\n")
	if got, failed := shell(work, command); got != want || !failed {
		t.Errorf("%s says\n%s\nthe guide says\n%s", command, got, want)
	}
	write("  " + mended[1] + "\n")
	var last string
	for command := range strings.Lines(consoles[1]) {
		out, failed := shell(work, command)
		if failed {
			t.Errorf("%s%s", command, out)
		}
		last = out
	}
	if !strings.Contains(last, `"colour": "grey"`) {
		t.Errorf("the new field is not there: %s", last)
	}
}

// codeBlocks returns the blocks of a language, "" for those without one.
func codeBlocks(text, language string) (found []string) {
	for _, m := range regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```").FindAllStringSubmatch(text, -1) {
		if m[1] == language {
			found = append(found, m[2])
		}
	}
	return found
}

// shell runs one line of a guide in dir, with the test's own mereon.
func shell(dir, line string) (output string, failed bool) {
	command := exec.Command("sh", "-c", strings.ReplaceAll(line, "bin/mereon", "mereon"))
	command.Dir = dir
	out, err := command.CombinedOutput()
	return string(out), err != nil
}
