// Package web owns the HTTP server: who may ask (Guard), what is served where (Server), and the life of one project (Service).
//
// GraphQL is web/api, live frames are web/live, the user interface is web/ui.
package web
