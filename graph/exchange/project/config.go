package project

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/access"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// ConfigFile is the name of the configuration in a project folder.
const ConfigFile = "mereon.yaml"

// Config is mereon.yaml. Connectors are decoded by their kinds.
type Config struct {
	Project    string               `yaml:"project,required"`
	Listen     string               `yaml:"listen"` // default 127.0.0.1:8080
	Store      Store                `yaml:"store"`
	Access     Access               `yaml:"access"`
	Connectors map[string]yaml.Node `yaml:"connectors"`
	Limits     Limits               `yaml:"limits"`
	Documents  Documents            `yaml:"documents"`
	At         fault.Position       `yaml:"-"`
	File       schema.File          `yaml:"-"` // what it was read from, for messages of the connectors
}

// Access says who may ask. Without tokens only loopback is listened to, and everybody there may change everything.
type Access struct {
	Tokens []Token  `yaml:"tokens"`
	Hosts  []string `yaml:"hosts"` // further names this service is reached by, beside those of listen
}

// Documents says what the trusted documents of the folder documents mean.
type Documents struct {
	Only bool `yaml:"only"` // viewers may ask nothing else
}

// Token lets its bearer in with a role. The secret is a reference: env:NAME or file:PATH.
type Token struct {
	Name   string         `yaml:"name,required"`
	Secret string         `yaml:"secret,required"`
	Role   access.Role    `yaml:"role,required"`
	At     fault.Position `yaml:"-"`
}

// Limits bounds what one request may cost, and what one caller may ask. Zero means the default.
type Limits struct {
	Body       int           `yaml:"body"`       // bytes of a request, default 1 MiB
	Tokens     int           `yaml:"tokens"`     // lexical tokens of a document, default 2000
	Directives int           `yaml:"directives"` // directives of a document, default 100
	Variables  int           `yaml:"variables"`  // variables of a document, default 100
	Fragments  int           `yaml:"fragments"`  // fragments of a document and uses of them, default 200
	Lists      int           `yaml:"lists"`      // elements of the lists a document writes out, default 1000
	Depth      int           `yaml:"depth"`      // nested selections, default 15
	Aliases    int           `yaml:"aliases"`    // aliased fields of a document, default 100
	Roots      int           `yaml:"roots"`      // root fields of an operation, default 20
	Rows       int           `yaml:"rows"`       // rows one operation may read, or look at for a federated filter or order, default 200000
	First      int           `yaml:"first"`      // rows of one page, default 10000
	Cost       int           `yaml:"cost"`       // values that one operation may touch by its plan, default 100000000
	Time       time.Duration `yaml:"time"`       // of one query, default 30s

	// Of one caller: a token, or an address where there is none. Without tokens they hold only where they are written.
	Rate       int `yaml:"rate"`       // operations a second, default 200
	Burst      int `yaml:"burst"`      // operations at once after a pause, default 5 times the rate
	Concurrent int `yaml:"concurrent"` // operations that run at the same time, default 50
	Streams    int `yaml:"streams"`    // open sockets and event streams, and running subscriptions, default 1000
}

const (
	defaultListen = "127.0.0.1:8080"
	defaultTime   = 30 * time.Second
)

// limit is one of Limits that is a number.
type limit struct {
	name  string
	value *int
	unset int // its default; 0: none
}

func (l *Limits) numbers() []limit {
	return []limit{
		{"body", &l.Body, 1 << 20}, {"tokens", &l.Tokens, 2000}, {"directives", &l.Directives, 100}, {"variables", &l.Variables, 100},
		{"fragments", &l.Fragments, 200}, {"lists", &l.Lists, 1000}, {"depth", &l.Depth, 15}, {"aliases", &l.Aliases, 100}, {"roots", &l.Roots, 20},
		{"rows", &l.Rows, 200_000}, {"first", &l.First, 10_000}, {"cost", &l.Cost, 100_000_000}, {"rate", &l.Rate, 0}, {"burst", &l.Burst, 0}, {"concurrent", &l.Concurrent, 0}, {"streams", &l.Streams, 0},
	}
}

// EnsureDefaults fills in what was left out; those of one caller only where callers have tokens.
func (l *Limits) EnsureDefaults(tokens bool) {
	for _, n := range l.numbers() {
		*n.value = cmp.Or(*n.value, n.unset)
	}
	l.Time = cmp.Or(l.Time, defaultTime)
	if tokens {
		l.Rate, l.Concurrent, l.Streams = cmp.Or(l.Rate, 200), cmp.Or(l.Concurrent, 50), cmp.Or(l.Streams, 1000)
	}
	l.Burst = cmp.Or(l.Burst, 5*l.Rate)
}

