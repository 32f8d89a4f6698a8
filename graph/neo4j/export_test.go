package neo4j

import (
	"context"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Empty removes a graph from the database, its constraints and indexes left.
func Empty(ctx context.Context, o Options) error {
	o.EnsureDefaults()
	c, err := connect(&o)
	if err != nil {
		return err
	}
	defer c.driver.Close(ctx)
	for _, label := range []string{"Meta", "Entity", "State", "Key", "Unique", "Log", "Layout", "Artifact", "Repeat", "Blob", "Chunk", "Pin"} {
		if _, err := c.again(ctx, driver.AccessModeWrite, statement{text: "MATCH (n:@" + label + ") DETACH DELETE n"}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Trace lets a test hear of every statement.
func (o *Options) Trace(f func(text string, parameters map[string]any)) { o.trace = f }
