package api

import (
	"context"
	"encoding/json"
	"strings"

	"mereon/schema/access"
	"mereon/schema/fault"
)

// hashPrefix stands before the id of a document that is the SHA-256 of its text.
//
// Source: GraphQL over HTTP, appendix "Persisted documents", draft.
const hashPrefix = "sha256:"

// keptPersisted is how many texts of automatic persisted queries are kept, of keptDocumentSize bytes at most each.
const keptPersisted = 1000

// persistedNotFound is the code by which clients know to send the text.
//
// Source: Apollo, "Automatic persisted queries"; the message is part of it.
const persistedNotFound fault.Code = "PERSISTED_QUERY_NOT_FOUND"

// documentID returns the id of the document that a request names instead of its text, or beside it; "" for none. hashed says
// that it is the hash of an automatic persisted query, which the text must have.
func (r *Request) documentID() (id string, hashed bool, err error) {
	if r.DocumentID != "" {
		return strings.TrimPrefix(r.DocumentID, hashPrefix), false, nil
	}
	extension, ok := r.Extensions["persistedQuery"]
	if !ok {
		return "", false, nil
	}
	fields, _ := extension.(map[string]any)
	id, _ = fields["sha256Hash"].(string)
	version, _ := fields["version"].(json.Number)
	if id == "" || version != "1" {
		return "", false, fault.New(fault.Invalid, `extensions.persistedQuery must be {"version": 1, "sha256Hash": "..."}`)
	}
	return strings.ToLower(id), true, nil
}

// document returns the document that a request asks, by its text or by what it calls it.
func (h *Handler) document(ctx context.Context, s *Snapshot, r *Request) (*document, *refusal) {
	id, hashed, err := r.documentID()
	if err != nil {
		return nil, refusedBy(err)
	}
	if r.Query == "" {
		if d := s.trusted[id]; d != nil {
			r.Query = d.text
			return d, nil
		}
		text, known := h.persisted.Get(ctx, id)
		if !hashed && !known {
			return nil, refusedBy(fault.New(fault.NotFound, "there is no trusted document with the id that documentId names; see the folder documents of the project"))
		}
		if !known {
			return nil, refusedBy(fault.New(persistedNotFound, "PersistedQueryNotFound"))
		}
		r.Query = text
	}
	if d := s.trustedTexts[r.Query]; d != nil {
		return d, nil
	}
	if h.onlyTrusted && !access.FromContext(ctx).MayWrite() {
		return nil, refusedBy(fault.New(fault.Forbidden, "this service answers only the documents of its project (documents: {only: true} in mereon.yaml); add yours to its folder documents"))
	}
	if hashed && hashOf(r.Query) != id {
		return nil, refusedBy(fault.New(fault.Invalid, "extensions.persistedQuery.sha256Hash is not that of the query"))
	}
	d, refused := s.document(r.Query, &h.limits)
	if refused == nil && hashed && len(r.Query) <= keptDocumentSize {
		h.persisted.Add(ctx, id, r.Query)
	}
	return d, refused
}
