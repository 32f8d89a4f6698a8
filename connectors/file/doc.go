// Package file is the connector kind for CSV and NDJSON files, as series and as records. Files are indexed once and watched
// for change; rows are read by their place. README.md describes the configuration.
package file
