package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"mereon/schema/fault"
)

type benchCommand struct {
	Entities int  `help:"Entities of the graph that is measured, with four relationships each." default:"100000"`
	JSON     bool `name:"json" help:"Answer as JSON."`
}

// measurement is one row of the report.
type measurement struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Run measures this machine on a graph of its own in a temporary folder. docs/benchmarks.md explains the rows.
func (c *benchCommand) Run(a *app) error {
	if c.Entities < 1000 || c.Entities > 5_000_000 {
		return fault.New(fault.Invalid, "--entities takes 1000 to 5000000")
	}
	dir, err := os.MkdirTemp("", "mereon-bench-")
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "make a folder for the benchmark")
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, entities: c.Entities, progress: a.streams.err}
	for _, step := range []func(context.Context) error{b.load, b.start, b.questions, b.updates, b.operations} {
		if err := step(a.ctx); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(a.streams.out, b.rows)
	}
	for _, m := range b.rows {
		fmt.Fprintf(a.streams.out, "%-58s %12.4g %s\n", m.What, m.Value, m.Unit)
	}
	return nil
}

func (b *bench) row(value float64, unit, format string, args ...any) {
	m := measurement{What: fmt.Sprintf(format, args...), Value: value, Unit: unit}
	b.rows = append(b.rows, m)
	fmt.Fprintf(b.progress, "%s: %.4g %s\n", m.What, m.Value, m.Unit)
}

// percentile returns the value below which part of the sorted durations lie, in milliseconds.
func percentile(sorted []time.Duration, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(int(part*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Nanoseconds()) / 1e6
}
