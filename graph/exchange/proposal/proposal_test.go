package proposal

import (
	"strings"
	"testing"

	"mereon/connectors"
	"mereon/schema"
)

func column(name string, s schema.Scalar) connectors.Column {
	return connectors.Column{Name: name, Type: schema.ValueType{Scalar: s}}
}

// survey is a system whose names and comments are made to break a model.
func survey() connectors.Survey {
	return connectors.Survey{
		Tables: []connectors.SurveyedTable{
			{Collection: connectors.Collection{Name: "queries", Description: `He said: """ends here""" \ and "there"`, Columns: []connectors.Column{column("type", schema.String), column("asset_id", schema.Long)}}, Key: []string{"type"},
				Links: []connectors.Link{{Columns: []string{"asset_id"}, Collection: "entities", Target: []string{"id"}}, {Columns: []string{"type"}, Collection: "nowhere", Target: []string{"x"}}}},
			{Collection: connectors.Collection{Name: "entities", Columns: []connectors.Column{column("id", schema.Int), column("asset", schema.JSON), column("ümlaut", schema.String), {Name: "kinds", Type: schema.ValueType{Scalar: schema.String, List: true}}}}, Key: []string{"id"},
				Labels: map[string][]string{"kinds": {"a"}}},
			{Collection: connectors.Collection{Name: "9 lives", Columns: []connectors.Column{column("cat", schema.String)}}, Key: []string{"cat"}, Labels: map[string][]string{"cat": {"not a name"}}},
		},
		Series: []connectors.SurveyedSeries{{Name: "m", Ref: "{asset}/{column}", Keys: []connectors.Column{column("asset", schema.String)}, Signals: []connectors.Column{column("a b", schema.Float), column("aB", schema.Float), column("%", schema.Float)}}},
		Hints:  []string{"two\nlines"},
	}
}

func TestAProposalIsAModelWhateverNamesAndCommentsAre(t *testing.T) {
	text := Of("erp", survey(), nil).String()
	model, problems := schema.Parse([]schema.File{{Name: "erp.graphql", Text: text}})
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(model.Records) != 3 || len(model.Components) != 1 {
		t.Errorf("%d records, %d components\n%s", len(model.Records), len(model.Components), text)
	}
	for _, want := range []string{"queries: [", `@join(where: "id = asset_id")`, `# column "ümlaut" of entities has no name`, `# the signal "%" of m has no name`, "# two lines"} {
		if !strings.Contains(text, want) {
			t.Errorf("the proposal lacks %s:\n%s", want, text)
		}
	}
	if lines := Of("erp", survey(), model).Differences(model); len(lines) > 0 {
		t.Errorf("the model of the proposal differs from it: %q", lines)
	}
	if !Known("erp", model) || Known("other", model) {
		t.Error("Known")
	}
}
