package web

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"mereon/graph/exchange/project"
	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api"
	"mereon/web/ui"
)

// Handler returns everything the service serves, behind its guard.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.api)
	mux.Handle("GET /scenes/{id}/stream", s.callers.lasting(s.frames.Stream))
	mux.Handle("GET /scenes/{id}/events", s.callers.lasting(s.frames.Events))
	mux.Handle("GET /blobs/{name}", s.callers.brief(s.blobs))
	mux.Handle("POST /project/plan", s.callers.brief(s.project(false)))
	mux.Handle("POST /project/apply", s.callers.brief(s.project(true)))
	mux.Handle("GET /project/backup", s.callers.brief(s.backup))
	mux.Handle("GET /project/export", s.callers.brief(s.export))
	mux.Handle("POST /login", s.callers.brief(s.guard.login))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics())
	mux.Handle("/", ui.Handler(api.Refuse))
	refuseOthers(mux)
	return s.guard.Wrap(paths(mux), func(r *http.Request) bool {
		_, pattern := mux.Handler(r)
		return pattern == "/" || pattern == "GET /healthz" || pattern == "GET /readyz" || pattern == "POST /login"
	})
}

// paths refuses what a mux answers by itself, in words of its own: what asks for no path, and with redirections paths that
// are written in a roundabout way.
func paths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.RequestURI == "*" || r.Method == http.MethodConnect || !strings.HasPrefix(r.URL.Path, "/"):
			w.Header().Set("Connection", "close")
			api.Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "this service is asked for paths; GraphQL is asked at /graphql"))
		case roundabout(r.URL.Path) || roundabout(r.URL.EscapedPath()):
			api.Refuse(w, http.StatusNotFound, fault.New(fault.NotFound, "there is nothing under this path; write it without //, . and ..; GraphQL is asked at /graphql"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// roundabout says whether a path has empty elements, . or .. in it.
func roundabout(name string) bool {
	clean := path.Clean(name)
	return clean != name && clean+"/" != name
}

// refuseOthers answers what the paths of the API do not take.
func refuseOthers(mux *http.ServeMux) {
	for name, methods := range map[string]string{
		"/project/plan": "POST", "/project/apply": "POST", "/project/backup": "GET", "/project/export": "GET", "/blobs/{name}": "GET",
		"/scenes/{id}/stream": "GET", "/scenes/{id}/events": "GET", "/metrics": "GET", "/healthz": "GET", "/readyz": "GET",
	} {
		mux.HandleFunc(name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", methods)
			api.Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "this path is asked by %s", methods))
		})
	}
	for _, under := range []string{"/graphql/", "/project/", "/project", "/blobs/", "/blobs"} {
		mux.HandleFunc(under, func(w http.ResponseWriter, _ *http.Request) {
			api.Refuse(w, http.StatusNotFound, fault.New(fault.NotFound, "there is nothing under this path; GraphQL is asked at /graphql"))
		})
	}
}

// ready says whether requests can be answered: the store gives a view, and a mirror does not lag too far behind.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) {
	if m, ok := s.mirrored(); ok {
		if err := m.Ready(); err != nil {
			refuse(w, err)
			return
		}
	}
	view, err := s.store.View(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	view.Close()
	fmt.Fprintln(w, "ready")
}

// maxFolder bounds a project folder that is sent, in bytes.
const maxFolder = 1 << 30

// project plans or applies a folder that is sent as a ZIP archive.
func (s *Service) project(write bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !access.FromContext(r.Context()).MayWrite() {
			refuse(w, fault.New(fault.Forbidden, "changing the project needs a token with the role operator"))
			return
		}
		if r.Header.Get("Content-Type") != "application/zip" {
			api.Refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "send the folder as application/zip; mereon plan and mereon apply do"))
			return
		}
		packed, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFolder))
		if err != nil {
			refuse(w, fault.New(fault.Limit, "the folder is larger than %d bytes", maxFolder))
			return
		}
		folder, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
		if err != nil {
			refuse(w, fault.New(fault.Invalid, "the folder is not a ZIP archive"))
			return
		}
		query := r.URL.Query()
		options := project.Options{Overwrite: query.Get("overwrite") == "true", AcceptLosses: query.Get("losses") == "true"}
		plan, err := s.apply(r.Context(), folder, options, write)
		if list, ok := errors.AsType[fault.List](err); ok {
			refuseFolder(w, list)
			return
		}
		if err != nil {
			s.logInternal(err)
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(plan)
	}
}

// refuseFolder answers with everything that is wrong with a folder.
func refuseFolder(w http.ResponseWriter, list fault.List) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    "the project is wrong in several places",
		"extensions": map[string]any{"code": fault.Invalid, "problems": list},
	}}})
}

func (s *Service) backup(w http.ResponseWriter, r *http.Request) {
	if !access.FromContext(r.Context()).MayWrite() {
		refuse(w, fault.New(fault.Forbidden, "a backup needs a token with the role operator"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err := s.store.Backup(r.Context(), w); err != nil {
		s.options.Log.Error("backup", "error", err)
		panic(http.ErrAbortHandler) // the stream is broken off, so that nobody takes it for whole
	}
}

// export writes all entities as NDJSON.
func (s *Service) export(w http.ResponseWriter, r *http.Request) {
	view, err := s.store.View(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	defer view.Close()
	w.Header().Set("Content-Type", "application/x-ndjson")
	if _, err := project.Export(r.Context(), view, w); err != nil {
		s.options.Log.Error("export", "error", err)
		panic(http.ErrAbortHandler) // the stream is broken off, so that nobody takes it for whole
	}
}

func (s *Service) logInternal(err error) {
	if fault.CodeOf(err) == fault.Internal {
		s.options.Log.Error("request", "error", err)
	}
}
