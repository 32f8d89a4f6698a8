package project

import (
	"fmt"
	"net"
	"slices"
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
	At         fault.Position       `yaml:"-"`
	File       schema.File          `yaml:"-"` // what it was read from, for messages of the connectors
}

// Store says where the graph is kept.
type Store struct {
	Kind string         `yaml:"kind"` // embedded
	At   fault.Position `yaml:"-"`
}

// Access says who may ask. Without tokens only loopback is listened to, and everybody there may change everything.
type Access struct {
	Tokens []Token  `yaml:"tokens"`
	Hosts  []string `yaml:"hosts"` // further names this service is reached by, beside those of listen
}

// Token lets its bearer in with a role. The secret is a reference: env:NAME or file:PATH.
type Token struct {
	Name   string         `yaml:"name,required"`
	Secret string         `yaml:"secret,required"`
	Role   access.Role    `yaml:"role,required"`
	At     fault.Position `yaml:"-"`
}

// Limits bounds what one request may cost. Zero means the default.
type Limits struct {
	Body    int           `yaml:"body"`    // bytes of a request, default 1 MiB
	Tokens  int           `yaml:"tokens"`  // lexical tokens of a document, default 2000
	Depth   int           `yaml:"depth"`   // nested selections, default 15
	Aliases int           `yaml:"aliases"` // aliased fields of a document, default 100
	Roots   int           `yaml:"roots"`   // root fields of an operation, default 20
	Rows    int           `yaml:"rows"`    // rows one operation may look at for a federated filter or order, default 10000
	Nodes   int           `yaml:"nodes"`   // entities and records in one answer, default 100000
	Time    time.Duration `yaml:"time"`    // of one query, default 30s
}

const (
	defaultListen  = "127.0.0.1:8080"
	defaultBody    = 1 << 20
	defaultTokens  = 2000
	defaultDepth   = 15
	defaultAliases = 100
	defaultRoots   = 20
	defaultRows    = 10_000
	defaultNodes   = 100_000
	defaultTime    = 30 * time.Second
)

// EnsureDefaults fills in what was left out.
func (l *Limits) EnsureDefaults() {
	for _, limit := range []struct {
		value *int
		unset int
	}{{&l.Body, defaultBody}, {&l.Tokens, defaultTokens}, {&l.Depth, defaultDepth}, {&l.Aliases, defaultAliases}, {&l.Roots, defaultRoots}, {&l.Rows, defaultRows}, {&l.Nodes, defaultNodes}} {
		if *limit.value == 0 {
			*limit.value = limit.unset
		}
	}
	if l.Time == 0 {
		l.Time = defaultTime
	}
}

// ReadConfig decodes mereon.yaml strictly and fills in defaults.
func ReadConfig(file schema.File) (*Config, fault.List) {
	config := &Config{File: file}
	problems := document.Decode(file, config)
	if file.Text == "" {
		problems = append(problems, fault.Problem{Position: fault.Position{File: file.Name}, Message: "the file is empty", Hint: "Write at least project: name."})
	}
	if config.Listen == "" {
		config.Listen = defaultListen
	}
	if config.Store.Kind == "" {
		config.Store.Kind = "embedded"
	}
	config.Limits.EnsureDefaults()
	problems = append(problems, config.validate()...)
	document.Quote(file, problems)
	return config, problems
}

func (c *Config) validate() fault.List {
	var problems fault.List
	complain := func(at fault.Position, hint, format string, args ...any) {
		problems = append(problems, fault.Problem{Position: at, Hint: hint, Message: fmt.Sprintf(format, args...)})
	}
	if c.Store.Kind != "embedded" {
		complain(c.Store.At, "Write store: {kind: embedded}.", "there is no store of kind %q", c.Store.Kind)
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		complain(c.At, "Write for example listen: 127.0.0.1:8080.", "listen: %q is not host:port", c.Listen)
	} else if !Loopback(c.Listen) && len(c.Access.Tokens) == 0 {
		complain(c.At, "Add access: {tokens: [{name: wall, secret: \"env:WALL_TOKEN\", role: viewer}]}, or listen on 127.0.0.1.", "listen: %s is reachable from other machines, and there are no tokens", c.Listen)
	}
	var names []string
	for _, t := range c.Access.Tokens {
		if t.Role != access.Viewer && t.Role != access.Operator {
			complain(t.At, "Write role: viewer or role: operator.", "token %s has the unknown role %q", t.Name, t.Role)
		}
		if slices.Contains(names, t.Name) {
			complain(t.At, "Give every token a name of its own.", "the token %s is written twice", t.Name)
		}
		names = append(names, t.Name)
	}
	return problems
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
