package query

import "mereon/connectors"

// recount asks how many rows there are in all, where a page behind a cursor was asked for: the question for the page is only
// about what comes after it. A total that is not told stays unknown.
func (x *execution) recount(ask *recordAsk, results []connectors.Rows) {
	w := ask.want
	w.Where, w.Count, w.Order, w.Columns = ask.all, true, nil, []string{ask.parts[0].level.record.Key}
	if w.PerKey > 0 {
		w.PerKey = 1
	} else {
		w.Limit = 1
	}
	answer := x.engine.source.Records(x.ctx, ask.connector, ask.keys, w)
	calledFor(x, ask.parts[0].level, "count", ask.connector, w.Collection, answer, len(ask.keys))
	for i := range results {
		results[i].Total = -1
		if r := answer.Results[i]; known(r.Status) {
			results[i].Total = r.Total
		}
		if answer.Results[i].Status == connectors.Empty {
			results[i].Total = 0
		}
	}
}
