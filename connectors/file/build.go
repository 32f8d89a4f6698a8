package file

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"mereon/schema"
)

// builder reads a file from front to back.
type builder struct {
	*index
	scanner *scanner
	hold    bool
	infer   *inference
	row_    []string   // reused
	kept    [][]string // texts of the rows, while they may be held
	lines   []int
	ids     []int
	time    int
	values  []int
	name    []byte
}

// maxSeries bounds how many series a file may have.
const maxSeries = 2_000_000

var errSeries = errors.New("it has more than 2000000 series; name the columns that identify them with \"ref\"")

func (b *builder) run(ctx context.Context) error {
	if err := b.begin(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := b.scanner.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := b.row(row); err != nil {
			return err
		}
	}
	b.finish()
	return nil
}

// begin finds the columns, from the header, the list or the first object.
func (b *builder) begin() error {
	var header []string
	if b.layout.json {
		names, err := b.members()
		if err != nil {
			return err
		}
		header = names
	} else if b.layout.header {
		row, err := b.scanner.next()
		if errors.Is(err, io.EOF) {
			return errors.New("it is empty; the header is missing")
		}
		if err != nil {
			return err
		}
		header = fields(string(row.text), b.layout.delimiter, nil)
		for i := range header {
			header[i] = strings.TrimSpace(header[i])
		}
	}
	columns, err := b.layout.bind(header)
	if err != nil {
		return err
	}
	b.columns, b.infer = columns, newInference(len(columns))
	if !b.layout.isSeries {
		return nil
	}
	b.time, b.ids = b.column(timeColumn), b.layout.identifying(columns)
	for _, name := range b.layout.values {
		b.values = append(b.values, b.column(name))
	}
	if len(b.values) == 0 {
		b.values = []int{b.column(valueColumn)}
	}
	return nil
}

