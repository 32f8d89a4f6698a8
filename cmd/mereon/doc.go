// Command mereon is the service and its tools. Run mereon --help.
package main
