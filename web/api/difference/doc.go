// Package difference checks by comparison that what web/api answers is right: random models, random data and random valid
// operations give the same JSON as a reference in web/ui/tests/difference, which resolves the published schema field by field
// with graphql-js and shares no code with the engine. The last quarter of each world's operations are mutations and queries of
// what they made, with the revisions that they expect and repeats by their idempotency keys; both sides change their own graph.
// Some operations are also asked in parts (@defer) and as live queries, which must come to the answers of the query. It holds
// tests only.
//
//	go test ./web/api/difference                            # as CI runs it
//	go test ./web/api/difference -seed 17                   # the one world of a failure
//	go test ./web/api/difference -worlds 5000 -from 100     # a long hunt
//	MEREON_DIFFERENCE_WORLDS=1000 make test                 # the same within all tests: 100,000 operations, minutes
package difference
