// Package fault owns the coded errors of the service and the lists of mistakes in text files.
//
// At a border every failure is an *Error: a code a program can act on, a message a person can act on, and a cause
// that never leaves the server for Internal. Mistakes in models, rules, scenes, entities and configuration are
// collected in a List, so that all of them are reported at once, each with file, line, column and a caret.
package fault
