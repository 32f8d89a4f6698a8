package memory

import "slices"

// insert adds item where the search for it points, or replaces what it finds there.
func (t *tree[T]) insert(owner uint64, item T, find finder[T]) {
	if t.root == nil {
		t.root = &node[T]{owner: owner, count: 1, items: []T{item}}
		return
	}
	root, right := t.root.insert(owner, item, find)
	if right != nil {
		root = branch(owner, []*node[T]{root, right})
	}
	t.root = root
}

func branch[T any](owner uint64, kids []*node[T]) *node[T] {
	n := &node[T]{owner: owner, kids: kids, items: make([]T, len(kids))}
	for i, k := range kids {
		n.items[i] = k.items[0]
		n.count += k.count
	}
	return n
}

// owned returns n when owner made it, else a copy with room for one more.
func (n *node[T]) owned(owner uint64) *node[T] {
	if n.owner == owner {
		return n
	}
	c := &node[T]{owner: owner, count: n.count, items: append(make([]T, 0, len(n.items)+1), n.items...)}
	if n.kids != nil {
		c.kids = append(make([]*node[T], 0, len(n.kids)+1), n.kids...)
	}
	return c
}

func (n *node[T]) insert(owner uint64, item T, find finder[T]) (left, right *node[T]) {
	n = n.owned(owner)
	if n.kids == nil {
		place, found := find(n.items)
		if found {
			n.items[place] = item
			return n, nil
		}
		n.items = slices.Insert(n.items, place, item)
		n.count++
		return n.split(owner, place)
	}
	k := n.kidFor(find)
	before := n.kids[k].count
	kid, added := n.kids[k].insert(owner, item, find)
	n.kids[k], n.items[k] = kid, kid.items[0]
	n.count += kid.count - before
	if added == nil {
		return n, nil
	}
	n.kids, n.items = slices.Insert(n.kids, k+1, added), slices.Insert(n.items, k+1, added.items[0])
	n.count += added.count
	return n.split(owner, k+1)
}

// split halves a full node; one that grew at its end keeps all but the newest, so that ascending input fills nodes.
func (n *node[T]) split(owner uint64, grownAt int) (left, right *node[T]) {
	if len(n.items) <= fanout {
		return n, nil
	}
	at := len(n.items) / 2
	if grownAt == len(n.items)-1 {
		at = len(n.items) - 1
	}
	right = &node[T]{owner: owner, items: slices.Clone(n.items[at:])}
	clear(n.items[at:])
	n.items = n.items[:at]
	if n.kids == nil {
		right.count = len(right.items)
		n.count -= right.count
		return n, right
	}
	right.kids = slices.Clone(n.kids[at:])
	clear(n.kids[at:])
	n.kids = n.kids[:at]
	for _, k := range right.kids {
		right.count += k.count
	}
	n.count -= right.count
	return n, right
}

// remove takes out the item that the search finds, and says whether it did.
func (t *tree[T]) remove(owner uint64, find finder[T]) bool {
	if _, found := t.find(find); !found {
		return false
	}
	t.root = t.root.remove(owner, find)
	for t.root.kids != nil && len(t.root.kids) == 1 {
		t.root = t.root.kids[0]
	}
	if t.root.count == 0 {
		t.root = nil
	}
	return true
}

func (n *node[T]) remove(owner uint64, find finder[T]) *node[T] {
	n = n.owned(owner)
	n.count--
	if n.kids == nil {
		place, _ := find(n.items)
		n.items = slices.Delete(n.items, place, place+1)
		return n
	}
	k := n.kidFor(find)
	kid := n.kids[k].remove(owner, find)
	if len(kid.items) == 0 {
		n.kids, n.items = slices.Delete(n.kids, k, k+1), slices.Delete(n.items, k, k+1)
		return n
	}
	n.kids[k], n.items[k] = kid, kid.items[0]
	if len(kid.items) < fanout/4 {
		n.join(owner, k)
	}
	return n
}

// join merges kid k with a neighbour when both fit into one node.
func (n *node[T]) join(owner uint64, k int) {
	if k == len(n.kids)-1 {
		k--
	}
	if k < 0 || len(n.kids[k].items)+len(n.kids[k+1].items) > fanout*3/4 {
		return
	}
	left, right := n.kids[k].owned(owner), n.kids[k+1]
	left.items = append(left.items, right.items...)
	left.kids = append(left.kids, right.kids...)
	left.count += right.count
	n.kids[k] = left
	n.kids, n.items = slices.Delete(n.kids, k+1, k+2), slices.Delete(n.items, k+1, k+2)
}

// build makes a tree of sorted items, which it copies.
func build[T any](owner uint64, items []T) tree[T] {
	if len(items) == 0 {
		return tree[T]{}
	}
	const fill = fanout * 7 / 8
	var level []*node[T]
	for part := range slices.Chunk(items, fill) {
		level = append(level, &node[T]{owner: owner, count: len(part), items: append(make([]T, 0, len(part)), part...)})
	}
	for len(level) > 1 {
		var up []*node[T]
		for part := range slices.Chunk(level, fill) {
			up = append(up, branch(owner, slices.Clone(part)))
		}
		level = up
	}
	return tree[T]{level[0]}
}
