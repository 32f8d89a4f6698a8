package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"mereon/connectors"
	"mereon/schema/document"
)

// settings is a checked configuration.
type settings struct {
	host, port, database, user, password string
	wrong                                string      // why there is no address
	tls                                  *tls.Config // nil: none
	connections                          int
	schemas, patterns                    []string
	collections                          map[string]*collectionConfig
	series                               []*layout
	staleAfter                           time.Duration
	channel                              string
	zoneName                             string
	zone                                 *time.Location
}

// secure decides how the connection is encrypted: verified in full for every host that is not this one.
func (s *settings) secure(c connectors.Config, d *document.Decoder, f *config) {
	mode := f.TLS
	if mode == "" {
		mode = "verify-full"
		if local(s.host) {
			mode = "disable"
		}
	}
	switch mode {
	case "disable":
	case "require":
		s.tls = &tls.Config{InsecureSkipVerify: true, ServerName: s.host, MinVersion: tls.VersionTLS12}
	case "verify-full":
		s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	default:
		d.Wrong(c.Node, "Write verify-full (the default for hosts that are not local), require (encrypted, not verified) or disable.", "unknown mode of TLS %q", mode)
	}
	if f.CA == "" {
		return
	}
	file, err := c.Read(f.CA)
	switch roots := x509.NewCertPool(); {
	case err != nil:
		d.Wrong(c.Node, "", "ca: %s", err)
	case !roots.AppendCertsFromPEM([]byte(file.Text)):
		d.Wrong(c.Node, "", "ca: %s holds no certificate in PEM", f.CA)
	case s.tls == nil || s.tls.InsecureSkipVerify:
		d.Wrong(c.Node, "Write tls: verify-full.", "\"ca\" is given, but certificates are not verified")
	default:
		s.tls.RootCAs = roots
	}
}

// local says whether a host is this machine, so that nobody can listen on the way.
func local(host string) bool {
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// address is where the database is, for messages.
func (s *settings) address() string {
	return net.JoinHostPort(s.host, s.portText()) + "/" + s.database
}

func (s *settings) portText() string {
	if s.port == "" {
		return "5432"
	}
	return s.port
}

const (
	connectTimeout = 10 * time.Second
	idleTime       = 5 * time.Minute
	cancelWait     = 2 * time.Second // for the server to end a statement that was cancelled, then the connection is dropped
)

// pool is the configuration of the connections. Variables of the process such as PGHOST have no say.
func (s *settings) pool() (*pgxpool.Config, error) {
	if s.wrong != "" {
		s.host = "localhost" // never asked
	}
	port, err := strconv.ParseUint(s.portText(), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", s.port)
	}
	p, err := pgxpool.ParseConfig("host=localhost port=5432 user=nobody dbname=nothing password=none sslmode=disable target_session_attrs=any " +
		"channel_binding=prefer sslnegotiation=postgres sslcertmode=allow min_protocol_version=3.0 max_protocol_version=3.0")
	if err != nil {
		return nil, err
	}
	to := p.ConnConfig
	to.Host, to.Port, to.Database, to.User, to.Password, to.TLSConfig, to.Fallbacks = s.host, uint16(port), s.database, s.user, s.password, s.tls, nil
	to.RuntimeParams = map[string]string{"application_name": "mereon"}
	to.ConnectTimeout = connectTimeout
	to.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelWait}
	}
	p.MaxConns, p.MaxConnIdleTime, p.PingTimeout = int32(s.connections), idleTime, cancelWait
	return p, nil
}
