package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"mereon/schema"
	"mereon/schema/fault"
)

// Documents are the operations that a project trusts. Each is asked for by an id, or by the SHA-256 of its text.
type Documents struct {
	list []trusted
	byID map[string]int // in list
}

// trusted is one text and where it was read.
type trusted struct {
	text, file, name string // name is "" for the text of a file as a whole
}

// ReadDocuments reads files: *.graphql, each one document whose id is the file's name without its ending, and *.json, which map
// ids to documents as Relay and other compilers write them ({"id": "text"}) or as Apollo's manifest does ({"operations": [{id, body}]}).
// That documents fit the schema is checked by Snapshot.Trust.
func ReadDocuments(files []schema.File) (*Documents, fault.List) {
	d := &Documents{byID: map[string]int{}}
	var problems fault.List
	for _, file := range files {
		if strings.HasSuffix(file.Name, ".json") {
			problems = append(problems, d.manifest(file)...)
			continue
		}
		id := strings.TrimSuffix(path.Base(file.Name), path.Ext(file.Name))
		problems = append(problems, d.add(id, trusted{text: file.Text, file: file.Name})...)
	}
	return d, problems
}

// Len returns how many documents there are. It is 0 for nil.
func (d *Documents) Len() int {
	if d == nil {
		return 0
	}
	return len(d.list)
}

func (d *Documents) manifest(file schema.File) (problems fault.List) {
	texts := map[string]string{}
	var apollo struct {
		Operations []struct{ ID, Body string }
	}
	if json.Unmarshal([]byte(file.Text), &texts) != nil {
		if json.Unmarshal([]byte(file.Text), &apollo) != nil || len(apollo.Operations) == 0 {
			return fault.List{{Position: fault.Position{File: file.Name}, Message: "the file is no manifest of documents",
				Hint: `Write {"id": "query { ... }"}, or the manifest that Apollo's tools make.`}}
		}
		clear(texts) // what was understood of the other form
		for _, o := range apollo.Operations {
			texts[o.ID] = o.Body
		}
	}
	ids := make([]string, 0, len(texts))
	for id := range texts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		problems = append(problems, d.add(id, trusted{text: texts[id], file: file.Name, name: id})...)
	}
	return problems
}

// add gives a document its ids. One id cannot stand for two texts.
func (d *Documents) add(id string, t trusted) (problems fault.List) {
	d.list = append(d.list, t)
	for _, id := range []string{strings.TrimPrefix(id, hashPrefix), hashOf(t.text)} {
		if i, taken := d.byID[id]; taken && d.list[i].text != t.text {
			problems = append(problems, fault.Problem{Position: fault.Position{File: t.file}, Message: "the document " + id + " is also in " + d.list[i].file,
				Hint: "Give every document an id of its own."})
			continue
		}
		d.byID[id] = len(d.list) - 1
	}
	return problems
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Trust validates and plans documents, so that they are answered without parsing or planning, whatever else the caches hold. It is
// called before the snapshot answers. Documents with mistakes are in the list, and are not answered.
func (s *Snapshot) Trust(d *Documents, limits Limits) fault.List {
	limits.ensureDefaults()
	s.trusted, s.trustedTexts = map[string]*document{}, map[string]*document{}
	if d == nil {
		return nil
	}
	var problems fault.List
	for _, t := range d.list {
		if s.trustedTexts[t.text] != nil {
			continue
		}
		made, refusal := s.newDocument(t.text, &limits)
		if refusal == nil {
			for _, op := range made.parsed.Operations {
				if _, err := made.route(s, op.Name); err != nil {
					refusal = refusedBy(err)
				}
			}
		}
		if refusal == nil && len(made.parsed.Operations) == 0 {
			refusal = refusedBy(fault.New(fault.Invalid, "the document has no operation"))
		}
		if refusal != nil {
			problems = append(problems, t.problems(refusal)...)
			continue
		}
		s.trustedTexts[t.text] = made
	}
	for id, i := range d.byID {
		if made := s.trustedTexts[d.list[i].text]; made != nil {
			s.trusted[id] = made
		}
	}
	return problems
}

// problems tells the mistakes in a document where they stand in its file.
func (t *trusted) problems(r *refusal) (problems fault.List) {
	for _, e := range r.errors {
		p := fault.Problem{Position: fault.Position{File: t.file}, Message: e.Message}
		if t.name != "" {
			p.Message = "document " + t.name + ": " + p.Message
		} else if len(e.Locations) > 0 {
			p.Line, p.Column = at(e.Locations)
		}
		problems = append(problems, p)
	}
	return problems
}

func at(locations []gqlerror.Location) (line, column int) {
	return locations[0].Line, locations[0].Column
}
