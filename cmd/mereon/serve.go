package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"mereon/fixtures"
	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

type serveCommand struct {
	Dir    string `arg:"" optional:"" default:"." help:"The project folder."`
	Listen string `help:"Address to listen on, instead of the one in mereon.yaml; port 0 takes any free one." placeholder:"ADDR"`
	storePlace
}

func (c *serveCommand) Run(a *app) error {
	service, err := openPatiently(a, c.Dir, c.storePlace, web.Options{Listen: c.Listen})
	if err != nil {
		return err
	}
	return serve(a, service)
}

// openPatiently opens a service and waits for a store on another machine that cannot be opened yet.
func openPatiently(a *app, dir string, where storePlace, o web.Options) (*web.Service, error) {
	for pause := time.Second; ; pause = min(2*pause, 10*time.Second) {
		service, err := openService(a, dir, where, o)
		if err == nil || fault.CodeOf(err) != fault.Unavailable {
			return service, err
		}
		if store, unread := web.ReadStore(dir); unread != nil || store.Kind == project.StoreEmbedded {
			return nil, err
		}
		newLog(a).Warn("the store cannot be opened yet; trying again", "error", err.Error(), "in", pause.String())
		select {
		case <-a.ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

type demoCommand struct {
	Listen string `help:"Address to listen on; port 0 takes any free one." placeholder:"ADDR"`
	Data   string `help:"Where the demo's project and store are kept; default: a fresh folder that is removed at the end." placeholder:"DIR"`
}

func (c *demoCommand) Run(a *app) error {
	dir := c.Data
	if dir == "" {
		fresh, err := os.MkdirTemp("", "mereon-demo-")
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "make a folder for the demo")
		}
		defer os.RemoveAll(fresh)
		dir = fresh
	}
	if _, err := os.Stat(dir + "/" + project.ConfigFile); err != nil {
		if _, err := writeFolder(fixtures.Demo, "demo", dir, nil); err != nil {
			return fault.Wrap(fault.Unavailable, err, "write the demo's project to %s", dir)
		}
	}
	service, err := openService(a, dir, storePlace{}, web.Options{Listen: c.Listen})
	if err != nil {
		return err
	}
	return serve(a, service)
}

// openService opens the project of a folder with everything it needs; o says what is special.
func openService(a *app, dir string, where storePlace, o web.Options) (*web.Service, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fault.New(fault.Invalid, "%s is not a folder; make a project with: mereon init %s", dir, dir)
	}
	o.Dir, o.Data, o.Version, o.Log, o.Getenv = dir, where.dataDir(dir), version, newLog(a), a.getenv
	return web.Open(a.ctx, o)
}

// newLog writes JSON lines to standard error.
func newLog(a *app) *slog.Logger { return slog.New(slog.NewJSONHandler(a.streams.err, nil)) }

const shutdownTime = 10 * time.Second

// serve listens, prints the base URL as the first line once it answers, and ends with the context.
func serve(a *app, service *web.Service) error {
	defer service.Close()
	url, done, err := service.Listen(a.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.streams.out, url)
	log := newLog(a)
	log.Info("serving", "url", url, "version", version)
	defer log.Info("stopped")
	if notice := service.Notice(); notice != "" {
		log.Warn(notice)
	}
	select {
	case err := <-done:
		return err
	case <-a.ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), shutdownTime)
	defer cancel()
	return service.Shutdown(ctx)
}
