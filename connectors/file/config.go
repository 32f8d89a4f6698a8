package file

import (
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// tableConfig describes one file.
type tableConfig struct {
	Path      string                       `yaml:"path"`
	Format    string                       `yaml:"format"`
	Header    *bool                        `yaml:"header"`
	Delimiter string                       `yaml:"delimiter"`
	Columns   columnList                   `yaml:"columns"`
	Types     map[string]string            `yaml:"types"`
	Units     map[string]string            `yaml:"units"`
	Map       map[string]map[string]string `yaml:"map"`
	Null      []string                     `yaml:"null"`
	Key       string                       `yaml:"key"`
	Location  string                       `yaml:"location"`
	At        fault.Position
}

// config is what stands under a connector of kind file.
type config struct {
	tableConfig
	Collection  string                  `yaml:"collection"`
	Collections map[string]*tableConfig `yaml:"collections"`
	Ref         string                  `yaml:"ref"`
	Values      []string                `yaml:"values"`
	StaleAfter  time.Duration           `yaml:"staleAfter"`
	Replay      *replayConfig           `yaml:"replay"`
}

// columnConfig is one column: where it is in the file, and what it is called here.
type columnConfig struct {
	source string // name in the header; "" when the columns are listed by place
	name   string
	format string // of times and dates
	at     fault.Position
}

// columnList is a list by place, [name, {time: epoch-ms}], or a mapping from the names in the file, {AUFNR: number}.
type columnList struct {
	list    []columnConfig
	byPlace bool
}

// DecodeDocument reads both forms.
func (c *columnList) DecodeDocument(d *document.Decoder, n *yaml.Node) {
	switch n.Kind {
	case yaml.SequenceNode:
		c.byPlace = true
		for _, item := range n.Content {
			c.list = append(c.list, columnOf(d, "", item))
		}
	case yaml.MappingNode:
		for _, e := range d.Entries(n, "columns") {
			c.list = append(c.list, columnOf(d, e.Key.Value, e.Value))
		}
	default:
		d.Wrong(n, "Write [time, asset, value] by place, or {AUFNR: number} by name.", "columns must be a list or a mapping")
	}
}

func columnOf(d *document.Decoder, source string, n *yaml.Node) columnConfig {
	c := columnConfig{source: source, at: d.At(n)}
	switch {
	case n.Kind == yaml.ScalarNode && n.Value != "":
		c.name = n.Value
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.ScalarNode:
		c.name, c.format = n.Content[0].Value, n.Content[1].Value
	default:
		d.Wrong(n, "", "a column is a name, or {name: format} for times and dates")
	}
	return c
}

// decode checks a configuration; it opens nothing.
func decode(c connectors.Config) (*Connector, fault.List) {
	var f config
	problems := c.Decode(&f)
	d := &document.Decoder{File: c.File, Problems: problems}
	out := &Connector{tables: map[string]*source{}, staleAfter: f.StaleAfter}
	switch {
	case f.Path == "" && len(f.Collections) == 0:
		d.Wrong(c.Node, "Write path: work_orders.csv, or collections: {work_orders: {path: ...}}.", "neither \"path\" nor \"collections\" is given")
	case f.Path != "" && f.Collection != "":
		out.tables[f.Collection] = newSource(c, d, &f.tableConfig)
	case f.Path != "":
		out.series = newSource(c, d, &f.tableConfig)
		seriesOf(d, c.Node, out.series.layout, &f)
	}
	if f.Collection != "" && f.Path == "" {
		d.Wrong(c.Node, "", "\"collection\" names the rows of \"path\", which is missing")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Collections)) {
		if t := f.Collections[name]; t == nil || t.Path == "" {
			d.Wrong(c.Node, "", "collection %s has no \"path\"", name)
		} else if out.tables[name] != nil {
			d.Wrong(c.Node, "", "collection %s is given twice", name)
		} else {
			out.tables[name] = newSource(c, d, t)
		}
	}
	out.replay = replayOf(d, c.Node, f.Replay, out.series != nil)
	return out, d.Problems
}

func newSource(c connectors.Config, d *document.Decoder, t *tableConfig) *source {
	l := &layout{header: t.Header == nil || *t.Header, delimiter: ',', null: map[string]bool{"": true}, maps: t.Map, units: t.Units,
		types: map[string]schema.Scalar{}, zone: time.UTC, byPlace: t.Columns.byPlace, listed: t.Columns.list, key: t.Key}
	wrong := func(hint, format string, args ...any) {
		d.Problems = append(d.Problems, problem(t.At, hint, format, args...))
	}
	full, err := connectors.Inside(c.Dir, t.Path)
	if err != nil {
		wrong("", "%s", err)
	}
	lower := strings.ToLower(t.Path)
	switch {
	case t.Format == "ndjson", t.Format == "" && (strings.HasSuffix(lower, ".ndjson") || strings.HasSuffix(lower, ".jsonl")):
		l.json = true
	case t.Format == "csv", t.Format == "":
	default:
		wrong("Write csv or ndjson.", "unknown format %q", t.Format)
	}
	switch {
	case t.Delimiter == "":
	case len(t.Delimiter) != 1 || strings.ContainsAny(t.Delimiter, "\"\r\n"):
		wrong("", "a delimiter is one character, such as \";\"")
	default:
		l.delimiter = t.Delimiter[0]
	}
	if t.Null != nil {
		l.null = map[string]bool{}
		for _, text := range t.Null {
			l.null[text] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Types)) {
		s, ok := schema.ScalarOf(t.Types[name])
		if !ok {
			wrong("Write Int, Long, Float, Decimal, Boolean, String, ID, Date, DateTime, Duration or JSON.", "unknown type %q of column %s", t.Types[name], name)
		}
		l.types[name] = s
	}
	if l.zone, err = time.LoadLocation(t.Location); err != nil {
		wrong("Write an IANA name such as Europe/Berlin.", "unknown time zone %q", t.Location)
		l.zone = time.UTC
	}
	if !l.header && !l.json && !l.byPlace {
		wrong("Write columns: [{time: epoch-ms}, asset, value].", "without a header the columns must be listed by place")
	}
	for i := range l.listed {
		if _, err := formatOf(l.listed[i].format); err != nil {
			d.Problems = append(d.Problems, problem(l.listed[i].at, formatHint, "%s", err))
		}
	}
	return &source{path: full, name: t.Path, layout: l}
}
