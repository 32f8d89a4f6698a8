package main

import (
	"context"
	"io"
	"net/http"
	"os"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

// download writes what the running server sends at path to w; where none runs, direct does the same with the store. The
// store is there and is closed afterwards.
func (p place) download(a *app, dir, path string, w io.Writer, direct func(graph.Store) error) error {
	server, err := p.find(a.ctx, dir)
	if err != nil {
		return err
	}
	if server != nil {
		return server.download(a.ctx, path, w)
	}
	config, err := web.ReadStore(dir)
	if err != nil {
		return err
	}
	data := p.dataDir(dir)
	if entries, err := os.ReadDir(data); config.Kind == project.StoreEmbedded && (err != nil || len(entries) == 0) {
		return fault.New(fault.Invalid, "there is no store in %s; name another with --data, or apply the project first", data)
	}
	store, err := p.openStore(a, dir)
	if err != nil {
		return err
	}
	defer store.Close()
	return direct(store)
}

// openStore opens the store of a folder for one look or one change.
func (p storePlace) openStore(a *app, dir string) (graph.Store, error) {
	return web.OpenFolderStore(a.ctx, web.StoreOptions{Dir: dir, Data: p.dataDir(dir), Direct: true, Getenv: a.getenv})
}

// download writes the body of an answer to w.
func (c *client) download(ctx context.Context, path string, w io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the server at %s does not answer", c.base)
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
		return serverError(text, response.Status)
	}
	_, err = io.Copy(w, response.Body)
	return err
}
