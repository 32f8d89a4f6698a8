package postgres

import (
	"context"
	"strconv"

	"mereon/connectors"
	"mereon/schema"
)

// records asks for rows of a collection: one statement for all keys.
func (c *Connector) records(ctx context.Context, st *statement, b connectors.Batch, out connectors.Sink) error {
	args, asked := st.bind(b.Keys)
	if len(st.keys) > 0 && len(asked) == 0 {
		return nil
	}
	if st.total {
		totals(asked, len(st.keys) == 0, out)
	}
	tell(out, st.text)
	cells := make([]schema.Value, len(st.cells))
	row := func(texts [][]byte) error {
		key, err := strconv.Atoi(string(texts[0]))
		if err != nil {
			return err
		}
		for i, c := range st.cells {
			if cells[i], err = c.decode(texts[i+1]); err != nil {
				out.Status(key, connectors.BadData, "column "+c.name+": "+err.Error())
				return nil
			}
		}
		out.Row(key, cells)
		if st.total {
			n, err := strconv.Atoi(string(texts[len(texts)-1]))
			if err != nil {
				return err
			}
			out.Total(key, n)
		}
		return nil
	}
	return c.classify(ctx, c.database.run(ctx, []query{{text: st.text, args: args, row: row, changed: st.changed}}))
}

// totals are those of keys without a row.
func totals(asked []int, whole bool, out connectors.Sink) {
	if whole {
		out.Total(0, 0)
	}
	for _, key := range asked {
		out.Total(key, 0)
	}
}
