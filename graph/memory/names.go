package memory

import (
	"maps"
	"slices"
)

// names numbers texts that repeat: types, relations, paths. A number, once given, keeps its meaning in all later versions.
type names struct {
	numbers map[string]uint32
	texts   []string
}

func (n *names) number(text string) (uint32, bool) {
	i, ok := n.numbers[text]
	return i, ok
}

func (n *names) text(number uint32) string { return n.texts[number] }

// growing is a names that a transaction may add to; the first addition copies.
type growing struct {
	names
	owned bool
}

func (g *growing) add(text string) uint32 {
	if i, ok := g.numbers[text]; ok {
		return i
	}
	if !g.owned {
		g.numbers, g.texts, g.owned = maps.Clone(g.numbers), slices.Clone(g.texts), true
		if g.numbers == nil {
			g.numbers = map[string]uint32{}
		}
	}
	i := uint32(len(g.texts))
	g.numbers[text], g.texts = i, append(g.texts, text)
	return i
}
