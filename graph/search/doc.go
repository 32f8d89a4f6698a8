// Package search says which entities a text finds, and how well: the same in every store.
//
// A text is split into words: runs of letters and digits, written in lower case and without accents. Every ideograph and kana is
// a word of its own. An entity is found when every word of the text begins some word of its id, its name, its external ids or
// its texts (properties that hold text or lists of it).
//
//	q := search.Parse("förd 7")                                       // "ford", "7"
//	rank, found := q.Match(id, values)                                 // 0 best; see Rank
//	search.Texts(id, values, func(where search.Place, text string) {}) // what a store keeps words of
//	search.EachWord("P-7/Ä", func(word []byte) {})                     // "p", "7", "a"
package search
