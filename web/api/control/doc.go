// Package control owns the control plane: its schema and the code gqlgen generates from it. The resolvers are in web/api.
package control
