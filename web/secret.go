package web

import (
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

// secretOf resolves env:NAME and file:PATH; a relative path starts in dir. The secret itself never appears in an error.
func secretOf(reference, dir string, getenv func(string) string) (string, error) {
	if name, ok := strings.CutPrefix(reference, "env:"); ok {
		if value := getenv(name); value != "" {
			return value, nil
		}
		return "", fault.New(fault.Invalid, "the environment variable %s is not set", name)
	}
	if path, ok := strings.CutPrefix(reference, "file:"); ok {
		full := path
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, full)
		}
		text, err := os.ReadFile(full)
		if err != nil {
			return "", fault.New(fault.Invalid, "the file %s cannot be read", path)
		}
		if secret := strings.TrimSpace(string(text)); secret != "" {
			return secret, nil
		}
		return "", fault.New(fault.Invalid, "the file %s is empty", path)
	}
	return "", fault.New(fault.Invalid, "write env:NAME or file:PATH; secrets do not stand in mereon.yaml")
}

// nodes returns the configurations of connectors as the runtime takes them.
func nodes(config *project.Config) map[string]*yaml.Node {
	m := map[string]*yaml.Node{}
	for name, node := range config.Connectors {
		m[name] = &node
	}
	return m
}
