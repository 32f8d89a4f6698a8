package connectors

import (
	"io"
	"os"
	"strings"
	"sync"

	"mereon/schema/fault"
)

const maxSecret = 64 << 10

// secretOf resolves env:NAME from the environment and file:PATH inside dir (one trailing line end is dropped).
func secretOf(dir string) func(string) (string, error) {
	return func(reference string) (string, error) {
		if name, ok := strings.CutPrefix(reference, "env:"); ok {
			if value, ok := os.LookupEnv(name); ok {
				return value, nil
			}
			return "", fault.New(fault.Invalid, "the environment variable %s is not set", name)
		}
		path, ok := strings.CutPrefix(reference, "file:")
		if !ok {
			return "", fault.New(fault.Invalid, "a secret is given by reference: env:NAME or file:PATH")
		}
		full, err := Inside(dir, path)
		if err != nil {
			return "", err
		}
		f, err := os.Open(full)
		if err != nil {
			return "", fault.New(fault.Invalid, "the secret's file %s cannot be read", path)
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxSecret))
		if err != nil {
			return "", fault.New(fault.Invalid, "the secret's file %s cannot be read", path)
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	}
}

// guardSecrets remembers what a connector resolved, so that redact can take it out of every text that leaves it.
func guardSecrets(resolve func(string) (string, error)) (secret func(string) (string, error), redact func(string) string) {
	var mu sync.RWMutex
	var known []string
	secret = func(reference string) (string, error) {
		value, err := resolve(reference)
		if err == nil && value != "" {
			mu.Lock()
			known = append(known, value)
			mu.Unlock()
		}
		return value, err
	}
	redact = func(text string) string {
		mu.RLock()
		defer mu.RUnlock()
		for _, value := range known {
			text = strings.ReplaceAll(text, value, "(secret)")
		}
		return text
	}
	return secret, redact
}
