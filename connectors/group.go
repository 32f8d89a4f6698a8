package connectors

import (
	"time"

	"mereon/schema"
)

// GroupBy is one key of the groups that a question for records asks for. With Want.Group or Want.Measures set, Columns is
// empty and the rows of an answer are groups of the rows that KeyColumns and Where choose, separate for every key: cells
// are the keys in order of Group, then the measures in order of Measures. Without Group every key has exactly one row,
// also of nothing. Order names results (As) and is completed by the keys ascending; PerKey, Limit and Count are of groups.
//
// A null is a key of its own. Keys are one when schema.Equal says so.
type GroupBy struct {
	Column string // not a list, not JSON
	As     string // the name of the result, unique in the question; "" is Column
	Bucket        // for Date and DateTime columns: the key is the start of the bucket, of the column's type
}

// Bucket is a division of time. The zero Bucket divides nothing.
type Bucket struct {
	Unit     Unit          // calendar units, in Location
	Every    time.Duration // instead of Unit: as in Want.Every, counted from 1970, of whole days for a Date
	Location string        // IANA time zone in which days and longer units begin, "" is UTC; of no effect for a Date
}

// Unit is a unit of the calendar. A week begins on Monday.
type Unit string

const (
	Hour    Unit = "HOUR"
	Day     Unit = "DAY"
	Week    Unit = "WEEK"
	Month   Unit = "MONTH"
	Quarter Unit = "QUARTER"
	Year    Unit = "YEAR"
)

// Measure is one number or value of a group: COUNT, MIN, MAX, AVG or SUM over the values of a column that are not null;
// COUNT without a column counts rows. schema.Fold is the definition: AVG is a Float, SUM an Int, Float or Decimal as the
// column is, MIN and MAX are of the column's type; null when there is no value.
type Measure struct {
	Func   Aggregate
	Column string
	As     string // the name of the result; "" is Func and Column joined by a space, such as "AVG cost"
}

// Grouped says whether a question for records asks for groups.
func (w *Want) Grouped() bool { return len(w.Group) > 0 || len(w.Measures) > 0 }

// width is the number of cells in a row of the answer.
func (w *Want) width() int {
	if w.Grouped() {
		return len(w.Group) + len(w.Measures)
	}
	return len(w.Columns)
}

// Name is how Order calls the key.
func (g *GroupBy) Name() string {
	if g.As != "" {
		return g.As
	}
	return g.Column
}

// Name is how Order calls the measure.
func (m *Measure) Name() string {
	switch {
	case m.As != "":
		return m.As
	case m.Column == "":
		return string(m.Func)
	}
	return string(m.Func) + " " + m.Column
}

// Divides says whether there is a bucket.
func (b *Bucket) Divides() bool { return b.Unit != "" || b.Every > 0 }

// Zone is the location of the bucket; an error when there is no such time zone.
func (b *Bucket) Zone() (*time.Location, error) { return time.LoadLocation(b.Location) }

// Start is the beginning of the bucket that holds a Date or DateTime, of the same kind; other values are their own.
func (b *Bucket) Start(v schema.Value, zone *time.Location) schema.Value {
	switch {
	case !b.Divides():
	case v.Kind() == schema.DateTimeValue:
		return schema.TimeOf(b.startOf(v.Time(), zone))
	case v.Kind() == schema.DateValue:
		if t, err := time.Parse(time.DateOnly, v.Text()); err == nil {
			return schema.DateOf(b.startOf(t, time.UTC).Format(time.DateOnly))
		}
	}
	return v
}

func (b *Bucket) startOf(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	switch b.Unit {
	case Hour:
		return bucketAt(t, time.Hour, zone).start
	case Day:
	case Week:
		d -= (int(t.In(zone).Weekday()) + 6) % 7
	case Month:
		d = 1
	case Quarter:
		m, d = m-(m-1)%3, 1
	case Year:
		m, d = time.January, 1
	default:
		return bucketAt(t, b.Every, zone).start
	}
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
}
