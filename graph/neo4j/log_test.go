package neo4j

import (
	"slices"
	"testing"

	"mereon/graph"
	"mereon/graph/record"
)

// logged are nodes of the change log as Neo4j returns them: groups of so many changes, from revision 1 on.
func logged(groups ...int) (nodes []any) {
	tip := graph.Revision(0)
	for _, size := range groups {
		w := &writing{base: tip}
		for range size {
			tip++
			w.deltas = append(w.deltas, record.AppendDelta(nil, &record.Delta{Change: graph.Change{Revision: tip}}))
		}
		w.tip = tip
		for _, row := range w.logRows() {
			nodes = append(nodes, []any{row["data"], row["first"]})
		}
	}
	return nodes
}

// revisionsOf reads the revisions of changes.
func revisionsOf(t *testing.T, deltas []string) (revisions []graph.Revision) {
	t.Helper()
	for _, encoded := range deltas {
		d, err := record.DecodeDelta(encoded)
		if err != nil {
			t.Fatal(err)
		}
		revisions = append(revisions, d.Change.Revision)
	}
	return revisions
}

func TestTheLogIsReadFromAnyChangeOfAGroup(t *testing.T) {
	nodes := logged(1, 3, 0, 2, 1)
	all := []graph.Revision{1, 2, 3, 4, 5, 6, 7}
	for from := range all {
		deltas, err := following(graph.Revision(from), nodes)
		if err != nil {
			t.Fatal(err)
		}
		if got := revisionsOf(t, deltas); !slices.Equal(got, all[from:]) {
			t.Errorf("after %d came %v, want %v", from, got, all[from:])
		}
	}
}

func TestTheLogEndsWhereAChangeIsMissing(t *testing.T) {
	nodes := logged(1, 2, 1)
	deltas, err := following(0, slices.Delete(nodes, 1, 2))
	if got := revisionsOf(t, deltas); err != nil || !slices.Equal(got, []graph.Revision{1}) {
		t.Errorf("changes %v, %v; want the first alone", got, err)
	}
}

func FuzzDeltasOfAGroup(f *testing.F) {
	f.Add([]byte{})
	f.Add(joinDeltas([][]byte{[]byte("one"), {}, []byte("three")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		split, err := splitDeltas(string(data))
		if err != nil {
			return
		}
		parts := make([][]byte, len(split))
		for i, d := range split {
			parts[i] = []byte(d)
		}
		again, err := splitDeltas(string(joinDeltas(parts)))
		if err != nil || !slices.Equal(again, split) {
			t.Errorf("%q joined and split again is %q, %v", split, again, err)
		}
	})
}
