package project

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema/document"
	"mereon/schema/fault"
)

// Kinds of stores.
const (
	StoreEmbedded = "embedded"
	StoreNeo4j    = "neo4j"
)

// Store says where the graph is kept.
type Store struct {
	Kind string   `yaml:"kind"` // embedded (default) or neo4j
	Log  StoreLog `yaml:"log"`

	// The rest is for neo4j.
	URL      string    `yaml:"url"`
	User     string    `yaml:"user"`
	Password string    `yaml:"password"` // env:NAME or file:PATH
	Database string    `yaml:"database"` // default the server's
	Graph    string    `yaml:"graph"`    // which graph of the database; default Mereon
	TLS      *StoreTLS `yaml:"tls"`
	// MaxChanges is how many entities and relationships one change set may change, but for a load into an empty graph.
	MaxChanges  int            `yaml:"maxChanges"`  // default 20000
	Connections int            `yaml:"connections"` // how many are held at most, default 50
	Poll        time.Duration  `yaml:"poll"`        // how often changes of other servers are looked for, default 100ms
	Mirror      Mirror         `yaml:"mirror"`
	At          fault.Position `yaml:"-"`
}

// StoreLog says how long changes are kept. Zero means the default.
type StoreLog struct {
	Revisions int           `yaml:"revisions"` // how many, default 100000
	Age       time.Duration `yaml:"age"`       // older ones go even when there are fewer
}

// StoreTLS names PEM files, relative to the project folder.
type StoreTLS struct {
	CA          string `yaml:"ca"`          // who signed the server's certificate; default whom the system trusts
	Certificate string `yaml:"certificate"` // what the server is shown, with Key
	Key         string `yaml:"key"`
	ServerName  string `yaml:"serverName"` // whom the certificate is for, when not the host of url
}

// Mirror says whether and how reads run on a copy of the graph in memory.
type Mirror struct {
	Enabled *bool         `yaml:"enabled"` // default true
	Memory  Bytes         `yaml:"memory"`  // what the copy may take, default 2GiB
	Copy    *bool         `yaml:"copy"`    // kept on disk too, so that restarts are quick; default true
	Wait    time.Duration `yaml:"wait"`    // how long one's own change, or a revision asked for, is waited for; default 5s
	Lag     time.Duration `yaml:"lag"`     // from which on /readyz fails; default 30s
}

// On says whether there is to be a mirror.
func (m *Mirror) On() bool { return m.Enabled == nil || *m.Enabled }

// OnDisk says whether the copy is kept on disk.
func (m *Mirror) OnDisk() bool { return m.Copy == nil || *m.Copy }

// Bytes is an amount of memory; it is written as a number of bytes or with a unit, such as 512MiB or 4GB.
type Bytes int64

var bytesText = regexp.MustCompile(`^([0-9]{1,6})\s*([kKMGT]i?B)$`)

var _ document.Form = (*Bytes)(nil)

// DecodeDocument implements document.Form.
func (b *Bytes) DecodeDocument(d *document.Decoder, n *yaml.Node) {
	if plain, err := strconv.ParseInt(n.Value, 10, 64); err == nil && plain >= 0 && n.Kind == yaml.ScalarNode {
		*b = Bytes(plain)
		return
	}
	m := bytesText.FindStringSubmatch(n.Value)
	if n.Kind != yaml.ScalarNode || m == nil {
		d.Wrong(n, "Write for example 512MiB, 4GiB or 4GB.", "%s is no amount of memory", document.Describe(n))
		return
	}
	amount, _ := strconv.ParseInt(m[1], 10, 64)
	unit := int64(1000)
	if strings.HasSuffix(m[2], "iB") {
		unit = 1024
	}
	for range strings.Index("KMGT", strings.ToUpper(m[2][:1])) + 1 {
		amount *= unit
	}
	*b = Bytes(amount)
}

// complain reports a mistake at a node.
type complain func(n *yaml.Node, hint, format string, args ...any)

var storeSchemes = []string{"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}

// validate checks what the shape does not tell; written is the node of the store.
func (s *Store) validate(written *yaml.Node, complain complain) {
	switch s.Kind {
	case StoreEmbedded:
		for _, key := range []string{"url", "user", "password", "database", "graph", "tls", "maxChanges", "connections", "poll", "mirror"} {
			if has(written, key) {
				complain(valueOf(written, key), "Write kind: neo4j, or leave it out.", "store.%s is for stores of kind neo4j", key)
			}
		}
	case StoreNeo4j:
		s.validateNeo4j(written, complain)
	default:
		complain(valueOf(written, "kind"), "Write store: {kind: embedded} or store: {kind: neo4j, url: \"neo4j://host:7687\", user: neo4j, password: \"env:NEO4J_PASSWORD\"}.", "there is no store of kind %q", s.Kind)
	}
	for _, n := range []struct {
		keys  []string
		value int
	}{{[]string{"log", "revisions"}, s.Log.Revisions}, {[]string{"maxChanges"}, s.MaxChanges}, {[]string{"connections"}, s.Connections}} {
		if n.value < 0 {
			complain(valueOf(written, n.keys...), "Write a number above 0, or leave it out for the default.", "store.%s is negative", strings.Join(n.keys, "."))
		}
	}
}

func (s *Store) validateNeo4j(written *yaml.Node, complain complain) {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		complain(written, "Write url: neo4j://host:7687.", "a store of kind neo4j needs a url")
	case err == nil && u.User != nil:
		complain(valueOf(written, "url"), "Write user: NAME and password: env:NAME.", "store.url must not hold user and password")
	case err != nil || !slices.Contains(storeSchemes, u.Scheme) || u.Host == "":
		complain(valueOf(written, "url"), "Write for example url: neo4j://host:7687, or bolt+s://host:7687.", "store.url is not the address of a Neo4j server")
	case s.TLS != nil && strings.Contains(u.Scheme, "+"):
		complain(valueOf(written, "tls"), "Write neo4j:// or bolt:// before the host; the connection is encrypted with what tls says.", "store.tls goes with neo4j:// and bolt:// only")
	}
	if s.Password != "" && !reference(s.Password) {
		complain(valueOf(written, "password"), "Write env:NAME or file:PATH.", "the password of the store stands in the file; it must be a reference")
	}
	if s.Password != "" && s.User == "" {
		complain(valueOf(written, "password"), "Write user: neo4j.", "store.password needs store.user")
	}
	if s.TLS != nil && (s.TLS.Certificate == "") != (s.TLS.Key == "") {
		complain(valueOf(written, "tls"), "Name both, or none.", "store.tls has a certificate or a key without the other")
	}
}

// secrets are the texts that no message may show.
func (s *Store) secrets() (texts []string) {
	if s.Password != "" && !reference(s.Password) {
		texts = append(texts, s.Password)
	}
	if u, err := url.Parse(s.URL); err != nil || u.User != nil {
		texts = append(texts, s.URL)
	}
	return texts
}

// has says whether a mapping has a key.
func has(n *yaml.Node, key string) bool {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}
