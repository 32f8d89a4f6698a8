package graph

import "mereon/schema"

// EntityID identifies an entity: chosen by the modeler, 1 to 256 characters, or a ULID.
type EntityID string

// Revision numbers the states of the graph: gapless, from 1; 0 is the empty graph.
type Revision int64

// Origin says who owns an entity: the project folder, or the API.
type Origin string

const (
	FromProject Origin = "project"
	FromAPI     Origin = "api"
)

// Built-in columns of every entity. All others are property paths. The model language reserves these names.
const (
	ColumnID          schema.Path = "id"          // String
	ColumnName        schema.Path = "name"        // String
	ColumnType        schema.Path = "assetType"   // String
	ColumnRevision    schema.Path = "revision"    // Int: of the last change to the entity or its outgoing relationships
	ColumnExternalIDs schema.Path = "externalIds" // JSON object of strings
	ColumnCreatedAt   schema.Path = "createdAt"   // DateTime
	ColumnUpdatedAt   schema.Path = "updatedAt"   // DateTime
	ColumnOrigin      schema.Path = "origin"      // String: project or api
	ColumnEdited      schema.Path = "edited"      // Bool: a project entity was changed by the API since it was applied
	ColumnBindings    schema.Path = "bindings"    // JSON object: live property -> {connector, ref}
	ColumnRules       schema.Path = "rules"       // JSON object: rule set -> parameters
	ColumnSource      schema.Path = "source"      // JSON: what an importer could not map
)

// Settable says whether a change may set the column: name, externalIds, bindings, rules and source, and every property.
func Settable(p schema.Path) bool {
	switch p {
	case ColumnID, ColumnType, ColumnRevision, ColumnCreatedAt, ColumnUpdatedAt, ColumnOrigin, ColumnEdited:
		return false
	}
	return true
}
