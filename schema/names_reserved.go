package schema

import (
	"slices"
	"strings"

	"mereon/schema/fault"
)

// reservedTypes are the GraphQL types that the API has whatever the model is: of the data plane, then of the control plane.
var reservedTypes = [...]string{
	"Query", "Mutation", "Subscription", "Entity", "Node", "PageInfo", "Within", "Order", "Direction", "Aggregate", "Quality",
	"Status", "State", "StateInput", "StateStep", "Path", "PathStep", "CommonAncestor", "EntityIs", "Affected", "AffectedConnection", "AffectedThrough", "PlainEntity", "EntityConnection", "EntityEdge",
	"EntityAggregate", "EntityAggregateKey", "EntityAggregateBy", "EntityAggregateOrderBy", "GroupValue", "GroupEntity", "GroupTime", "Above", "Along", "MeasureOrder",
	"EntityFilter", "StatusFilter", "EntityRelationFilter", "EntityCountFilter", "EntityOrderBy", "OrderByCount", "Reached", "ReachConnection", "ReachEdge",
	"Relationship", "RelationshipConnection", "RelationshipEdge", "RelationshipAggregate", "OnChildren", "ChangeInput", "CreateChange", "UpdateChange",
	"DeleteChange", "RelateChange", "UnrelateChange", "Target", "ChangeReport", "Difference", "ValueDifference", "RelationDifference", "NewEntity", "EntityChange", "ChangeKind", "SceneFrame",
	"Alarm", "AlarmConnection", "AlarmEdge", "AlarmFilter", "Severity", "Literal",
	"Int", "Long", "Float", "Decimal", "Boolean", "String", "ID", "Date", "DateTime", "Duration", "JSON",
	"ConnectorInfo", "ConnectorState", "EntityUpdateInfo", "ExampleOperation", "Explanation", "FieldInfo", "FieldKind", "HierarchyInfo",
	"ModelDifference", "ModelFile", "ModelInfo", "ProjectFileInput", "ProjectPlan", "ProjectProblem", "RuleSetInfo", "SceneInfo",
	"SceneParameter", "ServerStatus", "TypeInfo", "TypeKind",
}

// reservedRoots are the root fields that the API has whatever the model is, and some it will have.
var reservedRoots = [...]string{
	"entity", "entities", "path", "paths", "commonAncestors", "node", "nodes", "alarm", "alarms", "scene", "scenes", "rule", "rules", "ruleSet", "ruleSets",
	"connector", "connectors", "model", "server", "examples", "explain", "entityChanges", "sceneFrames", "changes", "plan", "entityGroups",
}

// ReservedType says whether the API has a GraphQL type of that name whatever the model is. What it makes for the types of
// a model is reserved too, and only known with the model: Parse says so.
func ReservedType(name string) bool {
	if slices.Contains(reservedTypes[:], name) || strings.HasPrefix(name, "__") {
		return true
	}
	return slices.ContainsFunc(scalarNames[:], func(scalar string) bool { return slices.Contains(valueTypes(scalar), name) })
}

// ReservedRoot says whether the API has a root field of that name whatever the model is.
func ReservedRoot(name string) bool { return slices.Contains(reservedRoots[:], name) }

// generated returns the names of the GraphQL types that are made for d beside its own.
func (d *declaration) generated() []string {
	n := string(d.name)
	switch d.kind {
	case assetDeclaration:
		return []string{
			n + "Filter", n + "RelationFilter", n + "CountFilter", n + "Connection", n + "Edge", n + "OrderBy", "Create" + n, "Update" + n, "Plain" + n,
			n + "Change", "New" + n, n + "Neighbours",
			n + "Aggregate", n + "AggregateKey", n + "AggregateBy", n + "AggregateOrderBy",
		}
	case componentDeclaration:
		return []string{n + "Filter", n + "Input", n + "OrderBy", n + "Aggregate", n + "AggregateKey", n + "AggregateBy", n + "AggregateOrderBy"}
	case recordDeclaration:
		return []string{n + "Filter", n + "RelationFilter", n + "CountFilter", n + "Connection", n + "Edge", n + "OrderBy",
			n + "Aggregate", n + "AggregateKey", n + "AggregateBy", n + "AggregateOrderBy"}
	}
	return valueTypes(n)
}

// valueTypes are the types that are made for each scalar and enum.
func valueTypes(n string) []string {
	return []string{n + "Filter", n + "ListFilter", n + "SeriesFilter", n + "Series", n + "Value", n + "ListValue", n + "History", n + "Measurement", n + "Measures"}
}

// checkNames reports types that are named like something the API makes, and root fields that clash.
func (p *parse) checkNames() {
	taken := make(map[string]string)
	for _, n := range reservedTypes {
		taken[n] = "the API has a type of this name"
	}
	for _, scalar := range scalarNames {
		for _, n := range valueTypes(scalar) {
			taken[n] = "the API makes it for the scalar " + scalar
		}
	}
	makers := make(map[string]*declaration)
	for _, d := range p.order {
		for _, n := range d.generated() {
			if other := makers[n]; other != nil {
				p.add(d.position, "give one of them another name", "%s and %s at %s would both make the type %s", d.name, other.name, other.position, n)
			}
			makers[n] = d
		}
	}
	for _, d := range p.order {
		reason := taken[string(d.name)]
		if maker := makers[string(d.name)]; reason == "" && maker != nil {
			reason = "the API makes it for " + string(maker.name)
		}
		if reason != "" {
			p.add(d.position, "give it another name", "%s is a reserved type name: %s", d.name, reason)
			d.misnamed = true
			continue
		}
		for _, n := range d.generated() {
			if reason := taken[n]; reason != "" {
				p.add(d.position, "give it another name", "%s would make the type %s, and %s", d.name, n, reason)
			}
		}
	}
	p.checkRoots()
}

func (p *parse) checkRoots() {
	taken := make(map[string]string)
	for _, n := range reservedRoots {
		taken[n] = "the API has a root field of this name"
	}
	claim := func(d *declaration, at fault.Position, singular, plural, directive string) {
		for _, root := range slices.Compact([]string{singular, plural}) {
			if other := taken[root]; other != "" {
				p.add(at, "rename it, or write @"+directive+`(plural: "...")`, "the root field %s of %s clashes: %s", root, d.name, other)
				continue
			}
			taken[root] = "it is also that of " + string(d.name) + " at " + d.position.String()
		}
		if singular == plural {
			p.add(at, "choose a plural that differs from "+singular, "the plural of %s is its singular", d.name)
		}
	}
	for _, d := range p.order {
		if d.misnamed {
			continue
		}
		if t := p.model.Types[d.name]; t != nil && t.Exposed {
			claim(d, d.position, t.Singular, t.Plural, "asset")
		}
		if r := p.model.Records[d.name]; r != nil {
			claim(d, d.position, r.Singular, r.Plural, "record")
		}
	}
}
