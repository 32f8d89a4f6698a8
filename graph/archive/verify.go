package archive

import (
	"io"
	"time"

	"mereon/graph"
	"mereon/graph/record"
)

// Summary says what a stream holds.
type Summary struct {
	Revision      graph.Revision `json:"revision"`
	At            time.Time      `json:"at"`
	Entities      int            `json:"entities"`
	Relationships int            `json:"relationships"`
	Artifacts     int            `json:"artifacts"`
	Blobs         int            `json:"blobs"`
}

// Verify reads a whole stream and says what it holds, with the errors of Read.
func Verify(r io.Reader) (Summary, error) {
	var s tally
	if err := Read(r, &s); err != nil {
		return Summary{}, err
	}
	return Summary(s), nil
}

// tally counts what a stream holds.
type tally Summary

func (s *tally) Header(h Header) error {
	s.Revision, s.At = h.Revision, h.At
	return nil
}

func (s *tally) Entity(record.Entity) error             { s.Entities++; return nil }
func (s *tally) Relationship(record.Relationship) error { s.Relationships++; return nil }
func (s *tally) Artifact(record.Artifact) error         { s.Artifacts++; return nil }

func (s *tally) Blob(_ string, _ int64, r io.Reader) error {
	s.Blobs++
	_, err := io.Copy(io.Discard, r)
	return err
}
