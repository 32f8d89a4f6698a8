package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFile(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAProjectsDocumentsAreAllThatViewersMayAsk(t *testing.T) {
	t.Setenv("SCREEN", "view")
	t.Setenv("PLAN", "work")
	dir := smallFolder(t, tokens+"documents: {only: true}\n")
	writeFile(t, dir, "documents/pump.graphql", "query($id: ID!) { pump(id: $id) { name } }")
	r := serveFolder(t, dir)
	if status, code := r.send(t, "GET", "/graphql?query=%7B__typename%7D", "", "Authorization", "Bearer view"); status != 403 || code != "FORBIDDEN" {
		t.Errorf("another document: %d %s", status, code)
	}
	if status, _ := r.send(t, "GET", "/graphql?documentId=pump&variables="+url.QueryEscape(`{"id":"pump-1"}`), "", "Authorization", "Bearer view"); status != 200 {
		t.Errorf("a trusted document: %d", status)
	}
	if status, _ := r.send(t, "GET", "/graphql?query=%7B__typename%7D", "", "Authorization", "Bearer work"); status != 200 {
		t.Errorf("another document of an operator: %d", status)
	}
}

func TestAFolderWhoseDocumentsDoNotFitItsModelIsNotApplied(t *testing.T) {
	dir := smallFolder(t, "")
	r := serveFolder(t, dir)
	writeFile(t, dir, "documents/pump.graphql", "{\n  pumps { nodes { serialNumbr } }\n}")
	answer := r.post(t, "/project/apply", "application/zip", zipFolder(t, dir))
	if answer.status != 400 || !strings.Contains(answer.text, "documents/pump.graphql") || !strings.Contains(answer.text, "serialNumber") {
		t.Errorf("%d %s", answer.status, answer.text)
	}
	writeFile(t, dir, "documents/pump.graphql", "{ pumps { nodes { serialNumber } } }")
	if answer := r.post(t, "/project/apply", "application/zip", zipFolder(t, dir)); answer.status != 200 {
		t.Fatalf("%d %s", answer.status, answer.text)
	}
	if status, _ := r.send(t, "GET", "/graphql?documentId=pump", ""); status != 200 {
		t.Errorf("the document after it was applied: %d", status)
	}
}
