package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveScript starts "mereon serve DIR ..." in the background and sets $URL to its first line. It is ended with the script.
func serveScript(ts *testscript.TestScript, neg bool, args []string) {
	command := exec.Command("mereon", append([]string{"serve"}, args...)...)
	command.Dir = ts.Getenv("WORK")
	command.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "WALL="+ts.Getenv("WALL"))
	path, err := exec.LookPath("mereon")
	if err == nil {
		command.Path = path
	}
	out, err := command.StdoutPipe()
	ts.Check(err)
	ts.Check(command.Start())
	ts.Defer(func() { _ = command.Process.Kill(); _ = command.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("mereon serve printed no address: %v", err)
	}
	ts.Setenv("URL", line[:len(line)-1])
	ts.Setenv("PID", strconv.Itoa(command.Process.Pid))
}

// statusScript runs a command and checks its exit status: status 4 mereon serve plant.
func statusScript(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
