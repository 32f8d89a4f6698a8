package project

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// Folder is a project folder as read: texts, not yet understood.
type Folder struct {
	FS        fs.FS
	Config    *Config
	Model     []schema.File // model/*.graphql, by name
	Rules     []schema.File // rules/*.yaml
	Tests     []schema.File // rules/tests/*.yaml
	Scenes    []schema.File // scenes/*.yaml, *.json
	Queries   []schema.File // queries/*.graphql: example operations
	Documents []schema.File // documents/*.{graphql,json}: trusted operations
	Entities  []string      // entities/*.{yaml,ndjson,csv}: names, read when checked
	Assets    []string      // assets/**: names
	Hash      string        // over all of the above but Config, hex: what was applied
}

const maxTextFile = 16 << 20

// Read reads a project folder. Everything wrong is reported at once; a folder without mereon.yaml is no project.
func Read(fsys fs.FS) (*Folder, fault.List) {
	f := &Folder{FS: fsys}
	text, err := fs.ReadFile(fsys, ConfigFile)
	if err != nil {
		return nil, fault.List{{Position: fault.Position{File: ConfigFile}, Message: "the folder has no mereon.yaml", Hint: "Name a project folder, or make one with: mereon init DIR"}}
	}
	var problems fault.List
	f.Config, problems = ReadConfig(schema.File{Name: ConfigFile, Text: string(text)})
	for _, part := range []struct {
		into     *[]schema.File
		patterns []string
	}{
		{&f.Model, []string{"model/*.graphql"}},
		{&f.Rules, []string{"rules/*.yaml", "rules/*.yml"}},
		{&f.Tests, []string{"rules/tests/*.yaml"}},
		{&f.Scenes, []string{"scenes/*.yaml", "scenes/*.json"}},
		{&f.Queries, []string{"queries/*.graphql"}},
		{&f.Documents, []string{"documents/*.graphql", "documents/*.json"}},
	} {
		files, wrong := f.texts(part.patterns)
		*part.into = files
		problems = append(problems, wrong...)
	}
	f.Entities = f.glob("entities/*.yaml", "entities/*.ndjson", "entities/*.csv")
	f.Assets = f.assets()
	hash, err := f.hash()
	if err != nil {
		problems = append(problems, fault.Problem{Message: err.Error()})
	}
	f.Hash = hash
	return f, problems
}

func (f *Folder) glob(patterns ...string) []string {
	var names []string
	for _, p := range patterns {
		found, _ := fs.Glob(f.FS, p) // the patterns are ours and well-formed
		names = append(names, found...)
	}
	slices.Sort(names)
	return names
}

func (f *Folder) texts(patterns []string) ([]schema.File, fault.List) {
	var files []schema.File
	var problems fault.List
	for _, name := range f.glob(patterns...) {
		text, err := fs.ReadFile(f.FS, name)
		switch {
		case err != nil:
			problems = append(problems, fault.Problem{Position: fault.Position{File: name}, Message: err.Error()})
		case len(text) > maxTextFile:
			problems = append(problems, fault.Problem{Position: fault.Position{File: name}, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(text), maxTextFile)})
		default:
			files = append(files, schema.File{Name: name, Text: string(text)})
		}
	}
	return files, problems
}

func (f *Folder) assets() []string {
	var names []string
	_ = fs.WalkDir(f.FS, "assets", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(path.Base(name), ".") {
			names = append(names, name)
		}
		return nil // a folder without assets has none
	})
	slices.Sort(names)
	return names
}

// hash is over names and contents of everything apply reads.
func (f *Folder) hash() (string, error) {
	sum := sha256.New()
	for _, files := range [][]schema.File{f.Model, f.Rules, f.Scenes, f.Documents} {
		for _, file := range files {
			fmt.Fprintf(sum, "%s %d\n%s", file.Name, len(file.Text), file.Text)
		}
	}
	for _, name := range slices.Concat(f.Entities, f.Assets) {
		file, err := f.FS.Open(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s\n", name)
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", fmt.Errorf("read %s: %w", name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
