package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/connectors/all"
	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/schema/fault"
)

// CheckConnectors checks what a folder says about other systems: every connector's kind and keys and the files it names,
// and that the connectors the model refers to are there. A connector that is missing is a warning, because a model is often
// written first. Nothing outside is asked, and secrets need not be set. The model may be nil.
func CheckConnectors(ctx context.Context, dir string, config *project.Config, model *schema.Model) fault.List {
	runtime, err := connectors.Open(ctx, all.Kinds(), nodes(config), connectors.Options{File: config.File, Dir: dir, Secret: unset})
	if err != nil {
		list, ok := errors.AsType[fault.List](err)
		if !ok {
			list = fault.List{{Position: fault.Position{File: project.ConfigFile}, Message: err.Error()}}
		}
		return list
	}
	problems := missingConnectors(config, model)
	if err := runtime.Close(ctx); err != nil {
		problems = append(problems, fault.Problem{Position: fault.Position{File: project.ConfigFile}, Message: err.Error()})
	}
	return problems
}

// unset stands for every secret: it checks only how the reference is written.
func unset(reference string) (string, error) {
	if !strings.HasPrefix(reference, "env:") && !strings.HasPrefix(reference, "file:") {
		return "", fault.New(fault.Invalid, "a secret is given by reference: env:NAME or file:PATH")
	}
	return "unset", nil
}

// missingConnectors warns of every place in the model that names a connector the configuration lacks, once a place.
func missingConnectors(config *project.Config, model *schema.Model) fault.List {
	if model == nil {
		return nil
	}
	missing := map[fault.Position]string{}
	look := func(connector string, at fault.Position) {
		if _, ok := config.Connectors[connector]; !ok && connector != "" {
			missing[at] = connector
		}
	}
	properties := func(list []*schema.Property) {
		for _, p := range list {
			if p.Live != nil {
				look(p.Live.Connector, p.Position)
			}
		}
	}
	for _, t := range model.Types {
		properties(t.Properties)
	}
	for _, c := range model.Components {
		properties(c.Properties)
	}
	for _, r := range model.Records {
		look(r.Connector, r.Position)
	}
	known := slices.Sorted(maps.Keys(config.Connectors))
	var problems fault.List
	for at, name := range missing {
		hint := fmt.Sprintf("Add it under connectors in %s; until then its fields have the status NOT_FOUND.", project.ConfigFile)
		if near := fault.Suggest(name, known); near != "" {
			hint = "Did you mean " + near + "?"
		}
		problems = append(problems, fault.Problem{Position: at, Warning: true, Hint: hint,
			Message: fmt.Sprintf("there is no connector %q in %s", name, project.ConfigFile)})
	}
	problems.Sort()
	return problems
}
