package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maps"

	"github.com/google/go-cmp/cmp"
)

// Each file of testdata/operations is an operation and what it must give: the answer, the errors, and what it took. The
// counts are part of every case: batches to the graph, and questions to each connector.
func TestOperationsGiveTheAnswerWithTheCountsExpected(t *testing.T) {
	files, err := filepath.Glob("testdata/operations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			p := newPlant(t)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			operation, rest, _ := strings.Cut(string(text), "\n---- answer\n")
			operation, variables, _ := strings.Cut(operation, "\n---- variables\n")
			got := p.answerText(t, operation, variables)
			if *update {
				whole := strings.TrimSuffix(string(text), rest)
				if !strings.HasSuffix(whole, "\n---- answer\n") {
					whole = strings.TrimRight(whole, "\n") + "\n---- answer\n"
				}
				if err := os.WriteFile(file, []byte(whole+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(rest, got); diff != "" {
				t.Errorf("-want +got, run with -update to accept:\n%s", diff)
			}
		})
	}
}

func (p *plant) answerText(t *testing.T, operation, variables string) string {
	t.Helper()
	var given map[string]any
	if variables != "" {
		if err := json.Unmarshal([]byte(variables), &given); err != nil {
			t.Fatal(err)
		}
	}
	return resultText(t, p.ask(t, operation, given))
}

func resultText(t *testing.T, r Result) string {
	t.Helper()
	var b bytes.Buffer
	if r.Data != nil {
		if err := json.Indent(&b, r.Data, "", "  "); err != nil {
			t.Fatalf("not JSON: %v\n%s", err, r.Data)
		}
		b.WriteByte('\n')
	}
	for _, e := range r.Errors {
		line, err := json.Marshal(e.Extensions())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "error at %s: %s %s\n", e.Path, e.Message, line)
	}
	fmt.Fprintf(&b, "took %d batches", r.Explain.Batches)
	for _, name := range slices.Sorted(maps.Keys(r.Explain.Connectors)) {
		fmt.Fprintf(&b, ", %s %d", name, r.Explain.Connectors[name])
	}
	b.WriteByte('\n')
	for _, root := range r.Roots {
		if !json.Valid([]byte("{" + string(r.Data[root.From:root.To]) + "}")) {
			t.Errorf("root %s is not at %d:%d", root.Key, root.From, root.To)
		}
	}
	return b.String()
}
