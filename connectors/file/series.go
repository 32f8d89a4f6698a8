package file

import (
	"context"
	"sort"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

const (
	maxRaw    = 100_000   // measurements of one series in one request
	maxFolded = 5_000_000 // measurements of all series in one request, when they become buckets
	lookBack  = 100       // rows without a value that are passed over for the newest one
)

// long reads the value of a row with one value, and its quality. No value and no error: the row has none.
func (i *index) long(texts []string, c int) (schema.Value, connectors.Quality, error) {
	quality := connectors.Good
	if q := i.column(qualityColumn); q >= 0 {
		text, _ := i.text(texts, q)
		quality = qualityOf(text)
	}
	text, ok := i.text(texts, c)
	if !ok || i.layout.null[text] {
		return schema.Null, quality, nil
	}
	if name, ok := i.columns[c].codes[text]; ok {
		return schema.StringOf(name), quality, nil
	}
	typ, declared := i.layout.types[i.columns[c].name]
	if t := i.column(typeColumn); t >= 0 && !declared {
		name, _ := i.text(texts, t)
		typ, declared = sourceTypes[strings.ToLower(name)]
	}
	if !declared {
		return loose(text), quality, nil
	}
	v, err := valueOf(text, typ, i.columns[c].format, i.layout.zone)
	return v, quality, err
}

// measurement reads row n of a series; false when the row has no value for it.
func (i *index) measurement(p pointer, n int, row []byte) (m connectors.Measurement, ok bool) {
	texts, err := i.texts(row, nil)
	if err != nil {
		return m, false
	}
	if len(i.layout.values) == 0 {
		m.Value, m.Quality, err = i.long(texts, p.column)
	} else if text, has := i.text(texts, p.column); has {
		m.Quality = connectors.Good
		m.Value, err = i.columns[p.column].cell(text, i.layout)
	}
	if err != nil || m.Value.IsNull() && m.Quality != connectors.Bad {
		return m, false
	}
	m.Unit = i.columns[p.column].unit
	if u := i.column(unitColumn); u >= 0 {
		m.Unit, _ = i.text(texts, u)
	}
	m.Time = time.Unix(0, p.group.times[n]).UTC()
	return m, true
}

// before is the newest measurement among the rows before n; false when there is none.
func (i *index) before(p pointer, n int) (m connectors.Measurement, at int, ok bool, err error) {
	for at = n - 1; at >= 0 && at >= n-lookBack; at-- {
		row, err := i.read(p.group.spans[at], nil)
		if err != nil {
			return m, at, false, err
		}
		if m, ok = i.measurement(p, at, row); ok {
			return m, at, true, nil
		}
	}
	return m, at, false, nil
}

func (f *Connector) latest(ctx context.Context, i *index, b connectors.Batch, out connectors.Sink) error {
	for k, key := range b.Keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, ok := i.refs[key.Ref]
		if !ok {
			out.Status(k, connectors.NotFound, "the file has no series "+key.Ref)
			continue
		}
		m, ok, err := f.replay.newest(i, p, b.Now)
		if err != nil {
			return err
		}
		if ok {
			out.Measurement(k, m)
		}
	}
	return nil
}

func (f *Connector) history(ctx context.Context, i *index, w connectors.Want, b connectors.Batch, out connectors.Sink) error {
	left := maxFolded
	for k, key := range b.Keys {
		p, ok := i.refs[key.Ref]
		if !ok {
			out.Status(k, connectors.NotFound, "the file has no series "+key.Ref)
			continue
		}
		most := min(left, maxRaw)
		if w.Every > 0 {
			most = left
		}
		sent := 0
		for _, part := range f.replay.parts(i, p.group, w.From, w.To, b.Now) {
			done, err := i.send(ctx, p, part, k, most-sent, out)
			if sent += done; err != nil {
				return err
			}
			if sent >= most {
				break
			}
		}
		left -= sent
	}
	return nil
}

// part is the rows [from, to) of a group, with what is added to their times.
type part struct {
	from, to int
	shift    time.Duration
}

// rowsOf is the rows of a group with times in [from, to).
func (g *group) rowsOf(from, to int64) (int, int) {
	a := sort.Search(len(g.times), func(i int) bool { return g.times[i] >= from })
	return a, max(a, sort.Search(len(g.times), func(i int) bool { return g.times[i] >= to }))
}

// send reads rows and sends their measurements, at most so many.
func (i *index) send(ctx context.Context, p pointer, rows part, key, most int, out connectors.Sink) (sent int, err error) {
	var buffer []byte
	for n := rows.from; n < rows.to; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return sent, ctx.Err()
		}
		if sent >= most {
			out.Truncated(key, time.Unix(0, p.group.times[n]).UTC().Add(rows.shift))
			return sent, nil
		}
		if buffer, err = i.read(p.group.spans[n], buffer); err != nil {
			return sent, err
		}
		if m, ok := i.measurement(p, n, buffer); ok {
			m.Time = m.Time.Add(rows.shift)
			out.Measurement(key, m)
			sent++
		}
	}
	return sent, nil
}