// negative names the limits below zero.
func (l *Limits) negative() (names []string) {
	for _, n := range l.numbers() {
		if *n.value < 0 {
			names = append(names, n.name)
		}
	}
	if l.Time < 0 {
		names = append(names, "time")
	}
	return names
}

// ReadConfig decodes mereon.yaml strictly and fills in defaults.
func ReadConfig(file schema.File) (*Config, fault.List) {
	config := &Config{File: file}
	root, problems := document.Parse(file)
	if root != nil {
		problems = append(problems, document.DecodeNode(file, root, config)...)
	}
	if file.Text == "" {
		problems = append(problems, fault.Problem{Position: fault.Position{File: file.Name}, Message: "the file is empty", Hint: "Write at least project: name."})
	}
	if config.Listen == "" {
		config.Listen = defaultListen
	}
	if config.Store.Kind == "" {
		config.Store.Kind = StoreEmbedded
	}
	problems = append(problems, config.validate(file, root)...)
	config.Limits.EnsureDefaults(len(config.Access.Tokens) > 0)
	document.Quote(file, problems)
	return config, config.hideSecrets(problems)
}

// hideSecrets takes the lines away that would show a secret that stands in the file.
func (c *Config) hideSecrets(problems fault.List) fault.List {
	secrets := c.Store.secrets()
	for _, t := range c.Access.Tokens {
		if t.Secret != "" && !reference(t.Secret) {
			secrets = append(secrets, t.Secret)
		}
	}
	for i, p := range problems {
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(p.Source, secret) }) {
			problems[i].Source = ""
		}
	}
	return problems
}

// validate checks what the shape does not tell; each mistake is shown at the value that makes it.
func (c *Config) validate(file schema.File, root *yaml.Node) fault.List {
	var problems fault.List
	complain := func(n *yaml.Node, hint, format string, args ...any) {
		at := fault.Position{File: file.Name, Line: n.Line, Column: n.Column}
		problems = append(problems, fault.Problem{Position: at, Hint: hint, Message: fmt.Sprintf(format, args...)})
	}
	c.Store.validate(valueOf(root, "store"), complain)
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		complain(valueOf(root, "listen"), "Write for example listen: 127.0.0.1:8080.", "listen: %q is not host:port", c.Listen)
	} else if !Loopback(c.Listen) && len(c.Access.Tokens) == 0 {
		complain(valueOf(root, "listen"), "Add access: {tokens: [{name: wall, secret: \"env:WALL_TOKEN\", role: viewer}]}, or listen on 127.0.0.1.", "listen: %s is reachable from other machines, and there are no tokens", c.Listen)
	}
	for _, limit := range c.Limits.negative() {
		complain(valueOf(root, "limits", limit), "Write a number above 0, or leave it out for the default.", "limits.%s is negative", limit)
	}
	written := valueOf(root, "access", "tokens")
	var names []string
	for i, t := range c.Access.Tokens {
		at := valueOf(root)
		if i < len(written.Content) {
			at = written.Content[i]
		}
		if t.Role != "" && t.Role != access.Viewer && t.Role != access.Operator {
			complain(valueOf(at, "role"), "Write role: viewer or role: operator.", "token %s has the unknown role %q", t.Name, t.Role)
		}
		if t.Secret != "" && !reference(t.Secret) {
			complain(valueOf(at, "secret"), "Write env:NAME or file:PATH.", "the secret of token %s stands in the file; it must be a reference", t.Name)
		}
		if slices.Contains(names, t.Name) {
			complain(at, "Give every token a name of its own.", "the token %s is written twice", t.Name)
		}
		names = append(names, t.Name)
	}
	return problems
}

// reference says whether a secret is written as one: env:NAME or file:PATH.
func reference(secret string) bool {
	return strings.HasPrefix(secret, "env:") || strings.HasPrefix(secret, "file:")
}

// valueOf follows keys through mappings and returns the node it reaches, the last one on the way when a key is missing.
func valueOf(n *yaml.Node, keys ...string) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	for _, key := range keys {
		next := n
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	return n
}

// Loopback says whether a listen address can be reached from this machine only.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
