package neo4j

import (
	"context"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// logRows is what the change log gets: one node for all changes of a group, the encoded deltas one behind the other with
// the length before each and first saying which the first is. That of a single change is the delta itself.
func (w *writing) logRows() []map[string]any {
	if len(w.deltas) == 0 {
		return []map[string]any{}
	}
	row := map[string]any{"revision": int64(w.tip), "at": w.at.UnixMilli(), "data": w.deltas[0], "token": w.token}
	if len(w.deltas) > 1 {
		row["first"], row["data"] = int64(w.base+1), joinDeltas(w.deltas)
	}
	return []map[string]any{row}
}

func joinDeltas(deltas [][]byte) (joined []byte) {
	for _, d := range deltas {
		joined = record.AppendText(joined, string(d))
	}
	return joined
}

func splitDeltas(joined string) (deltas []string, err error) {
	for joined != "" {
		delta, rest, ok := record.Text(joined)
		if !ok {
			return nil, fault.New(fault.Internal, "what Neo4j holds of the change log is damaged: restore a backup")
		}
		deltas, joined = append(deltas, delta), rest
	}
	return deltas, nil
}

// watchMost is how many changes a watch reads at once. A group holds no more, or it would never be read.
const watchMost = 500

const readLog = `MATCH (p:@Meta {k: 'published'}) MATCH (m:@Meta {k: 'head'})
WITH CASE WHEN p.revision < $floor THEN $floor ELSE p.revision END AS newest, m
RETURN newest, m.oldest, COLLECT { MATCH (l:@Log) WHERE $from < l.revision <= newest AND l.revision <= $to
  WITH l ORDER BY l.revision RETURN [l.data, l.first] }`

// deltasAfter returns the encoded deltas after a revision, in order, as far as they are published; Conflict when the log
// does not reach back to it.
func (s *Store) deltasAfter(ctx context.Context, from graph.Revision) (deltas []string, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.live, cancel)()
	records, err := s.again(ctx, driver.AccessModeWrite, statement{text: readLog}, map[string]any{"from": int64(from), "to": int64(from) + watchMost, "floor": s.floor.Load()})
	if s.closed.Load() {
		return nil, memory.ClosedStore()
	}
	if err != nil {
		return nil, err
	}
	if len(records) != 1 {
		return nil, lostHead()
	}
	newest, _ := records[0].Values[0].(int64)
	oldest, _ := records[0].Values[1].(int64)
	if err := memory.CheckWatch(from, graph.Revision(oldest), graph.Revision(newest)); err != nil {
		return nil, err
	}
	list, _ := records[0].Values[2].([]any)
	return following(from, list)
}

// following reads the nodes of the log, in order, from the change after a revision on.
func following(from graph.Revision, nodes []any) (deltas []string, err error) {
	next := from + 1
	for _, node := range nodes {
		values, _ := node.([]any)
		data, _ := values[0].([]byte)
		some := []string{string(data)}
		if values[1] != nil {
			if some, err = splitDeltas(string(data)); err != nil {
				return nil, err
			}
		}
		for _, delta := range some {
			text, err := record.DeltaChange(delta)
			if err != nil {
				return nil, err
			}
			c, err := record.Change(text)
			switch {
			case err != nil:
				return nil, err
			case c.Revision > next:
				return deltas, nil // it was pruned, or is not there yet; look again
			case c.Revision == next:
				deltas, next = append(deltas, delta), next+1
			}
		}
	}
	return deltas, nil
}
