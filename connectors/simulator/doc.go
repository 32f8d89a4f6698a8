// Package simulator is the connector kind for systems that do not exist yet: series made from formulas. A value is a pure
// function of seed, reference and time, so history can be asked for at any time. README.md describes the configuration.
package simulator
