package connectors

import "context"

// Surveyor tells how the tables and series of a system hang together, so that types can be proposed for them.
type Surveyor interface {
	Survey(ctx context.Context) (Survey, error)
}

// Survey is what a system holds, as far as it says.
type Survey struct {
	Tables []SurveyedTable // by name
	Series []SurveyedSeries
	Hints  []string // for people: what the connector's configuration could name too
}

// SurveyedTable is a collection with what ties it to others.
type SurveyedTable struct {
	Collection
	Key      []string            // columns that identify a row; empty when none are known
	Required []string            // columns that are never null
	Labels   map[string][]string // columns that hold one of few texts
	Links    []Link
}

// Link says that values of columns are those of the columns of another collection, where they identify a row.
type Link struct {
	Columns    []string
	Collection string
	Target     []string // as many as Columns
}

// SurveyedSeries is a family of series: Ref has {name} for each key and {column} for the signal, unless Signals is empty.
type SurveyedSeries struct {
	Name, Description, Ref string
	Keys                   []Column
	Signals                []Column
}
