package neo4j

import (
	"context"
	"errors"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
)

var _ graph.LateViewer = (*Store)(nil)

// View implements graph.Store.
func (s *Store) View(ctx context.Context) (graph.View, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.view(ctx)
}

// LateView implements graph.LateViewer: the first question reads the published revision and answers at it, in one statement.
func (s *Store) LateView(ctx context.Context) (graph.View, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.newView(ctx), nil
}

func (s *Store) newView(ctx context.Context) *View {
	v := &View{store: s, caller: ctx, layout: s.layouts.newest(), rows: map[graph.EntityID]graph.Row{}, entities: map[graph.EntityID]*record.Entity{}}
	v.fetch = fetcher{v}
	return v
}

// view opens a view at once, on all that was acknowledged before.
func (s *Store) view(ctx context.Context) (*View, error) {
	v := s.newView(ctx)
	opened := time.Now()
	at, err := s.newest(ctx)
	if err == nil {
		err = v.settleAt(ctx, opened, at)
	}
	if err != nil && err != errMoved {
		return nil, err
	}
	return v, nil
}

// errMoved says that a late view has another layout than the one for which its first question was put together.
var errMoved = errors.New("the layout has changed")

// settle gives the view the newest revision that is to be seen.
func (v *View) settle(ctx context.Context) error {
	opened := time.Now()
	at, err := v.store.published(ctx)
	if err != nil {
		return err
	}
	return v.settleAt(ctx, opened, at)
}

func (v *View) settleAt(ctx context.Context, opened time.Time, at publication) error {
	layout, err := v.store.layouts.layout(ctx, v.store.connection, at.layout)
	if err != nil {
		return err
	}
	assumed := v.layout
	v.revision, v.layout, v.opened, v.size = at.revision, layout, opened, at.entities
	if v.settled.Store(true); layout != assumed && !layout.SameRules(assumed) {
		return errMoved
	}
	return nil
}

// asked answers a question. The first one of a late view opens it, and the others wait for that.
func asked[T any](ctx context.Context, v *View, question func() (T, error)) (answer T, err error) {
	if err := ended(ctx); err != nil {
		return answer, err
	}
	if !v.settled.Load() {
		v.opening.Lock()
		if v.settled.Load() {
			v.opening.Unlock()
		} else {
			defer v.opening.Unlock()
			if v.failure != nil {
				return answer, v.failure
			}
			if answer, err = question(); err == nil && !v.settled.Load() {
				err = v.settle(ctx) // nothing had to be asked, under the layout that was assumed
			}
			if err != errMoved {
				return answer, err
			}
		}
	}
	return question()
}

// start is for questions about rows: whoever has rows of a view has asked it before.
func (v *View) start(ctx context.Context) error {
	if err := ended(ctx); err != nil {
		return err
	}
	v.sure(ctx)
	return v.failure
}

// sure opens a late view for who needs its revision before any question was asked. What fails is said by what is asked next.
func (v *View) sure(ctx context.Context) {
	if v.settled.Load() {
		return
	}
	v.opening.Lock()
	defer v.opening.Unlock()
	if v.settled.Load() || v.failure != nil {
		return
	}
	if err := v.settle(ctx); err != errMoved {
		v.failure = err
	}
}

// read implements reader. A view that is not open yet is opened by the statement itself, or before it where that may
// return much.
func (v *View) read(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error) {
	if v.settled.Load() {
		return past{v.store.connection, v.revision}.read(ctx, s, parameters)
	}
	if s.returns == "" || s.much {
		if err := v.settle(ctx); err != nil {
			return nil, err
		}
		return v.read(ctx, s, parameters)
	}
	opened := time.Now()
	s.opens, parameters["floor"] = true, v.store.floor.Load()
	records, err := v.store.again(ctx, driver.AccessModeWrite, s, parameters)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, lostHead()
	}
	return recordsOf(records[0].Values[4]), v.settleAt(ctx, opened, publicationOf(records[0].Values))
}

// recordsOf turns a list of rows into records.
func recordsOf(list any) []*driver.Record {
	rows, _ := list.([]any)
	records := make([]*driver.Record, len(rows))
	for i, row := range rows {
		values, _ := row.([]any)
		records[i] = &driver.Record{Values: values}
	}
	return records
}
