package web_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGraphQLInTheGuidesIsAnswered runs every operation of the README and the guides on the demo.
func TestGraphQLInTheGuidesIsAnswered(t *testing.T) {
	dir := demoFolder(t)
	config, err := os.ReadFile(filepath.Join(dir, "mereon.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	patient := strings.Replace(string(config), "file: simulator.yaml}", "file: simulator.yaml, deadline: 30s}", 1) // the race detector is slow
	if patient == string(config) {
		t.Fatal("the demo has no simulator to be patient with")
	}
	if err := os.WriteFile(filepath.Join(dir, "mereon.yaml"), []byte(patient), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serveFolder(t, dir)
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(text), "graphql") {
			if strings.HasPrefix(strings.TrimSpace(block), "subscription") {
				if answer := s.firstAnswer(t, block); !strings.HasPrefix(answer, `{"data":{`) {
					t.Errorf("%s: %s\n%s", file, block, answer)
				}
				continue
			}
			if !isOperation.MatchString(block) {
				continue // a part of a model
			}
			if r := s.query(t, block, nil); len(r.Errors) > 0 || r.Data == nil {
				t.Errorf("%s: %s\n%s", file, block, r.text)
			}
		}
	}
}

// firstAnswer subscribes as event stream and returns the first answer.
func (r *running) firstAnswer(t *testing.T, document string) string {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"query": document})
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
			return data
		}
	}
	return fmt.Sprint("the stream ended: ", lines.Err())
}

var isOperation = regexp.MustCompile(`^\s*(\{|query\b|mutation\b)`)

func blocks(text, language string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)#]+)\)`)

func TestLinksInTheDocumentationLeadSomewhere(t *testing.T) {
	for _, file := range documentation(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			}
		}
	}
}

// documentation lists every Markdown file of the project.
func documentation(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(name, ".md") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every relative file that a console or a sentence names in backticks with a folder is there, too.
func TestFilesTheDocumentationNamesExist(t *testing.T) {
	named := regexp.MustCompile("`((?:schema|graph|connectors|rules|scenes|web|cmd|fixtures|docs)/[A-Za-z0-9_./-]+\\.(?:go|graphql|md|json|yaml))`")
	for _, file := range documentation(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			_, fromRoot := os.Stat(filepath.Join("..", filepath.FromSlash(m[1])))
			_, fromHere := os.Stat(filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1])))
			if fromRoot != nil && fromHere != nil {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}
}
