package project

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mereon/graph"
	"mereon/schema/fault"
)

// attempts is how often a plan is made for one folder while others keep writing.
const attempts = 5

// Commit plans a folder and applies the plan. A plan belongs to one revision: when somebody wrote meanwhile it is made again,
// between quiet, which may hold writers back and returns what lets them go on; nil holds back nobody. A store that other processes write to holds those back, too. The plan returned has
// the revision of the commit.
//
// Conflict as Plan.Apply, and when another folder was applied meanwhile: the message says what this one would change now.
func Commit(ctx context.Context, checked *Checked, store graph.Store, options Options, quiet func() (release func())) (*Plan, error) {
	plan, err := NewPlan(ctx, checked, store, options)
	if err != nil {
		return nil, err
	}
	commit, err := plan.Apply(ctx, store)
	if err != nil && quiet != nil {
		defer quiet()()
	}
	if others, ok := store.(graph.Holder); ok && err != nil {
		if release, failed := others.Hold(ctx); failed == nil { // else the plan is tried all the same
			defer release()
		}
	}
	for n := 1; err != nil; n++ {
		if plan, err = plan.renew(ctx, store, err, n < attempts); err != nil {
			return nil, err
		}
		commit, err = plan.Apply(ctx, store)
	}
	plan.Revision = commit.Revision
	return plan, nil
}

// renew makes a plan again that was refused because the store had moved on; otherwise it returns why it was refused.
func (p *Plan) renew(ctx context.Context, store graph.Store, refused error, again bool) (*Plan, error) {
	if fault.CodeOf(refused) != fault.Conflict || !again {
		return nil, refused
	}
	view, err := viewAfter(ctx, store, p.Revision)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	if view.Revision() == p.Revision {
		return nil, refused
	}
	stored, err := ReadStored(ctx, view)
	if err != nil {
		return nil, err
	}
	next, err := NewPlan(ctx, p.checked, store, p.options)
	if stored.Hash == p.base || stored.Hash == p.checked.Folder.Hash {
		return next, err
	}
	difference := "it does not fit what was applied"
	if err == nil {
		difference = next.summary()
	} else {
		difference = fmt.Sprintf("%s: %v", difference, err)
	}
	return nil, fault.New(fault.Conflict, "another folder was applied meanwhile, at revision %d; nothing of this one was. On top of it, this one would change: %s. Bring the two together, then plan and apply again",
		view.Revision(), difference)
}

// viewAfter opens a view newer than a revision, or after a second the newest there is: what a store refused a change for may
// be shown a moment later only.
func viewAfter(ctx context.Context, store graph.Store, revision graph.Revision) (graph.View, error) {
	for n := 0; ; n++ {
		view, err := store.View(ctx)
		if err != nil || view.Revision() > revision || n == 20 {
			return view, err
		}
		view.Close()
		select {
		case <-ctx.Done():
			return nil, fault.Wrap(fault.Timeout, ctx.Err(), "the plan was given up")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// summary is a plan in one line.
func (p *Plan) summary() string {
	var parts []string
	for _, d := range p.Model {
		parts = append(parts, d.String())
	}
	for _, list := range []struct {
		what string
		ids  []graph.EntityID
	}{{"create", p.Create}, {"delete", p.Delete}} {
		if len(list.ids) > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", list.what, firstIDs(list.ids)))
		}
	}
	if len(p.Update) > 0 {
		var ids []graph.EntityID
		for _, u := range p.Update {
			ids = append(ids, u.ID)
		}
		slices.Sort(ids)
		parts = append(parts, "update "+firstIDs(ids))
	}
	if n := p.Relate + p.Unrelate; n > 0 {
		parts = append(parts, fmt.Sprintf("%d relationships", n))
	}
	if len(p.Artifacts) > 0 {
		parts = append(parts, "write "+strings.Join(p.Artifacts, ", "))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	const shown = 12
	if len(parts) > shown {
		parts = append(parts[:shown], fmt.Sprintf("and %d more", len(parts)-shown))
	}
	return strings.Join(parts, "; ")
}
