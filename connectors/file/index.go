package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// index knows where the rows of one state of a file are. It is immutable but for the indexes of key columns, which are made
// when first asked for.
type index struct {
	file    opened
	use     sync.RWMutex // held for reading while in use, for writing to close the file
	stamp   string
	built   time.Time
	took    time.Duration // to build
	size    int64
	sample  [sha256.Size]byte // of begin and end of what is indexed
	layout  *layout
	columns []column
	damage  damage

	rows []span           // of a collection
	held [][]schema.Value // the rows themselves, when the file is small

	groups map[string]*group
	refs   map[string]pointer // series
	first  int64              // time of the earliest and latest measurement
	last   int64

	keyed   sync.Mutex
	byValue map[string]map[string][]int32 // key columns -> values -> rows
}

// opened is a file that is open for reading.
type opened interface {
	io.ReaderAt
	io.Closer
	Stat() (os.FileInfo, error)
}

// span is the place of a row.
type span struct {
	at   int64
	size int32
}

// group is the rows of one combination of identifying values, in order of time; rows of one time stay in the order of the file.
type group struct {
	times []int64
	spans []span
}

// pointer is where a series is: its rows, and the column of its values.
type pointer struct {
	group  *group
	column int
}

// damage counts what could not be read.
type damage struct {
	rows, cells int
	first       string
}

func (d *damage) row(line int, why string) {
	d.rows++
	d.note(line, why)
}

func (d *damage) cell(line int, column string, err error) {
	d.cells++
	d.note(line, column+": "+err.Error())
}

func (d *damage) note(line int, why string) {
	if d.first == "" {
		d.first = fmt.Sprintf("line %d: %s", line, why)
	}
}

func (d *damage) text(name string) string {
	if d.rows+d.cells == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %d rows and %d values could not be read; the first is in %s", name, d.rows, d.cells, d.first)
}

// holdUp is the size in bytes up to which the rows of a collection are kept in memory.
const holdUp = 8 << 20

// build reads a file once.
func build(ctx context.Context, path string, l *layout) (*index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	i, err := indexOf(ctx, f, l)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return i, nil
}

func indexOf(ctx context.Context, f opened, l *layout) (*index, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is not a regular file")
	}
	begun := time.Now()
	i := &index{size: info.Size(), file: f, stamp: stampOf(info), built: time.Now(), layout: l, groups: map[string]*group{}, refs: map[string]pointer{},
		byValue: map[string]map[string][]int32{}}
	b := &builder{index: i, scanner: newScanner(f, l), hold: info.Size() <= holdUp}
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	i.sample, i.took = i.sampled(), time.Since(begun)
	return i, nil
}

func (i *index) release() { i.use.RUnlock() }

// retire closes the file when nobody reads it any more.
func (i *index) retire() {
	i.use.Lock()
	defer i.use.Unlock()
	if i.file != nil {
		_ = i.file.Close() // it was only read
		i.file = nil
	}
}

// unmoved says whether the rows are still where they were indexed: the file grew at its end at most. It looks at begin and
// end of what is indexed, and is called while in use.
func (i *index) unmoved() bool {
	if i.file == nil {
		return false
	}
	info, err := i.file.Stat()
	return err == nil && info.Size() >= i.size && i.sampled() == i.sample
}

func (i *index) sampled() [sha256.Size]byte {
	const length = 4096
	sample := make([]byte, 2*length)
	n, _ := i.file.ReadAt(sample[:length], 0) // what cannot be read is another sample
	m, _ := i.file.ReadAt(sample[n:n+int(min(length, i.size))], max(0, i.size-length))
	return sha256.Sum256(sample[:n+m])
}

// read reads one row again.
func (i *index) read(s span, buffer []byte) ([]byte, error) {
	if cap(buffer) < int(s.size) {
		buffer = make([]byte, s.size)
	}
	buffer = buffer[:s.size]
	if _, err := i.file.ReadAt(buffer, s.at); err != nil && !errors.Is(err, io.EOF) {
		return nil, &connectors.Failure{Status: connectors.Unavailable, Message: "the file cannot be read", Retryable: true, Cause: err}
	}
	return buffer, nil
}

// texts divides a row into the texts of the columns; absent ones are missing in ok.
func (i *index) texts(row []byte, into []string) ([]string, error) {
	if i.layout.json {
		members, err := object(row)
		if err != nil {
			return nil, err
		}
		into = into[:0]
		for c := range i.columns {
			text, ok := members[i.columns[c].source]
			if !ok {
				text = absent
			}
			into = append(into, text)
		}
		return into, nil
	}
	return fields(string(row), i.layout.delimiter, into[:0]), nil
}

// absent stands for a member that a row of NDJSON does not have; no text of a file is it.
const absent = "\x00absent"

// text is the text of a column; false when the row has none.
func (i *index) text(texts []string, c int) (string, bool) {
	if i.layout.json {
		return texts[c], texts[c] != absent
	}
	if place := i.columns[c].place; place < len(texts) {
		return texts[place], true
	}
	return "", false
}

func (i *index) column(name string) int {
	return slices.IndexFunc(i.columns, func(c column) bool { return c.name == name })
}

// examples are references for people.
func (i *index) examples() []string {
	const most = 1000
	keys := make([]string, 0, min(most, len(i.refs)))
	for ref := range i.refs {
		keys = append(keys, ref)
	}
	slices.Sort(keys)
	return keys[:min(most, len(keys))]
}

var operators = []schema.ConditionOp{schema.Eq, schema.Ne, schema.In, schema.NotIn, schema.Lt, schema.Lte, schema.Gt, schema.Gte,
	schema.StartsWith, schema.Contains, schema.IsNull}

func (i *index) collection(name string) connectors.Collection {
	c := connectors.Collection{Name: name, RowCount: len(i.rows)}
	for _, have := range i.columns {
		c.Columns = append(c.Columns, connectors.Column{Name: have.name, Type: schema.ValueType{Scalar: have.typ}, Unit: have.unit,
			Key: true, Filter: operators})
	}
	return c
}
