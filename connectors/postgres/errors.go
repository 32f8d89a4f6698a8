package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"mereon/connectors"
	"mereon/schema/fault"
)

// retryAfter is when to ask again a database that has no connection left.
const retryAfter = 500 * time.Millisecond

// classify makes a Failure of an error of the driver. What the database says of values, and the statement, stay out.
func (c *Connector) classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*connectors.Failure](err); ok {
		return f
	}
	if p, ok := errors.AsType[*pgconn.PgError](err); ok {
		return c.refused(ctx, p, err)
	}
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	if errors.Is(err, errChanged) {
		c.outdated()
		return &connectors.Failure{Status: connectors.NotFound, Message: "the tables of the database have changed: " + err.Error()}
	}
	f := &connectors.Failure{Status: connectors.Unavailable, Retryable: true, Cause: err}
	f.Message = fmt.Sprintf("PostgreSQL at %s cannot be reached: %s", c.settings.address(), reasonOf(err))
	return f
}

// reasonOf is the part of an error that says why, without addresses and users.
func reasonOf(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "the host " + dns.Name + " is not known"
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return text
}

// refused classifies what the database says by its SQLSTATE.
//
// Source: PostgreSQL manual, "Appendix A. PostgreSQL Error Codes".
func (c *Connector) refused(ctx context.Context, p *pgconn.PgError, err error) error {
	f := &connectors.Failure{Status: connectors.Unavailable, Message: "PostgreSQL: " + p.Message, Cause: err}
	switch {
	case p.Code == "57014":
		if cause := ctx.Err(); cause != nil {
			return cause
		}
		f.Status, f.Message = connectors.TimedOut, "PostgreSQL did not answer in the time that was left (statement timeout)"
	case p.Code == "42501":
		f.Status = connectors.Denied
		f.Message = fmt.Sprintf("PostgreSQL: %s; GRANT SELECT on it TO %s", p.Message, quote(c.settings.user))
	case strings.HasPrefix(p.Code, "28"):
		f.Status = connectors.Denied
		f.Message = fmt.Sprintf("PostgreSQL refuses the login of %s at %s; check user and password of the connector, and pg_hba.conf", c.settings.user, c.settings.address())
	case p.Code == "53300":
		f.Status, f.RetryAfter = connectors.Throttled, retryAfter
		f.Message = "PostgreSQL has no connection left (max_connections); lower \"connections\" of its clients or raise the limit"
	case p.Code == "3D000":
		f.Status, f.Message = connectors.NotFound, fmt.Sprintf("there is no database %q at %s", c.settings.database, c.settings.address())
	case p.Code == "42P01", p.Code == "42703", p.Code == "0A000", p.Code == "42883", p.Code == "42804", p.Code == "3F000":
		c.outdated()
		f.Status, f.Retryable = connectors.NotFound, p.Code == "0A000"
		f.Message = "the tables of the database have changed: " + p.Message + c.nearest(p.Message)
	case strings.HasPrefix(p.Code, "57P"), strings.HasPrefix(p.Code, "08"), strings.HasPrefix(p.Code, "40"), p.Code == "42P05", p.Code == "26000":
		f.Retryable = true
	case strings.HasPrefix(p.Code, "22"):
		f.Status, f.Message = connectors.BadData, "PostgreSQL cannot compute with a value that is stored (SQLSTATE "+p.Code+")"
	case strings.HasPrefix(p.Code, "42"):
		f.Status = connectors.Unsupported
	}
	return f
}

// nearest suggests a table for the one that a message says is not there.
func (c *Connector) nearest(message string) string {
	parts := strings.Split(message, `"`)
	known := c.known()
	if len(parts) < 3 || known == nil {
		return ""
	}
	_, name, found := strings.Cut(parts[1], ".")
	if !found {
		name = parts[1]
	}
	var names []string
	for n := range known.collections {
		if n != name && n != parts[1] {
			names = append(names, n)
		}
	}
	if near := fault.Suggest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
