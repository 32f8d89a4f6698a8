// Package proposal makes a part of a model of what another system says it holds: a record type for each collection with
// foreign keys as joins, an enum for each set of labels, a component for each family of series.
//
//	text := proposal.Of("erp", survey, model).String()
//
// On a model that already has types of the connector, Differences says what has changed over there.
package proposal
