package query

import (
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// difference is what a change set does to one entity, compared with a view.
type difference struct {
	kind   string
	id     graph.EntityID
	t      schema.TypeName
	name   string
	values []valueDifference
	links  []linkDifference
}

type valueDifference struct {
	path     schema.Path
	old, new schema.Value
}

// linkDifference is one relationship that starts at the entity.
type linkDifference struct {
	relation string
	to       graph.EntityID
	removed  bool
}

// comparison works out the differences of one change set.
type comparison struct {
	ctx    context.Context
	view   graph.View
	list   []*difference
	byID   map[graph.EntityID]*difference
	rows   map[graph.EntityID]graph.Row
	wanted map[graph.EntityID]map[schema.Path]schema.Value // last value set, by entity and path
}

// differencesOf compares a change set with the view it was drafted on. Only what the commit names is listed.
func differencesOf(ctx context.Context, view graph.View, set *graph.ChangeSet, commit *graph.Commit) ([]difference, error) {
	c := &comparison{ctx: ctx, view: view, byID: map[graph.EntityID]*difference{}, rows: map[graph.EntityID]graph.Row{}, wanted: map[graph.EntityID]map[schema.Path]schema.Value{}}
	for _, e := range set.Entities {
		d := c.of(e.ID)
		if e.Type != "" {
			d.t = e.Type
		}
		for _, v := range e.Values {
			if c.wanted[e.ID] == nil {
				c.wanted[e.ID] = map[schema.Path]schema.Value{}
			}
			c.wanted[e.ID][v.Path] = v.Value
		}
	}
	c.kinds(commit)
	if err := c.values(); err != nil {
		return nil, err
	}
	if err := c.links(set, commit); err != nil {
		return nil, err
	}
	return c.differences(), nil
}

// namedOnly lists the entities of a commit without their values: what they were is not known any more.
func namedOnly(ctx context.Context, view graph.View, commit *graph.Commit) ([]difference, error) {
	c := &comparison{ctx: ctx, view: view, byID: map[graph.EntityID]*difference{}, rows: map[graph.EntityID]graph.Row{}}
	c.kinds(commit)
	err := c.values()
	return c.differences(), err
}

func (c *comparison) differences() []difference {
	var out []difference
	for _, d := range c.list {
		if d.kind != "" {
			out = append(out, *d)
		}
	}
	return out
}

func (c *comparison) of(id graph.EntityID) *difference {
	d := c.byID[id]
	if d == nil {
		d = &difference{id: id}
		c.byID[id], c.list = d, append(c.list, d)
	}
	return d
}

func (c *comparison) kinds(commit *graph.Commit) {
	for kind, ids := range map[string][]graph.EntityID{"CREATED": commit.Created, "UPDATED": commit.Updated, "DELETED": commit.Deleted} {
		for _, id := range slices.Sorted(slices.Values(ids)) {
			c.of(id).kind = kind
		}
	}
}

// values reads what is stored of every entity and keeps what differs.
func (c *comparison) values() error {
	columns := []schema.Path{graph.ColumnType, graph.ColumnName}
	for _, values := range c.wanted {
		for path := range values {
			if !slices.Contains(columns, path) {
				columns = append(columns, path)
			}
		}
	}
	ids := make([]graph.EntityID, len(c.list))
	for i, d := range c.list {
		ids[i] = d.id
	}
	b, err := c.view.Lookup(c.ctx, ids, columns)
	if err != nil {
		return err
	}
	for i, d := range c.list {
		c.rows[d.id] = b.Rows[i]
		if b.Rows[i] != graph.NoRow {
			d.t, d.name = schema.TypeName(b.Cell(0, i).Text()), b.Cell(1, i).Text()
		}
		if d.kind == "DELETED" {
			continue
		}
		for k, path := range columns[1:] {
			wanted, given := c.wanted[d.id][path]
			if path == graph.ColumnName && given {
				d.name = wanted.Text()
			}
			if old := b.Cell(k+1, i); given && !same(old, wanted) {
				d.values = append(d.values, valueDifference{path, old, wanted})
			}
		}
		slices.SortFunc(d.values, func(a, b valueDifference) int { return strings.Compare(string(a.path), string(b.path)) })
		if d.kind == "UPDATED" && len(d.values) == 0 && len(c.wanted) > 0 {
			d.kind = "RELATED"
		}
	}
	return nil
}

func same(a, b schema.Value) bool { return a.Kind() == b.Kind() && schema.Equal(a, b) }

// links works out which relationships are added and removed.
func (c *comparison) links(set *graph.ChangeSet, commit *graph.Commit) error {
	type end struct {
		from     graph.EntityID
		relation string
	}
	was, is := map[end]map[graph.EntityID]bool{}, map[end]map[graph.EntityID]bool{}
	var order []end
	for _, r := range set.Relationships {
		e := end{r.From, r.Relation}
		if was[e] == nil {
			stored, err := c.stored(r.From, r.Relation)
			if err != nil {
				return err
			}
			was[e], is[e], order = stored, map[graph.EntityID]bool{}, append(order, e)
			for to := range stored {
				is[e][to] = true
			}
		}
		switch r.Op {
		case graph.Relate:
			is[e][r.To] = true
		case graph.Replace:
			is[e] = map[graph.EntityID]bool{r.To: true}
		case graph.Unrelate:
			delete(is[e], r.To)
		case graph.Clear:
			is[e] = map[graph.EntityID]bool{}
		}
	}
	for _, e := range order {
		d := c.of(e.from)
		for _, to := range sortedKeys(was[e]) {
			if !is[e][to] {
				d.links = append(d.links, linkDifference{e.relation, to, true})
			}
		}
		for _, to := range sortedKeys(is[e]) {
			if !was[e][to] {
				d.links = append(d.links, linkDifference{e.relation, to, false})
			}
		}
	}
	return c.lost(commit)
}

// stored returns the targets an entity has over a relation.
func (c *comparison) stored(from graph.EntityID, relation string) (map[graph.EntityID]bool, error) {
	targets := map[graph.EntityID]bool{}
	row, known := c.rows[from]
	if !known {
		b, err := c.view.Lookup(c.ctx, []graph.EntityID{from}, nil)
		if err != nil {
			return nil, err
		}
		row = b.Rows[0]
		c.rows[from] = row
	}
	if row == graph.NoRow {
		return targets, nil
	}
	list, err := c.view.Relationships(c.ctx, row, relation, graph.Out)
	for _, r := range list {
		targets[r.OtherID] = true
	}
	return targets, err
}

// lost adds the relationships that go because their target is deleted.
func (c *comparison) lost(commit *graph.Commit) error {
	for _, id := range slices.Sorted(slices.Values(commit.Deleted)) {
		row, known := c.rows[id]
		if !known || row == graph.NoRow {
			continue
		}
		list, err := c.view.Relationships(c.ctx, row, "", graph.In)
		if err != nil {
			return err
		}
		for _, r := range list {
			if d := c.of(r.OtherID); d.kind == "UPDATED" || d.kind == "RELATED" {
				link := linkDifference{r.Relation, id, true}
				if !slices.Contains(d.links, link) {
					d.links = append(d.links, link)
				}
			}
		}
	}
	return nil
}

func sortedKeys(set map[graph.EntityID]bool) []graph.EntityID {
	keys := make([]graph.EntityID, 0, len(set))
	for id := range set {
		keys = append(keys, id)
	}
	slices.Sort(keys)
	return keys
}
