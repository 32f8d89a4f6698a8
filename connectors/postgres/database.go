package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"mereon/connectors"
)

// database is the connections to one database.
type database struct {
	pool  *pgxpool.Pool
	wrong string // why it is never asked
}

// query is one statement with the texts of its parameters; row takes each row, whose cells are valid during the call.
type query struct {
	text string
	args [][]byte
	row  func(cells [][]byte) error
	// changed, when set, judges the types of the cells before the first row.
	changed func(types []uint32) bool
}

// errChanged says that a statement was made for another state of the database.
var errChanged = errors.New("a column has another type than it had")

func openDatabase(s *settings) (*database, error) {
	config, err := s.pool()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &database{pool, s.wrong}, nil
}

// settle makes the transaction read-only and limits its time, and says how values are written. It holds for the
// transaction alone, so that it also works behind a pooler of transactions.
const settle = `SELECT set_config('transaction_read_only', 'on', true), set_config('statement_timeout', $1, true), set_config('DateStyle', 'ISO, YMD', true),
	set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'iso_8601', true), set_config('extra_float_digits', '1', true), set_config('search_path', 'pg_catalog', true)`

// early is how long before the deadline of a question the database ends its statement, so that the answer still comes in
// time and the connection stays usable.
const early = 15 * time.Millisecond

// timeout is the statement_timeout of a context, in milliseconds; 0 is none.
func timeout(ctx context.Context) string {
	end, ok := ctx.Deadline()
	if !ok {
		return "0"
	}
	return strconv.FormatInt(max(1, (time.Until(end)-early).Milliseconds()), 10)
}

// run makes one round trip: one read-only transaction with all queries, in order. When ctx ends the running statement is
// cancelled in the database. Errors are those of the driver; see classify.
func (d *database) run(ctx context.Context, queries []query) error {
	if d.wrong != "" {
		return &connectors.Failure{Status: connectors.Unavailable, Message: d.wrong}
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	prepared := statementsOf(conn.Conn().PgConn())
	p := conn.Conn().PgConn().StartPipeline(ctx)
	steps := prepared.send(p, query{text: settle, args: [][]byte{[]byte(timeout(ctx))}})
	for _, q := range queries {
		steps = append(steps, prepared.send(p, q)...)
	}
	err = p.Sync()
	if err == nil {
		err = receive(p, steps, prepared)
	}
	if closing := p.Close(); err == nil {
		err = closing
	}
	if err != nil {
		prepared.forget(steps...)
	}
	return err
}

// receive takes the answers in the order in which they were sent.
func receive(p *pgconn.Pipeline, steps []step, prepared *statements) error {
	for _, s := range steps {
		results, err := p.GetResults()
		if err != nil {
			return err
		}
		switch r := results.(type) {
		case *pgconn.StatementDescription:
			prepared.known[s.name] = true
		case *pgconn.ResultReader:
			if err := rowsOf(r, s.query); err != nil {
				return err
			}
		case *pgconn.CloseComplete:
		default:
			return fmt.Errorf("the connection was lost during the answer")
		}
	}
	return nil
}

func rowsOf(r *pgconn.ResultReader, q query) error {
	var failed error
	if q.changed != nil {
		types := make([]uint32, len(r.FieldDescriptions()))
		for i, f := range r.FieldDescriptions() {
			types[i] = f.DataTypeOID
		}
		if q.changed(types) {
			failed = errChanged
		}
	}
	for r.NextRow() {
		if q.row != nil && failed == nil {
			failed = q.row(r.Values())
		}
	}
	if _, err := r.Close(); err != nil {
		return err
	}
	return failed
}

// statements are those that are prepared in one connection.
type statements struct {
	known map[string]bool
	old   []string // to be forgotten by the database
}

// step is an answer that is awaited.
type step struct {
	name string // of a statement that is being prepared
	query
}

const (
	statementsKey  = "mereon statements"
	mostStatements = 200
)

func statementsOf(c *pgconn.PgConn) *statements {
	if s, ok := c.CustomData()[statementsKey].(*statements); ok {
		return s
	}
	s := &statements{known: map[string]bool{}}
	c.CustomData()[statementsKey] = s
	return s
}

// send queues a query, prepared first where it is new to the connection.
func (s *statements) send(p *pgconn.Pipeline, q query) (steps []step) {
	if len(s.known) >= mostStatements {
		s.forget()
	}
	for _, name := range s.old {
		p.SendDeallocate(name)
		steps = append(steps, step{})
	}
	s.old = nil
	name := nameOf(q.text)
	if !s.known[name] {
		p.SendPrepare(name, q.text, nil)
		steps = append(steps, step{name: name})
	}
	p.SendQueryPrepared(name, q.args, nil, nil)
	return append(steps, step{query: q})
}

// forget drops all statements, before the next question. A statement that failed may have been prepared or not; dropping
// one that is not there does no harm.
func (s *statements) forget(failed ...step) {
	for name := range s.known {
		s.old = append(s.old, name)
	}
	for _, f := range failed {
		if f.name != "" && !s.known[f.name] {
			s.old = append(s.old, f.name)
		}
	}
	s.known = map[string]bool{}
}

// nameOf is a name for a statement, equal for equal texts.
func nameOf(text string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(text)) // never fails
	return "mereon_" + strconv.FormatUint(uint64(len(text)), 36) + fmt.Sprintf("_%x", h.Sum(nil))
}

// close waits for running queries as long as ctx allows.
func (d *database) close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		d.pool.Close()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
