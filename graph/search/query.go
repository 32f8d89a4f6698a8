package search

import (
	"slices"

	"mereon/graph"
)

// Query is a text to search for. Its zero value has no words and finds everything.
type Query struct {
	Words []string // in order, with repeats
}

// Parse splits a text into the words to search for.
func Parse(text string) Query { return Query{Words(text)} }

// Empty says that there is nothing to search for.
func (q Query) Empty() bool { return len(q.Words) == 0 }

// Rank says how well an entity fits a Query: smaller is better.
type Rank = int32

const (
	ExactKey    Rank = iota // the id or an external id consists of the words, in order
	ExactName               // the name does
	InName                  // all of them are whole words of the name
	BeginInName             // all of them begin words of the name
	Whole                   // all of them are whole words, anywhere
	Begin                   // all of them begin words, anywhere
	Ranks       = 6
)

// Match says whether an entity is found, and its rank.
func (q Query) Match(id graph.EntityID, values []graph.PathValue) (rank Rank, found bool) {
	m := q.Matcher()
	Texts(id, values, m.Text)
	return m.Rank()
}

// Matcher takes the texts of one entity after the other.
type Matcher struct {
	query  Query
	words  []seen
	exact  Rank // the best of ExactKey and ExactName, else Ranks
	text   Place
	at     int  // words of the text so far
	inStep bool // they are those of the query
}

// seen says how one word of the query was met.
type seen struct{ begin, whole, beginInName, wholeInName bool }

// Matcher returns a matcher for the query.
func (q Query) Matcher() *Matcher {
	return &Matcher{query: q, words: make([]seen, len(q.Words)), exact: Ranks}
}

// Reset forgets the entity before.
func (m *Matcher) Reset() {
	clear(m.words)
	m.exact = Ranks
}

// Text takes a text of the entity.
func (m *Matcher) Text(where Place, text string) {
	m.text, m.at, m.inStep = where, 0, true
	EachWord(text, m.word)
	if where != Other && m.inStep && m.at == len(m.query.Words) {
		m.exact = min(m.exact, Rank(where))
	}
}

func (m *Matcher) word(word []byte) {
	for i, wanted := range m.query.Words {
		if len(wanted) > len(word) || string(word[:len(wanted)]) != wanted {
			continue
		}
		s, whole := &m.words[i], len(wanted) == len(word)
		s.begin, s.whole = true, s.whole || whole
		if m.text == Name {
			s.beginInName, s.wholeInName = true, s.wholeInName || whole
		}
	}
	m.inStep = m.inStep && m.at < len(m.query.Words) && string(word) == m.query.Words[m.at]
	m.at++
}

// Rank says whether the entity is found, and its rank.
func (m *Matcher) Rank() (Rank, bool) {
	all := func(is func(seen) bool) bool {
		return !slices.ContainsFunc(m.words, func(s seen) bool { return !is(s) })
	}
	switch {
	case !all(func(s seen) bool { return s.begin }):
		return Ranks, false
	case m.exact < Ranks:
		return m.exact, true
	case all(func(s seen) bool { return s.wholeInName }):
		return InName, true
	case all(func(s seen) bool { return s.beginInName }):
		return BeginInName, true
	case all(func(s seen) bool { return s.whole }):
		return Whole, true
	}
	return Begin, true
}
