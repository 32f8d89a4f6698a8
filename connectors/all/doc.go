// Package all lists the kinds of connectors that are built in.
package all
