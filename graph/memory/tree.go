package memory

// fanout is the most items a node holds. A change copies one node of every level.
const fanout = 128

// tree is a persistent sorted sequence: a B+ tree whose nodes are shared between versions. The zero tree is empty.
//
// It holds no order of its own: every operation brings a search that knows the snapshot, so that items can be bare row
// numbers compared by what the row holds. An owner may change the nodes it made; all others are copied first.
type tree[T any] struct {
	root *node[T]
}

type node[T any] struct {
	owner uint64
	count int        // items of the leaves below
	items []T        // of a leaf: the items; of a branch: the first item below every kid
	kids  []*node[T] // nil in a leaf
}

// finder returns the place of the first item not before the one looked for, and whether it is that item.
type finder[T any] func(items []T) (place int, found bool)

func (t tree[T]) len() int {
	if t.root == nil {
		return 0
	}
	return t.root.count
}

func (n *node[T]) kidFor(find finder[T]) int {
	place, found := find(n.items)
	if !found && place > 0 {
		place--
	}
	return place
}

// find returns the item that the search finds.
func (t tree[T]) find(find finder[T]) (item T, found bool) {
	n := t.root
	if n == nil {
		return item, false
	}
	for n.kids != nil {
		n = n.kids[n.kidFor(find)]
	}
	place, found := find(n.items)
	if found {
		item = n.items[place]
	}
	return item, found
}

// rank returns the number of items before the one looked for.
func (t tree[T]) rank(find finder[T]) int {
	n, before := t.root, 0
	if n == nil {
		return 0
	}
	for n.kids != nil {
		k := n.kidFor(find)
		for _, kid := range n.kids[:k] {
			before += kid.count
		}
		n = n.kids[k]
	}
	place, _ := find(n.items)
	return before + place
}

// cursor walks a tree. It is valid while its tree is not changed in place.
type cursor[T any] struct {
	path [8]struct {
		n  *node[T]
		at int
	}
	depth int // nodes in path; 0: past an end
}

// seek places the cursor at the first item not before the one looked for; a nil search means the first item.
func (c *cursor[T]) seek(t tree[T], find finder[T]) {
	c.depth = 0
	for n := t.root; n != nil && len(n.items) > 0; {
		at := 0
		if find != nil {
			if n.kids != nil {
				at = n.kidFor(find)
			} else {
				at, _ = find(n.items)
			}
		}
		c.path[c.depth].n, c.path[c.depth].at = n, at
		c.depth++
		if n.kids == nil {
			break
		}
		n = n.kids[at]
	}
	if c.depth > 0 && c.path[c.depth-1].at == len(c.path[c.depth-1].n.items) {
		c.path[c.depth-1].at--
		c.next()
	}
}

// last places the cursor at the last item.
func (c *cursor[T]) last(t tree[T]) {
	c.depth = 0
	for n := t.root; n != nil && len(n.items) > 0; {
		at := len(n.items) - 1
		c.path[c.depth].n, c.path[c.depth].at = n, at
		c.depth++
		if n.kids == nil {
			return
		}
		n = n.kids[at]
	}
}

func (c *cursor[T]) valid() bool { return c.depth > 0 }

func (c *cursor[T]) item() T {
	top := &c.path[c.depth-1]
	return top.n.items[top.at]
}

// run returns the items from the cursor to the end of its leaf.
func (c *cursor[T]) run() []T {
	top := &c.path[c.depth-1]
	return top.n.items[top.at:]
}

// nextRun moves to the leaf after the cursor's.
func (c *cursor[T]) nextRun() {
	top := &c.path[c.depth-1]
	top.at = len(top.n.items) - 1
	c.next()
}

func (c *cursor[T]) next() { c.move(1) }
func (c *cursor[T]) prev() { c.move(-1) }

func (c *cursor[T]) move(by int) {
	level := c.depth - 1
	for ; level >= 0; level-- {
		c.path[level].at += by
		if at := c.path[level].at; at >= 0 && at < len(c.path[level].n.items) {
			break
		}
	}
	if level < 0 {
		c.depth = 0
		return
	}
	for ; level < c.depth-1; level++ {
		n := c.path[level].n.kids[c.path[level].at]
		at := 0
		if by < 0 {
			at = len(n.items) - 1
		}
		c.path[level+1].n, c.path[level+1].at = n, at
	}
}

// seekRank places the cursor at item number rank.
func (c *cursor[T]) seekRank(t tree[T], rank int) {
	c.depth = 0
	if rank < 0 || rank >= t.len() {
		return
	}
	n := t.root
	for n.kids != nil {
		at := 0
		for rank >= n.kids[at].count {
			rank -= n.kids[at].count
			at++
		}
		c.path[c.depth].n, c.path[c.depth].at = n, at
		c.depth++
		n = n.kids[at]
	}
	c.path[c.depth].n, c.path[c.depth].at = n, rank
	c.depth++
}
