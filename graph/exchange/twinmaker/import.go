package twinmaker

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/graph/exchange"
	"mereon/schema/fault"
)

// Import reads a workspace from a folder or file and writes a project folder. A second import of the same source changes
// nothing; over files that were edited it is a Conflict that names them.
func Import(_ context.Context, source, dir string, o exchange.Options) (*exchange.Report, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, fault.New(fault.Invalid, "there is no %s; name the folder of a workspace, or a metadata transfer file", source)
	}
	folder, only := source, ""
	if !info.IsDir() && filepath.Base(source) == listing {
		folder = filepath.Dir(source)
	} else if !info.IsDir() {
		folder, only = filepath.Dir(source), filepath.Base(source)
	}
	files, report, err := Convert(os.DirFS(folder), only)
	if err != nil {
		return nil, err
	}
	report.Source = source
	report.Files, err = exchange.Write(dir, files, o)
	return report, err
}

// Convert makes the files of a project of a workspace. only, when not "", is the one file of source to read.
// A damaged file refuses the whole source: the error is a fault.List with every one.
func Convert(source fs.FS, only string) (map[string][]byte, *exchange.Report, error) {
	w, err := read(source, only)
	if err != nil {
		return nil, nil, err
	}
	if err := w.check(); err != nil {
		return nil, nil, err
	}
	report := &exchange.Report{Format: "twinmaker", Counts: map[string]int{}, Files: []exchange.File{}, Renamed: []exchange.Renamed{}, Unmapped: []exchange.Finding{}, Warnings: []exchange.Finding{}}
	typeNames := newTypeNamer(report)
	c := newCatalog(w, typeNames, report)
	m := newModel(w, c, typeNames, report)
	report.Counts["component types"], report.Counts["entities"], report.Counts["asset types"] = len(w.types), len(w.entities), len(m.types)
	files := map[string][]byte{"model/workspace.graphql": m.sdl(report)}
	if files["entities/workspace.yaml"], err = m.entityFile(w, report); err != nil {
		return nil, nil, err
	}
	if err := w.writeScenes(m, report, files); err != nil {
		return nil, nil, err
	}
	w.keep(report, files)
	name := "workspace"
	files["mereon.yaml"] = []byte("# Imported from AWS IoT TwinMaker. What has no counterpart is kept under source/ and listed in the import's report.\nproject: " + name + "\n" + w.connectors(c.live(), files))
	return files, report, nil
}

func (w *workspace) writeScenes(m *model, report *exchange.Report, files map[string][]byte) error {
	rules := newRulebook(report)
	motions := map[string]bool{}
	names := newNamer(report)
	for _, s := range w.scenes {
		b := &builder{scene: s, w: w, model: m, rules: rules, report: report, ids: newNamer(report), views: newNamer(report, "overview"), motions: motions, parameter: map[string]bool{}, models: map[string]*modelFile{}}
		document := b.build()
		document.Scene = strings.ReplaceAll(names.quiet(strings.ReplaceAll(document.Scene, "-", "_")), "_", "-")
		var text bytes.Buffer
		encoder := yaml.NewEncoder(&text)
		encoder.SetIndent(2)
		if err := encoder.Encode(document); err != nil {
			return err
		}
		files["scenes/"+document.Scene+".yaml"] = text.Bytes()
	}
	report.Counts["scenes"] = len(w.scenes)
	rules.alarms(m.types)
	for shape := range motions {
		body, err := motionBody(shape)
		if err != nil {
			return err
		}
		files["assets/"+shape+".glb"] = body
	}
	return rules.files(files)
}

// keep copies models and recordings, and every JSON file as it was, so that nothing is lost.
func (w *workspace) keep(report *exchange.Report, files map[string][]byte) {
	for _, m := range w.models {
		files[m.target] = m.data
		if m.document == nil {
			report.Warnings = append(report.Warnings, exchange.Finding{File: m.source, Message: m.why})
		}
	}
	for _, t := range w.tables {
		files[t.name] = t.data
	}
	for name, data := range w.files {
		files["source/"+name] = data
	}
	for _, t := range w.types {
		for function := range t.Functions {
			report.Unmapped = append(report.Unmapped, exchange.Finding{File: t.file, Path: "$.functions." + function, Message: "functions of component types are not run; live values come from connectors"})
		}
		if len(t.CompositeComponentTypes) > 0 || len(t.PropertyGroups) > 0 {
			report.Unmapped = append(report.Unmapped, exchange.Finding{File: t.file, Path: "$", Message: "property groups and composite components are not mapped"})
		}
	}
	for _, e := range w.entities {
		for _, c := range e.Components {
			if c.ComponentTypeID == sceneType {
				report.Unmapped = append(report.Unmapped, exchange.Finding{File: e.file, Path: "$.entities[?(@.entityId=='" + e.EntityID + "')]",
					Message: "a dynamic scene is kept as the entities it is made of, and not drawn"})
			}
		}
	}
	for _, name := range w.other {
		report.Unmapped = append(report.Unmapped, exchange.Finding{File: name, Message: w.fate(name)})
	}
	if len(w.tables) > 1 {
		report.Warnings = append(report.Warnings, exchange.Finding{Message: "several recordings were found; the connector reads the first"})
	}
}

// sceneType is the component of the root of a dynamic scene, which is stored as entities.
const sceneType = "com.amazon.iottwinmaker.3d.scene"

// fate says where a file went that nothing was made of.
func (w *workspace) fate(name string) string {
	if w.files[name] != nil {
		return "nothing was made of this file; it is kept under source/"
	}
	return "nothing was made of this file, and it is not copied"
}
