package project

import (
	"context"
	"fmt"
	"io/fs"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/rules"
	"mereon/scenes"
	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

// Parts are the files and folders of a project that an apply reads, beside mereon.yaml.
var Parts = []string{"model", "rules", "scenes", "entities", "assets", "queries", "documents"}

// Checked is a folder that was found right.
type Checked struct {
	Folder   *Folder
	Model    *schema.Model
	Computed *expr.Computed
	Book     *rules.Book
	Entities []graph.EntityInput
	Scenes   []scenes.Prepared
	Warnings fault.List

	parsed bool // the model is right, so that the rest could be read by it
}

// ReadAndCheck reads a folder and checks all of it. The list holds everything wrong, and warnings; when its Err is nil,
// the folder is right.
func ReadAndCheck(fsys fs.FS) (*Checked, fault.List) { return readAndCheck(fsys, Check) }

// ReadForApply is ReadAndCheck for a folder that is applied next, see CheckForApply.
func ReadForApply(fsys fs.FS) (*Checked, fault.List) { return readAndCheck(fsys, CheckForApply) }

func readAndCheck(fsys fs.FS, check func(*Folder) (*Checked, fault.List)) (*Checked, fault.List) {
	folder, problems := Read(fsys)
	if folder == nil {
		return nil, problems
	}
	checked, more := check(folder)
	problems = append(problems, more...)
	problems.Sort()
	checked.Warnings = problems
	return checked, problems
}

// Check checks everything in a folder that needs no store: model, computed properties, rules, scenes, assets, and the
// entities among themselves.
func Check(folder *Folder) (*Checked, fault.List) {
	c, problems := checkFiles(folder)
	if c.parsed {
		problems = append(problems, c.checkEntities()...)
	}
	return c, problems
}

// CheckForApply checks a folder whose plan is applied next. That checks what the entities say too, so it is done here only
// when something else is wrong and there will be no plan: all mistakes are told at once, and a million entities are drafted
// once.
func CheckForApply(folder *Folder) (*Checked, fault.List) {
	c, problems := checkFiles(folder)
	if c.parsed && problems.Err() != nil {
		problems = append(problems, c.checkEntities()...)
	}
	return c, problems
}

// checkFiles checks all but what the entities say.
func checkFiles(folder *Folder) (*Checked, fault.List) {
	c := &Checked{Folder: folder}
	var problems fault.List
	c.Model, problems = schema.Parse(folder.Model)
	var more fault.List
	if c.Model == nil || problems.Err() != nil {
		return c, append(problems, folder.checkShapes()...) // what they say refers to the model, how they say it does not
	}
	c.parsed = true
	c.Computed, more = expr.CompileModel(c.Model)
	problems = append(problems, more...)
	c.Book, more = rules.Compile(folder.Rules, c.Model)
	problems = append(problems, more...)
	problems = append(problems, c.checkScenes()...)
	for _, name := range folder.Entities {
		inputs, wrong := ReadEntities(folder.FS, name, c.Model)
		c.Entities = append(c.Entities, inputs...)
		problems = append(problems, wrong...)
	}
	for _, in := range c.Entities {
		problems = append(problems, c.checkOverrides(in)...)
	}
	return c, problems
}

// checkScenes reads scene documents and their glTF files.
func (c *Checked) checkScenes() fault.List {
	var problems fault.List
	taken := map[string]string{}
	for _, file := range c.Folder.Scenes {
		scene, wrong := scenes.Parse(file)
		problems = append(problems, wrong...)
		if scene == nil || wrong.Err() != nil {
			continue
		}
		if other, twice := taken[scene.Name]; twice {
			problems = append(problems, fault.Problem{Position: scene.Position, Message: fmt.Sprintf("the scene %q is also in %s", scene.Name, other), Hint: "Give every scene a name of its own."})
			continue
		}
		taken[scene.Name] = file.Name
		problems = append(problems, scenes.Check(scene, scenes.World{Model: c.Model, Rules: c.Book})...)
		prepared, wrong := scenes.Prepare(scene, c.Folder.FS)
		problems = append(problems, wrong...)
		c.Scenes = append(c.Scenes, prepared)
	}
	return problems
}

// checkShapes finds what is wrong with rules, scenes and entity files whatever the model says.
func (f *Folder) checkShapes() fault.List {
	var problems fault.List
	for _, file := range f.Rules {
		_, wrong := document.Parse(file)
		problems = append(problems, wrong...)
	}
	for _, file := range f.Scenes {
		_, wrong := scenes.Parse(file)
		problems = append(problems, wrong...)
	}
	for _, name := range f.Entities {
		_, wrong := ReadEntities(f.FS, name, &schema.Model{})
		problems = append(problems, wrong...)
	}
	return problems
}

// checkEntities drafts the entities into an empty graph: fields, values and targets are checked as apply would.
func (c *Checked) checkEntities() fault.List {
	ctx := context.Background()
	empty := memory.New()
	defer empty.Close()
	view, err := empty.View(ctx)
	if err != nil {
		return fault.List{{Message: err.Error()}}
	}
	defer view.Close()
	draft := graph.NewDraft(c.Model, view)
	for _, in := range c.Entities {
		draft.Create(in)
	}
	changes, problems, err := draft.ChangeSet(ctx)
	if err == nil && problems.Err() == nil {
		changes.Layout, changes.Origin = graph.LayoutOf(c.Model), graph.FromProject
		_, err = empty.Apply(ctx, changes)
	}
	if err != nil {
		problems = append(problems, fault.Problem{Position: fault.Position{File: "entities"}, Message: err.Error()})
	}
	return problems
}
