package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

// client speaks to a running server.
type client struct {
	base  string
	token string
	http  *http.Client
}

// storePlace is where a folder's store is.
type storePlace struct {
	Data string `help:"Where the store is; default .mereon in the project folder." placeholder:"DIR"`
}

// place is where a command finds the graph: a folder's store, or a server.
type place struct {
	storePlace
	Server string `help:"The URL of a running server to use instead." placeholder:"URL"`
	Token  string `help:"A token of that server." env:"MEREON_TOKEN" placeholder:"SECRET"`
}

func (p storePlace) dataDir(dir string) string {
	if p.Data != "" {
		return p.Data
	}
	return filepath.Join(dir, ".mereon")
}

// find returns a client for the server that was named or that runs on the folder's store, nil when none does.
func (p place) find(ctx context.Context, dir string) (*client, error) {
	c := &client{base: p.Server, token: p.Token, http: &http.Client{Timeout: 10 * time.Minute}}
	if p.Server != "" {
		return c, c.alive(ctx)
	}
	running, err := web.ReadRunning(p.dataDir(dir))
	if err != nil {
		return nil, nil // no server has announced itself
	}
	c.base = running.URL
	if c.alive(ctx) != nil {
		return nil, nil // it is gone without having taken its note along
	}
	return c, nil
}

func (c *client) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/healthz", nil)
	if err != nil {
		return fault.New(fault.Invalid, "%s is not a URL; write for example http://127.0.0.1:8080", c.base)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return fault.New(fault.Unavailable, "no server answers at %s; start one with: mereon serve", c.base)
	}
	response.Body.Close()
	return nil
}

// post sends a body and decodes the JSON answer. A coded error of the server becomes one here.
func (c *client) post(ctx context.Context, path, contentType string, body io.Reader, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return fault.New(fault.Unavailable, "the server at %s does not answer: %v", c.base, errors.Unwrap(err))
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the answer of %s broke off", c.base)
	}
	if response.StatusCode >= 400 {
		return serverError(text, response.Status)
	}
	return json.Unmarshal(text, into)
}

func serverError(text []byte, status string) error {
	var refusal struct {
		Errors []struct {
			Message    string `json:"message"`
			Extensions struct {
				Code     fault.Code `json:"code"`
				Problems fault.List `json:"problems"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if json.Unmarshal(text, &refusal) != nil || len(refusal.Errors) == 0 {
		return fault.New(fault.Unavailable, "the server answered %s", status)
	}
	first := refusal.Errors[0]
	if len(first.Extensions.Problems) > 0 {
		return first.Extensions.Problems
	}
	if first.Extensions.Code == fault.Unauthenticated {
		return fault.New(fault.Unauthenticated, "the server wants a token that it knows: set MEREON_TOKEN, or give --token")
	}
	return fault.New(first.Extensions.Code, "%s", first.Message)
}

// pack packs the parts of a project folder that an apply reads.
func pack(dir string) (io.Reader, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	source := os.DirFS(dir)
	for _, name := range append([]string{project.ConfigFile}, project.Parts...) {
		err := fs.WalkDir(source, name, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // parts that are not there are not sent
			}
			text, err := fs.ReadFile(source, path)
			if err != nil {
				return err
			}
			f, err := w.Create(path)
			if err != nil {
				return err
			}
			_, err = f.Write(text)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", dir, err)
		}
	}
	return &packed, w.Close()
}
