package twinmaker

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"mereon/graph/exchange"
)

// entityFile writes the entities of the workspace in their order, with the model's field names.
func (m *model) entityFile(w *workspace, report *exchange.Report) ([]byte, error) {
	list := make([]any, 0, len(w.entities))
	known := map[string]bool{}
	for _, e := range w.entities {
		known[e.EntityID] = true
	}
	for _, e := range w.entities {
		list = append(list, m.entity(e, known, report))
	}
	return yaml.Marshal(list)
}

func (m *model) entity(e *entity, known map[string]bool, report *exchange.Report) map[string]any {
	t := m.byID[e.EntityID]
	fields := map[string]any{"assetType": t.name, "id": e.EntityID, "name": e.EntityName}
	if e.EntityName == "" {
		fields["name"] = e.EntityID
	}
	if e.Description != "" {
		fields["description"] = e.Description
	}
	if e.ParentEntityID != "" && e.ParentEntityID != root {
		fields["within"] = e.ParentEntityID
	}
	if e.ExternalID != "" {
		fields["externalIds"] = map[string]any{"twinmaker": e.ExternalID}
	}
	if len(e.Tags)+len(e.Composites) > 0 {
		report.Unmapped = append(report.Unmapped, exchange.Finding{File: e.file, Path: "$.entities[?(@.entityId=='" + e.EntityID + "')]", Message: "tags and composite components are not mapped"})
	}
	for _, s := range t.components {
		report.Counts["components"]++
		if group := m.componentValues(e, s, known, report); len(group) > 0 {
			fields[s.field] = group
		}
	}
	return fields
}

func (m *model) componentValues(e *entity, s slot, known map[string]bool, report *exchange.Report) map[string]any {
	group := map[string]any{}
	component := e.Components[s.original]
	for _, name := range slices.Sorted(maps.Keys(component.Properties)) {
		p, f := component.Properties[name], s.kind.byName[name]
		if p.Value == nil {
			continue
		}
		report.Counts["property values"]++
		at := exchange.Finding{File: e.file, Path: fmt.Sprintf("$.entities[?(@.entityId=='%s')].components.%s.properties.%s", e.EntityID, s.original, name)}
		of, relationship, many := f.definition.DataType.graphQL()
		switch {
		case f.live():
			at.Message = "a value of a time series is not stored; it is read from its connector"
			report.Unmapped = append(report.Unmapped, at)
		case relationship:
			if targets := m.targets(p.Value, known, at, report); many {
				group[f.name] = targets
			} else if len(targets) > 0 {
				group[f.name] = targets[0]
			}
		case p.Value.Expression != nil:
			at.Message = fmt.Sprintf("the expression %q is not evaluated; the property is left out", *p.Value.Expression)
			report.Unmapped = append(report.Unmapped, at)
		default:
			v := p.Value.plain()
			if err := fits(v, of); err != nil {
				at.Message = fmt.Sprintf("the value is left out: %v", err)
				report.Unmapped = append(report.Unmapped, at)
				continue
			}
			group[f.name] = v
		}
	}
	return group
}

func (m *model) targets(v *dataValue, known map[string]bool, at exchange.Finding, report *exchange.Report) []any {
	var list []any
	for _, r := range v.relationships() {
		report.Counts["relationships"]++
		if !known[r.TargetEntityID] {
			at.Message = fmt.Sprintf("the target %q is not in the source; the relationship is left out", r.TargetEntityID)
			report.Unmapped = append(report.Unmapped, at)
			continue
		}
		if r.TargetComponentName != "" {
			at.Message = fmt.Sprintf("the target's component %q is not kept; relationships lead to entities", r.TargetComponentName)
			report.Unmapped = append(report.Unmapped, at)
		}
		list = append(list, r.TargetEntityID)
	}
	return list
}
