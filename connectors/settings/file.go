package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// MaxFile is the size in bytes above which a settings file is refused.
const MaxFile = 16 << 20

// Read decodes the YAML file at path, relative to dir and staying inside it, into what into points to. Mistakes come as a
// fault.List with the lines of the file, named as path.
func Read(dir, path string, into any) error {
	full, err := Inside(dir, path)
	if err != nil {
		return err
	}
	f, err := os.Open(full)
	if err != nil {
		return fault.New(fault.Invalid, "cannot read %s: %s", path, reason(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return fault.New(fault.Invalid, "cannot read %s: %s", path, reason(err))
	}
	if len(text) > MaxFile {
		return fault.New(fault.Limit, "%s is larger than %d MiB", path, MaxFile>>20)
	}
	return Parse(path, text, into).Err()
}

// Inside returns the full path of a file named in a project's settings: relative paths start in dir and stay inside it.
func Inside(dir, path string) (string, error) {
	if path == "" || !filepath.IsLocal(path) {
		return "", fault.New(fault.Invalid, "the path %q must be relative and stay inside the project folder", path)
	}
	return filepath.Join(dir, path), nil
}

func reason(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// Parse decodes one YAML document. The problems hold the text of their lines.
func Parse(file string, text []byte, into any) fault.List {
	var doc yaml.Node
	problems := fault.List{}
	err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		problems = append(problems, fault.Problem{Position: fault.Position{File: file, Line: 1}, Message: "the file is empty"})
	case err != nil:
		problems = append(problems, syntaxProblem(file, err))
	default:
		problems = Decode(&doc, file, into)
	}
	lines := strings.Split(string(text), "\n")
	for i, p := range problems {
		if p.Line > 0 && p.Line <= len(lines) {
			problems[i].Source = strings.TrimRight(lines[p.Line-1], "\r")
		}
	}
	problems.Sort()
	return problems
}

func syntaxProblem(file string, err error) fault.Problem {
	p := fault.Problem{Position: fault.Position{File: file}, Message: fmt.Sprintf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = "not YAML: " + m[2]
	}
	return p
}
