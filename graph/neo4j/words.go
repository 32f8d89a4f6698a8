package neo4j

import (
	"strings"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/graph/search"
)

// maxWord is how much of a word is searched by Neo4j, in bytes; memory looks at all of it.
const maxWord = 100

// wordsOf lists the words by which an entity is found, for a full-text index that splits at blanks. They hold letters and
// digits alone, so that none of them means anything to the index. They stand at a node of their own, which only changes
// with them: a full-text index takes more time for a state than all the rest of it. nil has none.
func wordsOf(e *record.Entity) string {
	if e == nil {
		return ""
	}
	seen := map[string]bool{}
	var words []string
	search.Texts(e.ID, e.Values, func(_ search.Place, text string) {
		search.EachWord(text, func(word []byte) {
			w := begin(string(word))
			if !seen[w] {
				seen[w] = true
				words = append(words, w)
			}
		})
	})
	return strings.Join(words, " ")
}

func begin(word string) string {
	if len(word) <= maxWord {
		return word
	}
	cut := maxWord
	for cut > 0 && word[cut]&0xC0 == 0x80 {
		cut--
	}
	return word[:cut]
}

// fromWords finds candidates by the beginnings of all words. The index follows what is written, so that a commit need not
// wait for it; a search waits until it has.
const fromWords = `CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()
WITH 1 AS ready CALL db.index.fulltext.queryNodes($index, $words) YIELD node AS w
WITH w WHERE w._since <= $r AND w._until > $u
WITH w.id AS id` + stateOf + ` AND ($types IS NULL OR s.assetType IN $types)`

// searched is where the candidates of a search come from.
func searched(graphName string, q search.Query, of *graph.Selection) source {
	spells := make([]string, len(q.Words))
	for i, w := range q.Words {
		spells[i] = "+" + begin(w) + "*"
	}
	src := source{match: fromWords, params: map[string]any{"index": graphName + "WordsSearch", "words": strings.Join(spells, " "), "types": nil}}
	if of.Types != nil {
		src.params["types"] = idsOf(of.Types)
	}
	return src
}
