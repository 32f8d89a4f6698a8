package query

import (
	"mereon/graph/search"
	"mereon/schema"
	"mereon/schema/fault"
)

// maxSearch is how many bytes a text to search for may have: more are no words that somebody typed.
const maxSearch = 1_000

// searchOrder is the order of what a search found when no other is asked for: the store ranks, best first.
var searchOrder = []orderKey{{path: "rank of the search", federated: true, ranked: true}}

// searchArgument understands the argument search.
func (q *question) searchArgument(v any) error {
	q.search, _ = v.(string)
	if len(q.search) > maxSearch {
		return fault.New(fault.Limit, "search has %d bytes, the limit is %d; search for fewer words", len(q.search), maxSearch)
	}
	if len(q.order) == 0 && !search.Parse(q.search).Empty() {
		q.order = searchOrder
	}
	return nil
}

// rankKeys are ranks as the keys of an order.
func rankKeys(ranks []int32) [][]schema.Value {
	keys := make([]schema.Value, len(ranks))
	for i, r := range ranks {
		keys[i] = schema.IntOf(int64(r))
	}
	return [][]schema.Value{keys}
}
