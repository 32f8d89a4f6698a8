package query

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

// Plans are shared by everybody: many operations at once, beside writers, give whole answers of one revision each.
func TestOperationsRunSideBySideWithWriters(t *testing.T) {
	p := newPlant(t)
	ctx := operator(t.Context())
	twice := p.plan(t, `{ a: pump(id: "pump-1") { name revision } b: pumps(where: {id: {eq: "pump-1"}}) { nodes { name revision } } c: pumps(where: {flow: {gt: 0}}, orderBy: [{load: ASC}]) { nodes { id workOrders { nodes { number } } } } }`)
	rename := p.plan(t, `mutation($name: String) { updatePump(id: "pump-1", set: {name: $name}) { name } }`)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 40 {
				if worker == 0 {
					name := fmt.Sprint("name ", i)
					r := rename.Execute(ctx, Request{Variables: map[string]any{"name": name}})
					if want := fmt.Sprintf(`{"updatePump":{"name":%q}}`, name); string(r.Data) != want {
						t.Errorf("%s, want %s %v", r.Data, want, r.Errors)
					}
					continue
				}
				r := twice.Execute(ctx, Request{})
				var answer struct {
					A struct {
						Name     string
						Revision int
					}
					B struct{ Nodes []struct{ Name string } }
					C struct{ Nodes []struct{ ID string } }
				}
				if err := json.Unmarshal(r.Data, &answer); err != nil || len(r.Errors) > 0 {
					t.Errorf("%v %v", err, r.Errors)
					return
				}
				if len(answer.B.Nodes) != 1 || answer.A.Name != answer.B.Nodes[0].Name || len(answer.C.Nodes) != 4 || answer.A.Revision > int(r.Revision) {
					t.Errorf("an answer of two revisions: %s", r.Data)
				}
			}
		})
	}
	group.Wait()
}
