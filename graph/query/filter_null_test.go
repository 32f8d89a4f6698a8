package query

import "testing"

// What the differential test of web/api/difference found.
func TestFiltersOverMissingValuesAndRowsWithoutConditions(t *testing.T) {
	p := newPlant(t)
	for query, want := range map[string]string{
		// Rows of another system are counted where nothing is asked of them.
		`{ pumps(where: {workOrders: {count: {gte: 3}}}) { totalCount incomplete } }`: `{"pumps":{"totalCount":1,"incomplete":false}}`,
		`{ pumps(where: {workOrders: {some: {}}}) { totalCount incomplete } }`:        `{"pumps":{"totalCount":2,"incomplete":false}}`,
		`{ pumps(where: {workOrders: {none: {}}}) { totalCount incomplete } }`:        `{"pumps":{"totalCount":2,"incomplete":false}}`,
		// A stored value that is missing is known to be: it decides nothing and leaves nothing open.
		`{ pumps(where: {ratedFlow: {lt: 3}}) { totalCount incomplete } }`:                                              `{"pumps":{"totalCount":0,"incomplete":false}}`,
		`{ pumps(where: {id: {eq: "pump-3"}, or: [{ratedFlow: {lt: 3}}, {flow: {lt: 3}}]}) { totalCount incomplete } }`: `{"pumps":{"totalCount":0,"incomplete":false}}`,
		`{ pumps(where: {id: {eq: "pump-3"}, mode: {eq: AUTO}}) { totalCount incomplete } }`:                            `{"pumps":{"totalCount":0,"incomplete":true}}`,
		`{ pumps(where: {id: {eq: "pump-3"}, mode: {eq: AUTO}, ratedFlow: {lt: 3}}) { totalCount incomplete } }`:        `{"pumps":{"totalCount":0,"incomplete":false}}`,
		// No target, and one that fulfils a filter which always holds, is a contradiction.
		`{ spaces(where: {within: {isNull: true, equipment: {}}}) { totalCount } }`: `{"spaces":{"totalCount":0}}`,
	} {
		if got := string(p.ask(t, query, nil).Data); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}
