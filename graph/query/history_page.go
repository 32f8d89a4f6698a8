package query

import (
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// historyOrder marks cursors into a history. Their keys are a time, and how many values of that time came before: a series
// may have several.
const historyOrder = 0x68697332

// resume moves the beginning of a range behind a cursor: to the time of the last value, whose repeats are skipped, or to the
// end of the last bucket.
func (c *historyColumn) resume(at time.Time, skip int) {
	c.paged = true
	if c.want.Every > 0 {
		_, c.want.From = connectors.BucketAt(at, c.want.Every, c.zone)
		return
	}
	c.want.From, c.skip = at, skip
}

// page keeps what comes behind the cursor, fills gaps where that is asked for, and cuts off what is more than asked for.
func (h *historyCell) page(column *historyColumn) {
	for n := 0; n < column.skip && len(h.measurements) > 0 && h.measurements[0].Time.Equal(column.want.From); n++ {
		h.measurements = h.measurements[1:]
		h.skipped++
	}
	if len(h.measurements) == 0 && h.status == connectors.OK { // nothing but repeats
		h.status = connectors.Empty
	}
	if column.gaps && (h.status == connectors.OK || h.status == connectors.Empty || h.status == connectors.Truncated) {
		h.measurements = column.filled(h)
	}
	if len(h.measurements) > column.first {
		h.measurements, h.more = h.measurements[:column.first], true
		if h.status == connectors.Truncated { // this page is whole
			h.status, h.why, h.until = connectors.OK, "", time.Time{}
		}
	}
	if h.status == connectors.Truncated && !h.more {
		h.more = h.until.After(column.want.From)
	}
}

// filled puts a bucket without a value wherever nothing usable was measured: null, or a COUNT of 0.
func (c *historyColumn) filled(h *historyCell) []connectors.Measurement {
	end := c.end
	if h.status == connectors.Truncated && h.until.Before(end) {
		end = h.until
	}
	var all []connectors.Measurement
	left := h.measurements
	for at := c.want.From; at.Before(end) && len(all) <= c.first; {
		start, next := connectors.BucketAt(at, c.want.Every, c.zone)
		gap := connectors.Measurement{Time: start, Quality: connectors.Bad}
		if c.want.Aggregate == connectors.Count {
			gap.Value, gap.Quality = schema.IntOf(0), connectors.Good
		}
		if len(left) > 0 && left[0].Time.Before(next) {
			gap, left = left[0], left[1:]
		}
		all = append(all, gap)
		at = next
	}
	return all
}

// endCursor writes where the next page begins: behind the last value, or where a source that sent not all of the range
// stopped, when that is further on.
func (w *writer) endCursor(column *historyColumn, h *historyCell) {
	last := len(h.measurements) - 1
	if h.status == connectors.Truncated && column.want.Every == 0 && h.until.After(column.want.From) && (last < 0 || h.until.After(h.measurements[last].Time)) {
		w.timeCursor(h.until, 0)
		return
	}
	if h.status == connectors.Truncated && column.want.Every > 0 && last < 0 && h.until.After(column.want.From) {
		w.timeCursor(h.until.Add(-1), 0)
		return
	}
	w.measurementCursor(column, h, last)
}

// measurementCursor writes the position of measurement k.
func (w *writer) measurementCursor(column *historyColumn, h *historyCell, k int) {
	if k < 0 || k >= len(h.measurements) {
		w.buf = append(w.buf, "null"...)
		return
	}
	at, same := h.measurements[k].Time, 1
	for same <= k && h.measurements[k-same].Time.Equal(at) {
		same++
	}
	if same > k && at.Equal(column.want.From) {
		same += h.skipped
	}
	w.timeCursor(at, same)
}

func (w *writer) timeCursor(at time.Time, same int) {
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, historyOrder, func(k int) schema.Value {
		if k == 0 {
			return schema.TimeOf(at)
		}
		return schema.IntOf(int64(same))
	}, 2, "")
	w.buf = append(w.buf, '"')
}
