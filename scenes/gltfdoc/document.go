package gltfdoc

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"mereon/schema/fault"
)

// Document is a checked glTF document: its node table and what it is made of. It is immutable and keeps nothing of the
// file it was read from.
type Document struct {
	Hash      string   `json:"hash"` // SHA-256 of the file, hex
	Bounds    *Box     `json:"bounds"`
	Nodes     []Node   `json:"nodes"`
	Clips     []string `json:"clips"`     // names of the animations, by index
	Materials []string `json:"materials"` // names, by index
}

// Read checks a document and returns its node table with the report. A document that is refused is a coded error
// (fault.Invalid) that names the first defects; the report is complete in either case.
//
// data is the file, GLB or glTF JSON; it is neither kept nor changed.
func Read(data []byte, options Options) (*Document, Report, error) {
	doc, report := read(data, options)
	if report.Refused {
		return nil, report, fault.New(fault.Invalid, "the glTF document is refused: %s; mend it in the program that exported it, or see mereon inspect", report.defects())
	}
	return doc, report, nil
}

// Inspect checks a document and says what it holds and what is wrong with it.
func Inspect(data []byte, options Options) Report {
	_, report := read(data, options)
	return report
}

// maxFile bounds a document; what is larger is to be split or compressed first.
const maxFile = 1 << 30

func read(data []byte, options Options) (*Document, Report) {
	found := &issues{}
	sum := sha256.Sum256(data)
	report := Report{Hash: hex.EncodeToString(sum[:]), Bytes: len(data), Clips: []Clip{}}
	c := parse(data, options, found)
	var doc *Document
	if c != nil {
		c.check()
		report.Format = "gltf"
		if c.parts.glb {
			report.Format = "glb"
		}
		report.count(c)
		if !found.refused {
			doc = c.document(report.Hash)
			report.describe(doc)
		}
	}
	report.Issues, report.Truncated = append([]Issue{}, found.list...), found.truncated // never null in JSON
	report.Refused, report.Failed = found.refused, found.failed
	return doc, report
}

// parse returns the checker over the JSON of a document, or nil when there is none to check.
func parse(data []byte, options Options, found *issues) *checker {
	if len(data) > maxFile {
		found.fail("FILE_TOO_LARGE", "", "the file has %d bytes, at most %d are taken; split or compress the model", len(data), maxFile)
		return nil
	}
	parts, ok := split(data, found)
	if !ok {
		return nil
	}
	if len(parts.json) > maxJSONBytes {
		found.fail("FILE_TOO_LARGE", "", "the JSON has %d bytes, at most %d are taken", len(parts.json), maxJSONBytes)
		return nil
	}
	root, err := parseJSON(string(parts.json))
	if err != nil {
		found.fail("INVALID_JSON", "", "invalid JSON data: %v", err)
		return nil
	}
	if root.kind != jsonObject {
		found.fail("TYPE_MISMATCH", "", "the document is %s, not an object", jsonKindNames[root.kind])
		return nil
	}
	return &checker{
		issues: found, root: root, parts: parts, options: options, budget: contentBudget * (int64(len(data)) + 1<<20),
		walk: &walk{issues: found, root: root, used: map[string]bool{}, refs: map[string]map[int]bool{}},
	}
}

// names returns the names of a collection, by index.
func (c *checker) names(collection string) []string {
	names := make([]string, len(c.root.get(collection).list()))
	for i := range names {
		names[i] = strings.Clone(c.element(collection, i).string("name"))
	}
	return names
}
