// Package project owns the project folder: reading it, checking all of it at once, planning what an apply would change,
// and applying it, all or nothing.
//
//	folder, problems := project.Read(os.DirFS("bottling"))
//	checked, problems := project.Check(folder)
//	plan, err := project.NewPlan(ctx, checked, store, project.Options{})
//	commit, err := plan.Apply(ctx, store)
package project
