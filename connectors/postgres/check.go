package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mereon/schema/fault"
)

// Check connects, and names what the configuration needs and the database does not have, or does not let its user read.
// Errors: those of Fetch, NotFound for what is missing, Forbidden for missing rights.
func (c *Connector) Check(ctx context.Context) error {
	o, err := c.read(ctx)
	if err != nil {
		return err
	}
	lines := slices.Clone(o.missing)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(o.denied))) {
		lines = append(lines, fmt.Sprintf("%s may not read %s: %s", c.settings.user, name, grant(name, c.settings.user)))
	}
	switch {
	case len(lines) == 0 && len(o.names) == 0 && len(o.series) == 0:
		return fault.New(fault.NotFound, "there is no table or view in the schemas %s that %s could read", strings.Join(c.settings.schemas, ", "), c.settings.user)
	case len(lines) == 0:
		return nil
	case len(o.missing) > 0:
		return fault.New(fault.NotFound, "%s", strings.Join(lines, "\n"))
	}
	return fault.New(fault.Forbidden, "%s", strings.Join(lines, "\n"))
}

// grant is the statement that gives the right.
func grant(name, user string) string {
	parts := strings.SplitN(name, ".", 3)
	table := quote(parts[0]) + "." + quote(parts[1])
	if len(parts) == 3 {
		return fmt.Sprintf("GRANT SELECT (%s) ON %s TO %s", quote(parts[2]), table, quote(user))
	}
	return fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s", quote(parts[0]), quote(user), table, quote(user))
}