// members lists the names in the first objects of NDJSON, in order, and begins from the front again.
func (b *builder) members() ([]string, error) {
	seen := map[string]bool{}
	for range 100 {
		row, err := b.scanner.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		members, err := object(row.text)
		if err != nil {
			continue // counted when the rows are read
		}
		for name := range members {
			seen[name] = true
		}
	}
	b.scanner = newScanner(b.file, b.layout)
	for _, c := range b.layout.listed {
		if c.source != "" {
			seen[c.source] = true
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (b *builder) row(r raw) error {
	if r.broken != "" {
		b.damage.row(r.line, r.broken)
		return nil
	}
	texts, err := b.texts(r.text, b.row_)
	if err != nil {
		b.damage.row(r.line, err.Error())
		return nil
	}
	b.row_ = texts
	if !b.layout.json && len(texts) <= b.most() {
		b.damage.row(r.line, "it has too few columns")
		return nil
	}
	size := len(r.text)
	if b.layout.isSeries {
		return b.measurement(texts, span{r.at, int32(size)}, r.line)
	}
	b.record(texts, span{r.at, int32(size)}, r.line)
	return nil
}

// most is the highest place of a column.
func (b *builder) most() int {
	most := 0
	for _, c := range b.columns {
		most = max(most, c.place)
	}
	return most
}

func (b *builder) record(texts []string, s span, line int) {
	for c := range b.columns {
		text, ok := b.text(texts, c)
		if !ok || b.layout.null[text] {
			continue
		}
		b.infer.see(c, text)
		if !b.hold {
			b.declared(c, text, line)
		}
	}
	b.rows = append(b.rows, s)
	b.lines = append(b.lines, line)
	if b.hold {
		b.kept = append(b.kept, slices.Clone(texts))
	}
}

// declared counts a text that is not of its column's declared type; undeclared types are made to fit.
func (b *builder) declared(c int, text string, line int) {
	column := b.columns[c]
	typ, ok := b.layout.types[column.name]
	switch {
	case ok:
		column.typ = typ
	case column.format.date:
		column.typ = schema.Date
	case column.format != format{}:
		column.typ = schema.DateTime
	default:
		return
	}
	if _, err := column.cell(text, b.layout); err != nil {
		b.damage.cell(line, column.name, err)
	}
}

func (b *builder) measurement(texts []string, s span, line int) error {
	text, _ := b.text(texts, b.time)
	at, err := b.columns[b.time].format.time(text, b.layout.zone)
	if err != nil {
		b.damage.row(line, err.Error())
		return nil
	}
	if len(b.layout.values) == 0 {
		if _, _, err := b.long(texts, b.values[0]); err != nil {
			b.damage.row(line, err.Error())
			return nil
		}
	}
	for _, c := range b.values {
		if text, ok := b.text(texts, c); ok && !b.layout.null[text] {
			b.infer.see(c, text)
		}
	}
	g, err := b.groupOf(texts)
	if err != nil {
		return err
	}
	t := at.UnixNano()
	if len(b.rows) == 0 && b.first == 0 && b.last == 0 || t < b.first {
		b.first = t
	}
	b.last = max(b.last, t)
	g.times, g.spans = append(g.times, t), append(g.spans, s)
	return nil
}

// groupOf finds the rows of the same identifying values, and names the series of a new group.
func (b *builder) groupOf(texts []string) (*group, error) {
	b.name = b.name[:0]
	for _, c := range b.ids {
		text, _ := b.text(texts, c)
		b.name = append(append(b.name, text...), 0)
	}
	if g, ok := b.groups[string(b.name)]; ok {
		return g, nil
	}
	if len(b.refs)+len(b.values) > maxSeries {
		return nil, errSeries
	}
	g := &group{}
	b.groups[string(b.name)] = g
	for _, c := range b.values {
		b.refs[b.ref(texts, b.columns[c].name)] = pointer{g, c}
	}
	return g, nil
}

// ref is the reference of a series: the identifying values, each escaped, joined by slashes or put into the template.
func (b *builder) ref(texts []string, value string) string {
	if b.layout.ref == "" {
		parts := make([]string, len(b.ids))
		for i, c := range b.ids {
			text, _ := b.text(texts, c)
			parts[i] = url.PathEscape(text)
		}
		return strings.Join(parts, "/")
	}
	pairs := []string{"{column}", url.PathEscape(value)}
	for _, c := range b.ids {
		text, _ := b.text(texts, c)
		pairs = append(pairs, "{"+b.columns[c].name+"}", url.PathEscape(text))
	}
	return strings.NewReplacer(pairs...).Replace(b.layout.ref)
}

func (b *builder) finish() {
	b.infer.settle(b.columns, b.layout)
	for _, g := range b.groups {
		g.sort()
	}
	if b.layout.isSeries || !b.hold {
		return
	}
	b.held = make([][]schema.Value, len(b.kept))
	for r, texts := range b.kept {
		b.held[r] = b.decode(texts, b.lines[r], &b.damage)
	}
	b.kept, b.lines = nil, nil
}

// decode reads the cells of a row; what cannot be read is null and counted.
func (i *index) decode(texts []string, line int, d *damage) []schema.Value {
	cells := make([]schema.Value, len(i.columns))
	for c := range i.columns {
		text, ok := i.text(texts, c)
		if !ok {
			continue
		}
		v, err := i.columns[c].cell(text, i.layout)
		if err != nil {
			if d != nil {
				d.cell(line, i.columns[c].name, err)
			}
			continue
		}
		cells[c] = v
	}
	return cells
}

// sort orders a group by time, when the file is not.
func (g *group) sort() {
	if slices.IsSorted(g.times) {
		return
	}
	order := make([]int, len(g.times))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if g.times[a] < g.times[b] {
			return -1
		}
		return int(min(1, g.times[a]-g.times[b]))
	})
	times, spans := make([]int64, len(order)), make([]span, len(order))
	for i, o := range order {
		times[i], spans[i] = g.times[o], g.spans[o]
	}
	g.times, g.spans = times, spans
}
