package archive_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/graph/memory"
	"mereon/schema"
	"mereon/schema/fault"
)

func stream(t testing.TB) []byte {
	t.Helper()
	s := memory.New()
	_, err := s.Apply(context.Background(), graph.ChangeSet{
		Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}},
		Entities: []graph.EntityChange{{ID: "a", Type: "Pump", Values: []graph.PathValue{{Path: "flow", Value: schema.FloatOf(1)}}},
			{ID: "b", Type: "Pump", Origin: graph.FromProject}},
		Relationships: []graph.RelationshipChange{{From: "a", Relation: "feeds", To: "b", Props: []graph.PathValue{{Path: "diameter", Value: schema.IntOf(80)}}}},
		Artifacts:     []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: "hall", Data: []byte("{}")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.PutBlob(context.Background(), strings.NewReader("glTF")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := s.Backup(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fill() *memory.Fill {
	return &memory.Fill{PutBlob: func(_ string, _ int64, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}}
}

func TestEveryFlippedBitAndEveryCutIsRefused(t *testing.T) {
	whole := stream(t)
	if err := archive.Read(bytes.NewReader(whole), fill()); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := archive.Read(bytes.NewReader(whole[:n]), fill()); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("cut after %d bytes: %v, want it invalid", n, err)
		}
		for bit := range 8 {
			damaged := bytes.Clone(whole)
			damaged[n] ^= 1 << bit
			if err := archive.Read(bytes.NewReader(damaged), fill()); err == nil {
				t.Errorf("bit %d of byte %d flipped: accepted", bit, n)
			}
		}
	}
}

func TestASummarySaysWhatAStreamHolds(t *testing.T) {
	whole := stream(t)
	got, err := archive.Verify(bytes.NewReader(whole))
	want := archive.Summary{Revision: 1, At: got.At, Entities: 2, Relationships: 1, Artifacts: 1, Blobs: 1}
	if err != nil || got != want || got.At.IsZero() {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, want)
	}
	if got, err := archive.Verify(bytes.NewReader(whole[:len(whole)-1])); fault.CodeOf(err) != fault.Invalid || got != (archive.Summary{}) {
		t.Errorf("Verify of what is cut off = %+v, %v; want it invalid", got, err)
	}
}

func TestNewerAndForeignStreamsAreNamed(t *testing.T) {
	for text, says := range map[string]string{"mereon backup 2\nxyz": `"2"`, "PK\x03\x04 a zip file of some length": "not a Mereon backup", "": "too short"} {
		if err := archive.Read(strings.NewReader(text), fill()); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("Read(%q) = %v, want it to say %q", text, err, says)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(stream(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		sink := fill()
		if err := archive.Read(bytes.NewReader(data), sink); err == nil {
			sink.Snapshot()
		}
	})
}
