package postgres

import (
	"strconv"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// wholeDays says whether buckets begin at midnight of the asked zone.
func wholeDays(w connectors.Want) bool { return w.Every%dayLength == 0 }

// buckets writes one row for each bucket of each key: its number, the aggregates, and whether something in it is doubtful.
// Buckets are those of the runtime: whole days begin at midnight of the asked zone and are counted from 1970-01-01 there,
// shorter ones are counted from 1970 UTC.
func (b *branch) buckets(s *sql, w connectors.Want, aggregates []connectors.Aggregate) {
	keys, on := b.unnest(s)
	good := b.qualityText() + " < 2"
	if b.value.codec.strange() {
		good += " AND " + b.column() + " NOT IN ('NaN', 'Infinity', '-Infinity')"
	}
	names, values := "", ""
	for i, by := range aggregates {
		name := "v" + strconv.Itoa(i+1)
		names += ", r." + name
		values += b.aggregate(by) + " AS " + name + ", "
	}
	s.put("SELECT k.n, r.t, r.u, r.u2, r.q", names, " FROM ", keys, " CROSS JOIN LATERAL (SELECT g.b AS t, ", values, "CASE WHEN max(g.q) > 0 OR NOT bool_and(g.good) THEN 1 ELSE 0 END AS q, ",
		"min(g.u) FILTER (WHERE g.good) AS u, max(g.u) FILTER (WHERE g.good) AS u2 FROM (SELECT ", b.number(s, w), " AS b, s.", b.clock.column, " AS at, ", b.column(), " AS v, ",
		b.qualityText(), " AS q, ", good, " AS good, ", b.unitText(), " AS u FROM ", b.from, " AS s WHERE ", on, " AND ", b.column(), " IS NOT NULL AND ",
		b.clock.within(s, "s", w.From, w.To), ") AS g GROUP BY g.b HAVING bool_or(g.good)) AS r")
}

// number is the expression of the number of the bucket of a row.
func (b *branch) number(s *sql, w connectors.Want) string {
	micros := b.clock.micros("s")
	if !wholeDays(w) {
		return "floor((" + micros + ")::numeric / " + s.value(strconv.FormatInt(w.Every.Microseconds(), 10), "numeric") + ")::int8"
	}
	zone := w.Location
	if zone == "" {
		zone = "UTC"
	}
	date := "((to_timestamp(0) + (" + micros + ") * interval '1 microsecond') AT TIME ZONE " + s.value(zone, "text") + ")::date"
	return "floor((" + date + " - date '1970-01-01')::numeric / " + s.value(strconv.FormatInt(int64(w.Every/dayLength), 10), "numeric") + ")::int8"
}

// bucketStart is when a bucket begins.
func bucketStart(number int64, w connectors.Want) time.Time {
	if !wholeDays(w) {
		return time.UnixMicro(number * w.Every.Microseconds()).UTC()
	}
	zone, err := time.LoadLocation(w.Location)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := time.Unix(number*int64(w.Every/time.Second), 0).UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
}

// aggregate is the expression of the values of a bucket as one text.
func (b *branch) aggregate(by connectors.Aggregate) string {
	k, only := b.value.codec, " FILTER (WHERE g.good)"
	if (by == connectors.Avg || by == connectors.Sum) && !b.countable() {
		return "NULL::text" // refused, and there for other branches
	}
	value := "g.v"
	switch k.class {
	case boolean:
		value = "g.v::int4"
	case single:
		value = k.equal(value)
	}
	switch by {
	case connectors.Avg:
		return "avg(" + value + ")" + only + "::text"
	case connectors.Sum:
		return "sum(" + value + ")" + only + "::text"
	case connectors.Count:
		return "(count(*)" + only + ")::text"
	case connectors.Min, connectors.Max:
		name := map[connectors.Aggregate]string{connectors.Min: "min", connectors.Max: "max"}[by]
		switch {
		case k.class == boolean:
			return "(" + name + "(" + value + ")" + only + " = 1)::text"
		case k.texts():
			return name + "(g.v::text COLLATE \"C\")" + only
		case k.class == wallClock:
			return name + "(" + k.read("g.v") + ")" + only + "::text"
		}
		return name + "(" + value + ")" + only + "::text"
	case connectors.First:
		return "(array_agg((" + k.read("g.v") + ")::text ORDER BY g.at)" + only + ")[1]"
	}
	return "(array_agg((" + k.read("g.v") + ")::text ORDER BY g.at DESC)" + only + ")[1]"
}

// folded reads the aggregate of a bucket. Sums of whole numbers stay whole while they are exact.
func (b *branch) folded(by connectors.Aggregate, cell []byte, unit string) (schema.Value, string, error) {
	k := b.value.codec
	switch by {
	case connectors.Count:
		n, err := strconv.ParseInt(string(cell), 10, 64)
		return schema.IntOf(n), "", wrong(err, "number")
	case connectors.Avg, connectors.Sum:
		n, err := strconv.ParseInt(string(cell), 10, 64)
		if by == connectors.Sum && err == nil && k.class == integer && n <= 1<<53 && n >= -1<<53 {
			return schema.IntOf(n), unit, nil
		}
		f, err := strconv.ParseFloat(string(cell), 64)
		return schema.FloatOf(f), unit, wrong(err, "number")
	}
	v, err := k.measured(cell)
	return v, unit, err
}
