// Package ui owns the browser application: the TypeScript sources beside it, and the HTTP handler that serves their
// built form from inside the binary.
//
//	mux.Handle("/", ui.Handler(api.Refuse))
//
// The build (npm run build) writes to dist, which is embedded; without a build the package still compiles and the
// handler answers every page with how to build it. The handler serves hashed files as immutable, sends the gzip twins
// made at build time, answers every address of the application with its one page, and sets a content security policy
// under which no other host is ever contacted.
package ui
