package api

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"

	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api/control/generated"
)

type mutations Resolvers

func (m *mutations) PlanProject(ctx context.Context, files []*generated.ProjectFileInput, overwrite, acceptLosses bool) (*generated.ProjectPlan, error) {
	return m.plan(ctx, files, project.Options{Overwrite: overwrite, AcceptLosses: acceptLosses}, false)
}

func (m *mutations) ApplyProject(ctx context.Context, files []*generated.ProjectFileInput, overwrite, acceptLosses bool) (*generated.ProjectPlan, error) {
	return m.plan(ctx, files, project.Options{Overwrite: overwrite, AcceptLosses: acceptLosses}, true)
}

func (m *mutations) plan(ctx context.Context, files []*generated.ProjectFileInput, options project.Options, apply bool) (*generated.ProjectPlan, error) {
	if !access.FromContext(ctx).MayWrite() {
		return nil, fault.New(fault.Forbidden, "changing the project needs the role operator")
	}
	folder, err := folderOf(files)
	if err != nil {
		return nil, err
	}
	plan, err := m.Project.Plan(ctx, folder, options, apply)
	if list, ok := errors.AsType[fault.List](err); ok {
		return problemPlan(list), nil
	}
	if err != nil {
		return nil, err
	}
	return planInfo(plan, apply), nil
}

// folderOf makes a file system of the files sent; names leave it nowhere.
func folderOf(files []*generated.ProjectFileInput) (fs.FS, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, f := range files {
		if !fs.ValidPath(f.Name) || f.Name == "." {
			return nil, fault.New(fault.Invalid, "a file's name is a path inside the project folder, with slashes and without dots")
		}
		var data []byte
		switch {
		case f.Text != nil && f.Base64 == nil:
			data = []byte(*f.Text)
		case f.Base64 != nil && f.Text == nil:
			decoded, err := base64.StdEncoding.DecodeString(*f.Base64)
			if err != nil {
				return nil, fault.New(fault.Invalid, "base64 of a file is damaged")
			}
			data = decoded
		default:
			return nil, fault.New(fault.Invalid, "a file has either text or base64")
		}
		into, err := w.Create(f.Name)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "a file cannot be taken")
		}
		if _, err := into.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
}

func emptyPlan() *generated.ProjectPlan {
	return &generated.ProjectPlan{
		Model: []*generated.ModelDifference{}, Create: []string{}, Update: []*generated.EntityUpdateInfo{}, Delete: []string{},
		Artifacts: []string{}, Drift: []string{}, Problems: []*generated.ProjectProblem{},
	}
}

func problemPlan(list fault.List) *generated.ProjectPlan {
	p := emptyPlan()
	p.Problems = problemInfos(list)
	return p
}

func problemInfos(list fault.List) []*generated.ProjectProblem {
	infos := []*generated.ProjectProblem{}
	for _, problem := range list {
		infos = append(infos, &generated.ProjectProblem{
			File: optional(problem.File), Line: positive(problem.Line), Column: positive(problem.Column),
			Message: problem.Message, Hint: optional(problem.Hint), Source: optional(problem.Source), Warning: problem.Warning,
		})
	}
	return infos
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

func planInfo(plan *project.Plan, applied bool) *generated.ProjectPlan {
	p := emptyPlan()
	p.Revision, p.Applied, p.Empty = int64(plan.Revision), applied, plan.Empty()
	p.Create, p.Delete, p.Drift = texts(plan.Create), texts(plan.Delete), texts(plan.Drift)
	p.Relate, p.Unrelate = plan.Relate, plan.Unrelate
	p.Artifacts = notNil(plan.Artifacts)
	p.Problems = problemInfos(plan.Warnings)
	for _, u := range plan.Update {
		info := &generated.EntityUpdateInfo{ID: string(u.ID), Paths: []string{}}
		for _, path := range u.Paths {
			info.Paths = append(info.Paths, string(path))
		}
		p.Update = append(p.Update, info)
	}
	for _, d := range plan.Model {
		p.Model = append(p.Model, differenceInfo(d))
	}
	return p
}

func differenceInfo(d schema.Difference) *generated.ModelDifference {
	return &generated.ModelDifference{Impact: string(d.Impact), Subject: d.Subject, Message: d.Message, Data: optional(d.Data), Fix: optional(d.Fix)}
}
