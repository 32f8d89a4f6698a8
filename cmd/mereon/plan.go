package main

import (
	"fmt"
	"io"
	"strings"

	"mereon/graph"
	"mereon/graph/exchange/project"
)

type planCommand struct {
	Dir       string `arg:"" optional:"" default:"." help:"The project folder."`
	Overwrite bool   `help:"Overwrite project entities that were edited through the API."`
	JSON      bool   `name:"json" help:"Answer as JSON."`
	place
}

func (c *planCommand) Run(a *app) error {
	plan, err := applyFolder(a, c.Dir, c.place, "plan", project.Options{Overwrite: c.Overwrite})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.streams.out, plan)
	}
	printPlan(a.streams.out, plan)
	return nil
}

type applyCommand struct {
	Dir       string `arg:"" optional:"" default:"." help:"The project folder."`
	Overwrite bool   `help:"Overwrite project entities that were edited through the API."`
	Losses    bool   `name:"accept-losses" help:"Let bindings of scenes be lost whose nodes are not in the new documents."`
	JSON      bool   `name:"json" help:"Answer as JSON."`
	place
}

func (c *applyCommand) Run(a *app) error {
	plan, err := applyFolder(a, c.Dir, c.place, "apply", project.Options{Overwrite: c.Overwrite, AcceptLosses: c.Losses})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.streams.out, plan)
	}
	printPlan(a.streams.out, plan)
	fmt.Fprintf(a.streams.out, "Applied: revision %d.\n", plan.Revision)
	return nil
}

// applyFolder plans or applies a folder, through the server that runs on its store or on the store itself.
func applyFolder(a *app, dir string, where place, action string, options project.Options) (*project.Plan, error) {
	read := project.ReadAndCheck
	if action == "apply" {
		read = project.ReadForApply
	}
	checked, err := readFolderBy(a.ctx, dir, read)
	if err != nil {
		return nil, err
	}
	server, err := where.find(a.ctx, dir)
	if err != nil {
		return nil, err
	}
	if server != nil {
		packed, err := pack(dir)
		if err != nil {
			return nil, err
		}
		plan := &project.Plan{}
		return plan, server.post(a.ctx, fmt.Sprintf("/project/%s?overwrite=%t&losses=%t", action, options.Overwrite, options.AcceptLosses), "application/zip", packed, plan)
	}
	store, err := where.openStore(a, dir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	options.By = "mereon " + action
	if action == "plan" {
		return project.NewPlan(a.ctx, checked, store, options)
	}
	return project.Commit(a.ctx, checked, store, options, nil)
}

// printPlan writes a plan for people.
func printPlan(w io.Writer, p *project.Plan) {
	for _, warning := range p.Warnings {
		fmt.Fprintln(w, warning)
	}
	for _, d := range p.Model {
		fmt.Fprintf(w, "  model    %s\n", d)
	}
	for _, name := range p.Artifacts {
		fmt.Fprintf(w, "  write    %s\n", name)
	}
	printIDs(w, "+ create", p.Create)
	for i, u := range p.Update {
		if i == shownIDs {
			fmt.Fprintf(w, "  ~ update  and %d more\n", len(p.Update)-shownIDs)
			break
		}
		fmt.Fprintf(w, "  ~ update  %s %v\n", u.ID, u.Paths)
	}
	printIDs(w, "- delete", p.Delete)
	printIDs(w, "! edited through the API:", p.Drift)
	printMigrations(w, p.Migrations)
	if p.Empty() {
		fmt.Fprintln(w, "Nothing changes.")
		return
	}
	fmt.Fprintf(w, "%d to create, %d to update, %d to delete; %d relationships to write, %d to remove\n",
		len(p.Create), len(p.Update), len(p.Delete), p.Relate, p.Unrelate)
	if len(p.Drift) > 0 {
		fmt.Fprintln(w, "Entities marked ! were edited through the API; apply stops unless --overwrite.")
	}
}

// printMigrations tells which bound nodes are elsewhere or gone in the new documents.
func printMigrations(w io.Writer, migrations []project.SceneMigration) {
	for _, m := range migrations {
		for _, e := range m.Entries {
			switch {
			case e.Gone():
				fmt.Fprintf(w, "  ! %s  scene %s, document %s: %s %s\n", e.Outcome, m.Scene, m.Document, e.Address, nearest(e.Candidates))
			case e.Outcome == "moved":
				fmt.Fprintf(w, "  ~ moved  scene %s, document %s: %s is now %q\n", m.Scene, m.Document, e.Address, e.NewPath)
			}
		}
		if n := m.Losses(); n > 0 {
			fmt.Fprintf(w, "%d bound nodes of scene %s are not found in the new document %s; apply stops unless --accept-losses.\n", n, m.Scene, m.Document)
		}
	}
}

func nearest(candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return fmt.Sprintf("(nearest: %s)", strings.Join(candidates, ", "))
}

const shownIDs = 20

func printIDs(w io.Writer, what string, ids []graph.EntityID) {
	for i, id := range ids {
		if i == shownIDs {
			fmt.Fprintf(w, "  %s  and %d more\n", what, len(ids)-shownIDs)
			return
		}
		fmt.Fprintf(w, "  %s  %s\n", what, id)
	}
}
