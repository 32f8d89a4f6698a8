// Package exchange owns what foreign formats have in common: an importer reads a source and gives the files of a project
// folder with a report; Write puts them into a folder without losing edits.
//
// Each format has a folder of its own; project is our own.
package exchange
