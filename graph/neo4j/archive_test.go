package neo4j_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/graph/embedded"
	"mereon/graph/record"
)

func openEmbedded(t *testing.T) graph.Store {
	t.Helper()
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// lines takes a backup as lines of text.
type lines []string

func (l *lines) add(kind string, v any) error {
	*l = append(*l, fmt.Sprintf("%s %+v", kind, v))
	return nil
}

func (l *lines) Header(h archive.Header) error {
	return l.add("header", fmt.Sprintf("%d %+v", h.Revision, *h.Layout))
}

func (l *lines) Entity(e record.Entity) error {
	slices.SortFunc(e.Values, func(a, b graph.PathValue) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return l.add("entity", e)
}

func (l *lines) Relationship(r record.Relationship) error { return l.add("relationship", r) }

func (l *lines) Artifact(a record.Artifact) error { return l.add("artifact", a) }

func (l *lines) Blob(digest string, size int64, r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	l.add("blob", fmt.Sprint(digest, size, n))
	return err
}

// sorted returns all that a backup holds, in an order of its own.
func sorted(t *testing.T, stream []byte) string {
	t.Helper()
	var l lines
	if err := archive.Read(bytes.NewReader(stream), &l); err != nil {
		t.Fatal(err)
	}
	slices.Sort(l)
	return strings.Join(l, "\n")
}
