package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/all"
	"mereon/graph/exchange/project"
	"mereon/graph/exchange/proposal"
	"mereon/schema/fault"
)

type connectorsCommand struct {
	Check    connectorsCheckCommand    `cmd:"" help:"Ask every connector, or one, whether its system is reachable and what rights are missing."`
	Discover connectorsDiscoverCommand `cmd:"" help:"Propose types for what a connector holds; on a model that has some, say what has changed there."`
}

// outsideTime is how long a system may take to answer a command.
const outsideTime = 30 * time.Second

type connectorsCheckCommand struct {
	Name string `arg:"" optional:"" help:"The connector; all without it."`
	Dir  string `default:"." aliases:"project" help:"The project folder." placeholder:"DIR"`
}

func (c *connectorsCheckCommand) Run(a *app) error {
	checked, err := readFolder(a.ctx, c.Dir)
	if err != nil {
		return err
	}
	runtime, err := openConnectors(a.ctx, c.Dir, checked.Folder.Config, c.Name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, outsideTime)
	defer cancel()
	failed := 0
	for _, name := range runtime.Names() {
		if err := checkConnector(ctx, runtime, name); err != nil {
			failed++
			fmt.Fprintf(a.streams.out, "%s: %s\n", name, strings.ReplaceAll(err.Error(), "\n", "\n  "))
			continue
		}
		fmt.Fprintf(a.streams.out, "%s: ok\n", name)
	}
	if err := runtime.Close(ctx); err != nil {
		return err
	}
	if failed > 0 {
		return &shownError{exitUnavailable}
	}
	return nil
}

func checkConnector(ctx context.Context, runtime *connectors.Runtime, name string) error {
	connector, err := runtime.Connector(name)
	if err != nil {
		return err
	}
	if checker, ok := connector.(connectors.Checker); ok {
		return checker.Check(ctx)
	}
	_, err = runtime.Descriptor(ctx, name)
	return err
}

type connectorsDiscoverCommand struct {
	Name string `arg:"" help:"The connector, as mereon.yaml calls it."`
	Dir  string `default:"." aliases:"project" help:"The project folder." placeholder:"DIR"`
	All  bool   `help:"Propose everything, also what the model has."`
}

func (c *connectorsDiscoverCommand) Run(a *app) error {
	checked, err := readFolder(a.ctx, c.Dir)
	if err != nil {
		return err
	}
	survey, err := c.survey(a.ctx, checked.Folder.Config)
	if err != nil {
		return err
	}
	p := proposal.Of(c.Name, survey, checked.Model)
	if c.All || !proposal.Known(c.Name, checked.Model) {
		fmt.Fprint(a.streams.out, p.String())
		return nil
	}
	lines := p.Differences(checked.Model)
	if len(lines) == 0 {
		fmt.Fprintf(a.streams.out, "The model has all that %s holds: %d collections.\n", c.Name, len(survey.Tables))
		return nil
	}
	fmt.Fprintf(a.streams.out, "# What the model and connector %s do not have in common: + the model lacks it, - %s lacks it, ~ it has another type.\n", c.Name, c.Name)
	fmt.Fprintln(a.streams.out, strings.Join(lines, "\n"))
	return nil
}

func (c *connectorsDiscoverCommand) survey(ctx context.Context, config *project.Config) (connectors.Survey, error) {
	runtime, err := openConnectors(ctx, c.Dir, config, c.Name)
	if err != nil {
		return connectors.Survey{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, outsideTime)
	defer cancel()
	connector, err := runtime.Connector(c.Name)
	if err != nil {
		return connectors.Survey{}, errors.Join(err, runtime.Close(ctx))
	}
	surveyor, ok := connector.(connectors.Surveyor)
	if !ok {
		var of struct{ Kind string }
		node := config.Connectors[c.Name]
		if err := node.Decode(&of); err != nil {
			return connectors.Survey{}, errors.Join(err, runtime.Close(ctx))
		}
		err := fault.New(fault.Invalid, "connector %s is of kind %s, which cannot say what it holds (postgres can); write its record types by hand, as the guide for modelers shows", c.Name, of.Kind)
		return connectors.Survey{}, errors.Join(err, runtime.Close(ctx))
	}
	survey, err := surveyor.Survey(ctx)
	return survey, errors.Join(outside(err), runtime.Close(ctx))
}

// outside makes the error of a system one that says what went wrong where.
func outside(err error) error {
	f, ok := errors.AsType[*connectors.Failure](err)
	if !ok {
		return err
	}
	code := fault.Unavailable
	switch f.Status {
	case connectors.Denied:
		code = fault.Forbidden
	case connectors.NotFound:
		code = fault.NotFound
	case connectors.TimedOut:
		code = fault.Timeout
	}
	return fault.New(code, "%s", f.Message)
}

// openConnectors opens one connector of a project, or all.
func openConnectors(ctx context.Context, dir string, config *project.Config, name string) (*connectors.Runtime, error) {
	nodes := map[string]*yaml.Node{}
	for own, node := range config.Connectors {
		if name == "" || own == name {
			nodes[own] = &node
		}
	}
	if name != "" && len(nodes) == 0 {
		var names []string
		for own := range config.Connectors {
			names = append(names, own)
		}
		hint := ""
		if near := fault.Suggest(name, names); near != "" {
			hint = "; did you mean " + near + "?"
		}
		return nil, fault.New(fault.NotFound, "%s has no connector %s%s", project.ConfigFile, name, hint)
	}
	return connectors.Open(ctx, all.Kinds(), nodes, connectors.Options{File: config.File, Dir: dir})
}
