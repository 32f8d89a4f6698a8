package query

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each file of testdata/plans is an operation and its plan as text.
func TestPlansAreAsExpected(t *testing.T) {
	files, err := filepath.Glob("testdata/plans/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no plans", err)
	}
	p := newPlant(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			operation, want, _ := strings.Cut(string(text), "\n---- plan\n")
			got := p.plan(t, operation).String()
			if *update {
				if err := os.WriteFile(file, []byte(strings.TrimRight(operation, "\n")+"\n---- plan\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got, run with -update to accept:\n%s", diff)
			}
		})
	}
}

func TestEqualOperationsShareAPlan(t *testing.T) {
	p := newPlant(t)
	first := p.plan(t, `query A($n: Int) { pumps(first: $n) { nodes { ...F } } } fragment F on Pump { id name }`)
	for _, same := range []string{
		`query B($n: Int) { pumps(first: $n) { nodes { ...G } } } # a comment
		 fragment G on Pump { id, name }`,
	} {
		if p.plan(t, same) != first {
			t.Errorf("%s has a plan of its own", same)
		}
	}
	for _, other := range []string{
		`query A($n: Int = 3) { pumps(first: $n) { nodes { ...F } } } fragment F on Pump { id name }`,
		`query A($n: Int) { pumps(first: $n) { nodes { ...F } } } fragment F on Pump { name id }`,
		`query A($n: Int) { x: pumps(first: $n) { nodes { ...F } } } fragment F on Pump { id name }`,
	} {
		if p.plan(t, other) == first {
			t.Errorf("%s has the same plan", other)
		}
	}
}

func TestThePlanCacheIsBounded(t *testing.T) {
	c := newPlanCache(2)
	for _, key := range []string{"a", "b", "a", "c"} {
		if _, ok := c.get(key); !ok {
			c.put(key, &Plan{})
		}
	}
	_, a := c.get("a")
	_, b := c.get("b")
	if !a || b || c.used.Len() != 2 || len(c.byKey) != 2 {
		t.Errorf("a %t, b %t, %d kept", a, b, c.used.Len())
	}
}
