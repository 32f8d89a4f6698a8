package neo4j

import (
	"context"
	"encoding/json"

	"mereon/graph"
	"mereon/schema/fault"
)

const readLayout = `MATCH (l:@Layout {_since: $since}) RETURN l.layout`

// layout returns the layout that holds since a revision.
func (l *layouts) layout(ctx context.Context, by asker, since graph.Revision) (*graph.Layout, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.kept[since]; known != nil {
		l.last = known
		return known, nil
	}
	records, err := by.ask(ctx, statement{text: readLayout}, map[string]any{"since": int64(since)})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fault.New(fault.Internal, "the graph in Neo4j has lost the layout of revision %d: restore a backup", since)
	}
	text, _ := records[0].Values[0].(string)
	made := &graph.Layout{}
	if err := json.Unmarshal([]byte(text), made); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the layout in Neo4j is damaged: restore a backup")
	}
	if l.kept == nil || len(l.kept) > 8 {
		l.kept = map[graph.Revision]*graph.Layout{}
	}
	l.kept[since], l.last = made, made
	return made, nil
}

// known returns the layout that holds since a revision if it was read before, else nil.
func (l *layouts) known(since graph.Revision) *graph.Layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept[since]
}

// newest returns the layout read last.
func (l *layouts) newest() *graph.Layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		return &graph.Layout{}
	}
	return l.last
}
