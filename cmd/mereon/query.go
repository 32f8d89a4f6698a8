package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

type queryCommand struct {
	File      string `arg:"" help:"A file with a GraphQL operation, or - for standard input."`
	Dir       string `help:"The project folder." default:"."`
	Variables string `help:"Variables as JSON." placeholder:"JSON"`
	Operation string `help:"Which operation of the file to run." placeholder:"NAME"`
	Explain   bool   `help:"Show the plan after the answer, as a tree: steps, keys, rows before and after, calls, age, time."`
	JSON      bool   `name:"json" hidden:"" help:"Answers are JSON always."`
	place
}

func (c *queryCommand) Run(a *app) error {
	request, err := c.request(a)
	if err != nil {
		return err
	}
	answer, err := c.ask(a, request)
	if err != nil {
		return err
	}
	var plan []string
	if c.Explain && !c.JSON {
		answer, plan = withoutPlan(answer)
	}
	var shown bytes.Buffer
	if err := json.Indent(&shown, answer, "", "  "); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the server's answer is not JSON")
	}
	fmt.Fprintln(a.streams.out, shown.String())
	if len(plan) > 0 {
		fmt.Fprintln(a.streams.out, "\n"+strings.Join(plan, "\n"))
	}
	var result struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Extensions struct {
				Code fault.Code `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the server's answer is not one of GraphQL")
	}
	if empty := len(result.Data) == 0 || string(result.Data) == "null"; empty && len(result.Errors) > 0 {
		return &shownError{exitStatus(result.Errors[0].Extensions.Code)}
	}
	return nil
}

// withoutPlan takes extensions.plan out of an answer and returns it as lines for people.
func withoutPlan(answer []byte) (rest []byte, lines []string) {
	var whole struct {
		Data       json.RawMessage            `json:"data,omitempty"`
		Errors     json.RawMessage            `json:"errors,omitempty"`
		Extensions map[string]json.RawMessage `json:"extensions,omitempty"`
	}
	if err := json.Unmarshal(answer, &whole); err != nil || whole.Extensions["plan"] == nil {
		return answer, nil
	}
	var plan struct {
		Text []string `json:"text"`
	}
	if err := json.Unmarshal(whole.Extensions["plan"], &plan); err != nil {
		return answer, nil
	}
	delete(whole.Extensions, "plan")
	rest, err := json.Marshal(whole)
	if err != nil {
		return answer, nil
	}
	return rest, plan.Text
}

func (c *queryCommand) request(a *app) ([]byte, error) {
	var text []byte
	var err error
	if c.File == "-" {
		text, err = io.ReadAll(a.streams.in)
	} else {
		text, err = os.ReadFile(c.File)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "read the operation")
	}
	request := map[string]any{"query": string(text), "operationName": c.Operation, "extensions": map[string]any{"plan": c.Explain}}
	if c.Variables != "" {
		var variables map[string]any
		if err := json.Unmarshal([]byte(c.Variables), &variables); err != nil {
			return nil, fault.New(fault.Invalid, "--variables takes a JSON object")
		}
		request["variables"] = variables
	}
	return json.Marshal(request)
}

// ask sends the operation to the running server, or opens the project for this one operation.
func (c *queryCommand) ask(a *app, request []byte) ([]byte, error) {
	server, err := c.find(a.ctx, c.Dir)
	if err != nil {
		return nil, err
	}
	if server != nil {
		var answer json.RawMessage
		err := server.post(a.ctx, "/graphql", "application/json", bytes.NewReader(request), &answer)
		return answer, err
	}
	if _, err := os.Stat(filepath.Join(c.Dir, project.ConfigFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Invalid, "there is no %s in the folder %s: name a project folder with --dir DIR, or a running server with --server http://127.0.0.1:8080", project.ConfigFile, c.Dir)
	}
	service, err := openService(a, c.Dir, c.storePlace, web.Options{Own: true})
	if err != nil {
		return nil, err
	}
	defer service.Close()
	r := httptest.NewRequestWithContext(web.Local(a.ctx), http.MethodPost, "http://localhost/graphql", bytes.NewReader(request))
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	service.Handler().ServeHTTP(recorder, r)
	if recorder.Code >= 400 && !strings.Contains(recorder.Body.String(), `"errors"`) {
		return nil, fault.New(fault.Unavailable, "the operation could not be run: %d", recorder.Code)
	}
	return recorder.Body.Bytes(), nil
}
