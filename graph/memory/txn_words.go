package memory

import "slices"

// reword brings the index of words up to date with what was touched.
func (t *txn) reword() {
	if t.base.live == 0 {
		t.buildWords(false) // readers want a processor too
		return
	}
	var gone, come []word
	before, now := t.wordCoder(), t.wordCoder()
	for i := range t.touches {
		giveWay(i)
		touched := &t.touches[i]
		if data := t.pages.at(touched.row).data; data != touched.before.data {
			gone, come = difference(gone, come, before.of(touched.before.data), now.of(data), touched.row)
		}
	}
	if few := t.words.len() / 16; len(gone)+len(come) <= few {
		for _, w := range gone {
			t.words.remove(t.owner, findBy(w))
		}
		for _, w := range come {
			t.words.insert(t.owner, w, findBy(w))
		}
		return
	}
	t.rebuildWords(gone, come)
}

// difference appends the words that an entity lost and won; both lists of codes are sorted.
func difference(gone, come []word, before, now []uint64, row uint32) ([]word, []word) {
	for len(before) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(before) > 0 && before[0] < now[0]:
			gone, before = append(gone, wordOf(before[0], row)), before[1:]
		case len(before) == 0 || now[0] < before[0]:
			come, now = append(come, wordOf(now[0], row)), now[1:]
		default:
			before, now = before[1:], now[1:]
		}
	}
	return gone, come
}

// rebuildWords makes the index anew from what it holds, which costs less than many changes.
func (t *txn) rebuildWords(gone, come []word) {
	slices.SortFunc(gone, word.compare)
	slices.SortFunc(come, word.compare)
	kept := make([]word, 0, t.words.len())
	var c cursor[word]
	for c.seek(t.words, nil); c.valid(); c.nextRun() {
		for _, w := range c.run() {
			if len(gone) > 0 && gone[0] == w {
				gone = gone[1:]
				continue
			}
			kept = append(kept, w)
		}
	}
	t.words = build(t.owner, mergeWords(kept, come))
}
