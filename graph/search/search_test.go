package search_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/graph/search"
	"mereon/schema"
)

func TestTextsAreSplitIntoFoldedWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                      nil,
		" -/. ":                 nil,
		"P-7":                   {"p", "7"},
		"Förderpumpe Nr. 7":     {"forderpumpe", "nr", "7"},
		"Fo\u0308rderpumpe":     {"forderpumpe"},
		"STRASSE straße":        {"strasse", "strasse"},
		"Ærøskøbing ŁÓDŹ":       {"aeroskobing", "lodz"},
		"Ψυχή ΟΔΌΣ οδός":        {"ψυχη", "οδοσ", "οδοσ"},
		"Насос №7 Ёлка":         {"насос", "7", "елка"},
		"水泵2号":                  {"水", "泵", "2", "号"},
		"ポンプ":                   {"ポ", "ン", "プ"},
		"ＰＵＭＰ７":                 {"pump7"},
		"a_b.c":                 {"a", "b", "c"},
		"bad \xff\xfe bytes":    {"bad", "bytes"},
		strings.Repeat("x", 99): {strings.Repeat("x", 99)},
	} {
		if diff := cmp.Diff(want, search.Words(text)); diff != "" {
			t.Errorf("Words(%q) -want +got:\n%s", text, diff)
		}
	}
}

func TestEntitiesAreRankedByWhereTheyMatch(t *testing.T) {
	values := []graph.PathValue{
		{Path: graph.ColumnName, Value: schema.StringOf("Feed pump 7")},
		{Path: graph.ColumnExternalIDs, Value: schema.JSONOf(`{"sap":"10004711","n":5,"cad":"A/12"}`)},
		{Path: "maker", Value: schema.StringOf("Dürr Systems")},
		{Path: "tags", Value: schema.ListOf([]schema.Value{schema.StringOf("spare"), schema.IntOf(9)})},
		{Path: "flow", Value: schema.IntOf(77)},
		{Path: graph.ColumnBindings, Value: schema.JSONOf(`{"flow":{"connector":"lab"}}`)},
	}
	for text, want := range map[string]search.Rank{
		"pump-7": search.ExactKey, "PUMP 7": search.ExactKey, "10004711": search.ExactKey, "a 12": search.ExactKey,
		"feed pump 7": search.ExactName, "Feed-Pump 7": search.ExactName,
		"7 feed": search.InName, "pump": search.InName, "pu": search.BeginInName, "fee 7": search.BeginInName,
		"durr": search.Whole, "Dürr feed": search.Whole, "spare": search.Whole, "du fe": search.Begin, "1000": search.Begin,
		"77": search.Ranks, "lab": search.Ranks, "ump": search.Ranks, "pump 8": search.Ranks, "5": search.Ranks,
	} {
		if got, found := search.Parse(text).Match("pump-7", values); got != want || found != (want < search.Ranks) {
			t.Errorf("rank of %q = %d, %t, want %d", text, got, found, want)
		}
	}
}

func TestExternalIDsAreReadAlsoWithEscapesAndNesting(t *testing.T) {
	for object, want := range map[string][]string{
		`{"a":"x"}`: {"x"}, `{ "a" : "x" , "b":1, "c":"y"}`: {"x", "y"}, `{"a":"\u00e9 \"q\""}`: {`é "q"`}, `{"a":{"b":"no"},"c":"z"}`: {"z"},
		`{}`: nil, `null`: nil, `"a"`: nil, `{"a":null,"b":"x"}`: {"x"}, `{"a`: nil, `{"a":"`: {""},
	} {
		var got []string
		search.TextsOf(graph.ColumnExternalIDs, schema.JSONOf(object), func(_ search.Place, text string) { got = append(got, text) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("external ids of %s -want +got:\n%s", object, diff)
		}
	}
}

// FuzzWords sees that words are folded once and for all, and that every text finds the entity named by it.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"Feed pump-7", "ﬁ Straße İstanbul", "水泵", "e\u0301\u0301", "\xff", "ŉ ǆ ǅ K"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := search.Words(text)
		if again := search.Words(strings.Join(words, " ")); !cmp.Equal(words, again) {
			t.Errorf("Words(%q) = %q, and of these %q", text, words, again)
		}
		for _, w := range words {
			if utf8.ValidString(text) && strings.ContainsFunc(w, unicode.IsSpace) {
				t.Errorf("Words(%q) has %q", text, w)
			}
		}
		rank, found := search.Parse(text).Match("id", []graph.PathValue{{Path: graph.ColumnName, Value: schema.StringOf(text)}})
		if !found || len(words) > 0 && rank > search.ExactName {
			t.Errorf("%q finds the entity of that name as %d, %t", text, rank, found)
		}
	})
}
