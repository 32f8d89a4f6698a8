package memory

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"mereon/graph/record"
	"mereon/graph/search"
	"mereon/schema"
)

// A word is one word of one entity in the index of words, in 12 bytes that sort by the beginning of the word:
//
//	10 symbols of 6 bits, 0 behind the end   1 bit: the word is longer   3 bits: where it is   32 bits: row
//
// Letters and digits of ASCII have a symbol each, all others share 27, so that what is found by those, or by words of more
// than 10 letters, has to be checked on the texts.
type word struct{ high, low, row uint32 }

const (
	symbols = 10
	longer  = 8

	// Where a word is: in a property, or in a key or name of one, two or more words.
	inOther = 0
	inKey   = 1
	inName  = 4
)

func (w word) code() uint64 { return uint64(w.high)<<32 | uint64(w.low) }

func wordOf(code uint64, row uint32) word { return word{uint32(code >> 32), uint32(code), row} }

func (w word) compare(o word) int {
	return cmp.Or(cmp.Compare(w.code(), o.code()), cmp.Compare(w.row, o.row))
}

// symbol returns the symbol of a letter or digit, and whether no other has it.
func symbol(r rune) (code uint64, own bool) {
	switch {
	case r >= '0' && r <= '9':
		return uint64(r-'0') + 1, true
	case r >= 'a' && r <= 'z':
		return uint64(r-'a') + 11, true
	}
	return 37 + uint64(r)*0x9E3779B1>>8%27, false
}

// encode returns the code of a word without where it is, how many symbols of it are used, and whether no other word has it
// and none begins with it unless it begins with this one.
func encode(text []byte) (code uint64, used int, exact bool) {
	exact = true
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		if used == symbols {
			return code | longer, used, false
		}
		s, own := symbol(r)
		code |= s << (58 - 6*used)
		exact = exact && own
		used++
		i += size
	}
	return code, used, exact
}

// place3 returns the bits for where a word is: in a text of so many words at a place.
func place3(where search.Place, words int) uint64 {
	switch where {
	case search.Key:
		return inKey + uint64(min(words, 3)-1)
	case search.Name:
		return inName + uint64(min(words, 3)-1)
	}
	return inOther
}

// wordCoder collects the codes of entities.
type wordCoder struct {
	s     *Snapshot
	codes []uint64
	visit func(word []byte) // bound once
	text  func(search.Place, string)
}

func (s *Snapshot) wordCoder() *wordCoder {
	c := &wordCoder{s: s}
	c.visit = func(text []byte) {
		code, _, _ := encode(text)
		c.codes = append(c.codes, code)
	}
	c.text = c.add
	return c
}

// of returns the sorted codes of an entity, none twice. They are valid until the next call.
func (c *wordCoder) of(data string) []uint64 {
	c.codes = c.codes[:0]
	if data != "" {
		c.s.texts(data, c.text)
	}
	slices.Sort(c.codes)
	c.codes = slices.Compact(c.codes)
	return c.codes
}

func (c *wordCoder) add(where search.Place, text string) {
	from := len(c.codes)
	search.EachWord(text, c.visit)
	place := place3(where, len(c.codes)-from)
	for i := from; i < len(c.codes); i++ {
		c.codes[i] |= place
	}
}

// texts calls visit with every text by which an entity is found.
func (s *Snapshot) texts(data string, visit func(search.Place, string)) {
	visit(search.Key, record.ID(data))
	record.EachText(data, func(key uint32, v schema.Value) {
		search.TextsOf(schema.Path(s.paths.text(key)), v, visit)
	})
}
