package postgres

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// config is what stands under a connector of kind postgres.
type config struct {
	URL         string                       `yaml:"url"`
	User        string                       `yaml:"user"`
	Password    string                       `yaml:"password"`
	TLS         string                       `yaml:"tls"`
	CA          string                       `yaml:"ca"`
	Connections int                          `yaml:"connections"`
	Schemas     []string                     `yaml:"schemas"`
	Tables      []string                     `yaml:"tables"`
	Location    string                       `yaml:"location"`
	Collections map[string]*collectionConfig `yaml:"collections"`
	Series      []*seriesConfig              `yaml:"series"`
	StaleAfter  time.Duration                `yaml:"staleAfter"`
	Notify      string                       `yaml:"notify"`
}

// collectionConfig is a table or view under names of our own.
type collectionConfig struct {
	Table   string                       `yaml:"table"`
	Key     string                       `yaml:"key"`
	Columns map[string]string            `yaml:"columns"` // name in the database: name here
	Map     map[string]map[string]string `yaml:"map"`     // column here: code in the database: our name
	Units   map[string]string            `yaml:"units"`
	At      fault.Position
}

// seriesConfig is a table of measurements.
type seriesConfig struct {
	Table   string            `yaml:"table"`
	Ref     string            `yaml:"ref"`
	Time    timeConfig        `yaml:"time"`
	Value   string            `yaml:"value"`
	Values  []string          `yaml:"values"`
	Quality string            `yaml:"quality"`
	Unit    string            `yaml:"unit"`
	Units   map[string]string `yaml:"units"` // of value columns
	At      fault.Position
}

// timeConfig is the column of the time: at, {at: epoch-ms}, or {cycle: 1h} for numbers that count a step since 1970.
type timeConfig struct {
	column string
	format string
}

// DecodeDocument reads both forms.
func (t *timeConfig) DecodeDocument(d *document.Decoder, n *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Value != "":
		t.column = n.Value
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.ScalarNode:
		t.column, t.format = n.Content[0].Value, n.Content[1].Value
		if _, err := stepOf(t.format); err != nil {
			d.Wrong(n.Content[1], "Write epoch-s, epoch-ms, epoch-us, or the length of one step such as 1h.", "unknown format of time %q", t.format)
		}
	default:
		d.Wrong(n, "Write time: at, or time: {at: epoch-ms}.", "time is a column, or {column: format}")
	}
}

const defaultConnections = 4

// decode checks a configuration; it opens nothing.
func decode(c connectors.Config) (*settings, fault.List) {
	var f config
	problems := c.Decode(&f)
	d := &document.Decoder{File: c.File, Problems: problems}
	s := &settings{schemas: f.Schemas, patterns: f.Tables, staleAfter: f.StaleAfter, channel: f.Notify, zoneName: f.Location,
		collections: f.Collections, connections: f.Connections}
	if s.connections == 0 {
		s.connections = defaultConnections
	}
	if s.connections < 1 || s.connections > 1000 {
		d.Wrong(c.Node, "", "connections must be between 1 and 1000")
	}
	if len(s.schemas) == 0 {
		s.schemas = []string{"public"}
	}
	if s.zoneName == "" {
		s.zoneName = "UTC"
	}
	var err error
	if s.zone, err = time.LoadLocation(s.zoneName); err != nil || s.zoneName == "Local" {
		d.Wrong(c.Node, "Write an IANA name such as Europe/Berlin.", "unknown time zone %q", f.Location)
	}
	for _, p := range s.patterns {
		if _, err := path.Match(p, ""); err != nil {
			d.Wrong(c.Node, "Write a name such as work_orders, or sales.*.", "tables: %q is no pattern", p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.collections)) {
		checkCollection(d, c.Node, name, s.collections[name])
	}
	for _, one := range f.Series {
		if one != nil {
			s.series = append(s.series, one.layout(d))
		}
	}
	if s.channel != "" && len(s.series) == 0 {
		d.Wrong(c.Node, "List the tables of measurements under series.", "\"notify\" names the channel on which new measurements are told, but there are no series")
	}
	s.target(c, d, &f)
	return s, d.Problems
}

func checkCollection(d *document.Decoder, n *yaml.Node, name string, c *collectionConfig) {
	if c == nil {
		d.Wrong(n, "Write collections: {work_orders: {table: sap.aufk}}.", "collection %s is empty", name)
		return
	}
	seen := map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(c.Columns)) {
		if other, twice := seen[c.Columns[column]]; twice {
			d.Problems = append(d.Problems, fault.Problem{Position: c.At, Message: "columns " + other + " and " + column + " have the same name here"})
		}
		seen[c.Columns[column]] = column
	}
}

// target reads the address and how it is secured.
func (s *settings) target(c connectors.Config, d *document.Decoder, f *config) {
	text := f.URL
	byReference := strings.HasPrefix(text, "env:") || strings.HasPrefix(text, "file:")
	if byReference {
		var err error
		if text, err = c.Secret(f.URL); err != nil {
			d.Wrong(c.Node, "", "url: %s", err)
			return
		}
	}
	u, err := url.Parse(text)
	wrong := err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Path == ""
	if wrong && byReference { // a mistake of the environment, not of the file
		s.wrong = "what url refers to is no address of a PostgreSQL database, such as postgres://user@erp.example.com:5432/erp"
		return
	}
	if wrong {
		d.Wrong(c.Node, "Write url: postgres://user@erp.example.com:5432/erp, and password: env:ERP_PASSWORD.", "\"url\" is no address of a PostgreSQL database")
		return
	}
	s.host, s.port, s.database, s.user = u.Hostname(), u.Port(), strings.TrimPrefix(u.Path, "/"), u.User.Username()
	if f.User != "" {
		s.user = f.User
	}
	password, written := u.User.Password()
	if written && !byReference {
		d.Wrong(c.Node, "Take it out of the url and write password: env:NAME or password: file:PATH.", "a password must not stand in the url")
	}
	s.password = password
	if f.Password != "" {
		if s.password, err = c.Secret(f.Password); err != nil {
			d.Wrong(c.Node, "", "password: %s", err)
		}
	}
	for key, values := range u.Query() {
		if key != "sslmode" {
			d.Wrong(c.Node, "Keys of this connector stand beside url.", "the url has the unknown parameter %q", key)
		} else if f.TLS == "" {
			f.TLS = values[0]
		}
	}
	if s.database == "" || s.user == "" {
		d.Wrong(c.Node, "Write url: postgres://user@host:5432/database.", "\"url\" names no %s", missing(s.database, s.user))
	}
	s.secure(c, d, f)
}

func missing(database, user string) string {
	switch {
	case database == "" && user == "":
		return "user and no database"
	case database == "":
		return "database"
	}
	return "user"
}
