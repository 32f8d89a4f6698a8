package memory

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func findInt(v int) finder[int] {
	return func(items []int) (int, bool) { return slices.BinarySearch(items, v) }
}

func all(t tree[int]) (items []int) {
	var c cursor[int]
	for c.seek(t, nil); c.valid(); c.next() {
		items = append(items, c.item())
	}
	return items
}

// checkTree compares a tree with the sorted items it must hold, in every way it can be asked.
func checkTree(t *testing.T, tr tree[int], want []int, r *rand.Rand) {
	t.Helper()
	if got := all(tr); !slices.Equal(got, want) || tr.len() != len(want) {
		t.Fatalf("tree holds %d items (len %d), want %d", len(got), tr.len(), len(want))
	}
	var back []int
	var c cursor[int]
	for c.last(tr); c.valid(); c.prev() {
		back = append(back, c.item())
	}
	slices.Reverse(back)
	if !slices.Equal(back, want) {
		t.Fatalf("backwards the tree holds %d items, want %d", len(back), len(want))
	}
	for range 20 {
		v := r.IntN(6000)
		at, found := slices.BinarySearch(want, v)
		if _, ok := tr.find(findInt(v)); ok != found {
			t.Fatalf("find(%d) = %t, want %t", v, ok, found)
		}
		if got := tr.rank(findInt(v)); got != at {
			t.Fatalf("rank(%d) = %d, want %d", v, got, at)
		}
		if c.seek(tr, findInt(v)); c.valid() != (at < len(want)) || c.valid() && c.item() != want[at] {
			t.Fatalf("seek(%d) is wrong", v)
		}
		if c.seekRank(tr, at); c.valid() != (at < len(want)) || c.valid() && c.item() != want[at] {
			t.Fatalf("seekRank(%d) is wrong", at)
		}
	}
	if tr.root != nil {
		checkNode(t, tr.root)
	}
}

// checkNode sees that every branch knows the first item and the number of items below.
func checkNode(t *testing.T, n *node[int]) (first, count int) {
	t.Helper()
	if len(n.items) == 0 || len(n.items) > fanout {
		t.Fatalf("a node holds %d items", len(n.items))
	}
	if n.kids == nil {
		return n.items[0], len(n.items)
	}
	for i, kid := range n.kids {
		first, below := checkNode(t, kid)
		if count += below; first != n.items[i] {
			t.Fatalf("a branch says %d begins below kid %d, it is %d", n.items[i], i, first)
		}
	}
	if count != n.count {
		t.Fatalf("a branch counts %d, it is %d", n.count, count)
	}
	return n.items[0], count
}

func TestTreeAgreesWithASortedSlice(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 1))
		var tr tree[int]
		var want []int
		if seed%2 == 1 {
			for v := range 3000 {
				want = append(want, 2*v)
			}
			tr = build(0, want)
		}
		for owner := uint64(1); owner < 150; owner++ {
			before, wantBefore := tr, slices.Clone(want)
			growing := r.IntN(2) == 0
			for range r.IntN(150) {
				v := r.IntN(6000)
				at, found := slices.BinarySearch(want, v)
				if growing || r.IntN(4) == 0 {
					tr.insert(owner, v, findInt(v))
					if !found {
						want = slices.Insert(want, at, v)
					}
				} else if len(want) > 0 {
					v = want[r.IntN(len(want))]
					at, _ = slices.BinarySearch(want, v)
					if !tr.remove(owner, findInt(v)) {
						t.Fatalf("remove(%d) found nothing", v)
					}
					want = slices.Delete(want, at, at+1)
				}
			}
			checkTree(t, tr, want, r)
			checkTree(t, before, wantBefore, r) // the version before did not change
		}
		for len(want) > 0 {
			tr.remove(1000, findInt(want[0]))
			want = want[1:]
		}
		checkTree(t, tr, nil, r)
	}
}
