package api

import (
	"context"
	"fmt"
	"strconv"

	"mereon/graph"
	"mereon/schema/fault"
)

// revisionHeader carries the revision that an answer was read at. A request that sends it back is answered at that revision
// or a newer one, by whichever replica.
const revisionHeader = "Mereon-Revision"

// demandRevision takes the oldest revision that a request may be answered at from its header, or else from
// extensions.revision, which sockets use.
func (r *Request) demandRevision(header string) error {
	text := header
	if text == "" {
		switch r.Extensions["revision"].(type) {
		case nil, bool:
			return nil
		}
		text = fmt.Sprint(r.Extensions["revision"])
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fault.New(fault.Invalid, "%.40q is no revision: send the number that came in the header %s", text, revisionHeader)
	}
	r.revision = graph.Revision(n)
	return nil
}

// wantsRevision says whether the answer is to carry extensions.revision.
func (r *Request) wantsRevision() bool {
	wanted, given := r.Extensions["revision"]
	return given && wanted != false || r.wantsPlan()
}

// awaitRevision waits until the graph is at the revision that the request demands.
func (o *operation) awaitRevision(ctx context.Context) error {
	if o.request.revision == 0 || o.handler.await == nil {
		return nil
	}
	return o.handler.await(ctx, o.request.revision)
}
