package query

import "mereon/graph"

// foreseeable is a source whose question to the graph is known before the rows are that it starts from.
type foreseeable interface {
	next(x *execution, lv *level, q *question) graph.Next // the zero Next: it is not
}

func reachNext(ask graph.Reach) graph.Next { return graph.Next{Reach: &ask} }

func expandNext(ask graph.Expansion) graph.Next { return graph.Next{Expand: &ask} }

// finder is whom to ask for the rows of a level: the view, which is told what it will be asked about all of them. It is not
// told of many rows: what is asked about those may be refused.
func (x *execution) finder(lv *level, q *question) graph.Finder {
	if _, able := x.view.(graph.Foreseer); !able || len(q.ids) >= fewParents {
		return x.view
	}
	return graph.Foresee(x.view, x.nexts(lv))
}

func (x *execution) nexts(lv *level) (nexts []graph.Next) {
	for _, child := range lv.children {
		source, ok := child.rows.(foreseeable)
		if !ok || child.parentTypes != nil || !x.due(child) {
			continue
		}
		q := x.question(child)
		if q.err != nil || q.noTypes || q.decided() || child.idle(q) {
			continue
		}
		if next := source.next(x, child, q); next != (graph.Next{}) {
			nexts = append(nexts, next)
		}
	}
	return nexts
}
