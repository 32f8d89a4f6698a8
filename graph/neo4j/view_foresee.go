package neo4j

import (
	"context"
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

var _ graph.Foreseer = (*View)(nil)

// Foresee implements graph.Foreseer: the first levels of a reach, and pages of neighbours, come with the statement that finds
// the entities they begin at.
func (v *View) Foresee(next []graph.Next) graph.Finder { return &foresight{v, next} }

// foresight finds entities together with what will be asked about them.
type foresight struct {
	v    *View
	next []graph.Next
}

// Lookup implements graph.Finder.
func (f *foresight) Lookup(ctx context.Context, ids []graph.EntityID, columns []schema.Path) (*graph.Batch, error) {
	return asked(ctx, f.v, func() (*graph.Batch, error) { return f.v.lookup(ctx, f, ids, columns) })
}

// ByKey implements graph.Finder.
func (f *foresight) ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	return f.v.findByKey(ctx, f, scope, path, values, columns)
}

// states implements finder.
func (f *foresight) states(ctx context.Context, ids []string) ([]record.Entity, error) {
	if p := f.plan(len(ids)); p != nil {
		return f.v.findWith(ctx, p, readStates, map[string]any{"ids": ids})
	}
	return f.v.fetch.states(ctx, ids)
}

// owners implements finder.
func (f *foresight) owners(ctx context.Context, keys []string) ([]record.Entity, error) {
	if p := f.plan(len(keys)); p != nil {
		return f.v.findWith(ctx, p, readOwners, map[string]any{"keys": keys})
	}
	return f.v.fetch.owners(ctx, keys)
}

// along is what comes along with entities.
type along struct {
	levels   levels // of the first reach that begins with some
	children []*children
	parts    [][][2]string // of each of the children
}

// childrenMost is how many pages of neighbours come along at most.
const childrenMost = 6

// plan is nil when nothing can come along.
func (f *foresight) plan(starts int) *along {
	if starts > aheadFrom {
		return nil
	}
	var p along
	for _, n := range f.next {
		if n.Reach != nil && p.levels.depth == 0 {
			p.levels = f.v.levelsOf(n.Reach, starts)
		}
		if n.Expand == nil || len(p.children) == childrenMost || checkCursors(&n.Expand.Page, len(n.Expand.Order)) != nil {
			continue
		}
		if c := childrenOf(f.v, n.Expand, starts); c != nil && c.pages() {
			p.children, p.parts = append(p.children, c), append(p.parts, c.parts())
		}
	}
	if p.levels.depth == 0 && len(p.children) == 0 {
		return nil
	}
	return &p
}

// statement begins with a text that leads to the states. It gives one record: a list of what belongs to each of the
// entities, and the levels around all of them.
func (p *along) statement(text string, parameters map[string]any) statement {
	text += "\nMATCH (a)-[:_state]->(s)\nWITH [" + theState + "] AS state, a"
	found := "state"
	for i, parts := range p.parts {
		own := fmt.Sprintf("$x%dv", i) // questions number their parameters each for itself
		for _, part := range parts {
			name := fmt.Sprint(part[0], i)
			text += "\nCALL { WITH ~a " + strings.ReplaceAll(part[1], "$v", own) + " AS " + name + " }"
			found += ", " + name
		}
		for name, value := range p.children[i].push.parameters {
			parameters[own[1:len(own)-1]+name] = value
		}
	}
	text += "\nWITH collect(a) AS n0, collect([" + found + "]) AS found"
	if p.levels.depth == 0 {
		return statement{text: text, returns: "found"}
	}
	parameters["most"] = aheadMost
	return p.levels.statement(text, "found")
}

// findWith finds entities by a text that leads to their states, and keeps what comes along.
func (v *View) findWith(ctx context.Context, p *along, text string, parameters map[string]any) ([]record.Entity, error) {
	s := p.statement(text, parameters)
	records, err := v.read(ctx, s, parameters)
	if err != nil || len(records) == 0 { // no rows are put together to none
		return nil, err
	}
	list, _ := records[0].Values[0].([]any)
	rows, states := make([][]any, len(list)), make([]any, len(list))
	for i := range list {
		rows[i], _ = list[i].([]any)
		states[i] = rows[i][0]
	}
	entities, err := entitiesOf(states)
	if err != nil {
		return nil, err
	}
	if p.levels.depth > 0 {
		v.foreseen.keep(entities, p.levels, [][]any{records[0].Values[1:]})
	}
	at := 1
	for i, c := range p.children {
		n := len(p.parts[i])
		own := make([][]any, len(rows))
		for k := range rows {
			own[k] = append([]any{string(entities[k].ID)}, rows[k][at:at+n]...)
		}
		v.foreseen.keep(entities, c.question(p.parts[i]), own)
		at += n
	}
	return entities, nil
}

// childrenQuestion is what is asked about every parent, in words and values.
type childrenQuestion struct{ text, parameters string }

func (c *children) question(parts [][2]string) childrenQuestion {
	var text strings.Builder
	for _, part := range parts {
		text.WriteString(part[0] + " " + part[1] + "\n")
	}
	return childrenQuestion{text.String(), fmt.Sprintf("%#v", c.push.parameters)}
}
