// Package graph owns the twin graph: entities, relationships, artifacts, revisions, and the contract of a Store.
//
// A Store keeps the graph and answers questions in batches from a consistent snapshot, the View. It knows nothing of
// GraphQL and little of the model: a Layout tells it which relationship names are single or form hierarchies, which
// values are unique and which are indexed. Everything typed (defaults, checks of values, field names) is done above it:
// a Draft turns inputs in the model's own words into a ChangeSet.
//
// Rules for all stores are written once, in graph/graphtest, which every store runs.
//
//	view, err := store.View(ctx)
//	defer view.Close()
//	pumps, err := view.Select(ctx, graph.Selection{Types: []schema.TypeName{"Pump"}, Page: graph.Page{First: 100}, Columns: []schema.Path{"id", "name"}})
//	for i := range pumps.Rows {
//		fmt.Println(pumps.Cell(0, i).Text(), pumps.Cell(1, i).Text())
//	}
package graph
