package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// Plan is a compiled operation. It is safe for concurrent use; it serves every combination of its variables.
type Plan struct {
	engine     *Engine
	schema     *ast.Schema
	operation  *ast.OperationDefinition
	conditions []condition
	levels     []*level // by id; parents before children
	waves      [][]*level
	fields     []outField
	mutations  []mutation
	rootField  *ast.Field // the only root field of a subscription
	deferrals  []*deferral
}

// planner holds what is needed while a plan is made.
type planner struct {
	engine    *Engine
	catalog   *catalog
	plan      *Plan
	fragments ast.FragmentDefinitionList
	selected  int
	err       error
	deferrals map[deferralKey]*deferral
	lateOf    map[ast.Selection]uint64 // bits of the deferrals of a fragment
	labels    map[string]ast.Selection // of deferrals
	wholly    bool                     // what is flattened now cannot be delivered in parts
}

// Owned says which root fields of an operation the plan is to execute; the others are left out.
type Owned func(field *ast.Field) bool

// Plan compiles the root fields of op that owned accepts (nil: all that the engine knows, and __typename). schema is the schema that
// validated op: Engine.SDL alone or merged with more. Plans are cached by normalised text.
//
// Errors: Invalid for what validation cannot see (unknown hierarchies, units, names), Limit for an operation that is too
// deep, too wide or too large.
func (e *Engine) Plan(schema *ast.Schema, op *ast.OperationDefinition, fragments ast.FragmentDefinitionList, owned Owned) (*Plan, error) {
	if owned == nil {
		owned = func(f *ast.Field) bool { return f.Name == "__typename" || e.Owns(op.Operation, f.Name) }
	}
	key := normalise(op, fragments, owned)
	if p, ok := e.plans.get(key); ok && p.schema == schema {
		return p, nil
	}
	p, err := e.compile(schema, op, fragments, owned)
	if err != nil {
		return nil, err
	}
	e.plans.put(key, p)
	return p, nil
}

func (e *Engine) compile(schema *ast.Schema, op *ast.OperationDefinition, fragments ast.FragmentDefinitionList, owned Owned) (*Plan, error) {
	plan := &Plan{engine: e, schema: schema, operation: op}
	p := &planner{engine: e, catalog: e.catalog, plan: plan, fragments: fragments}
	if err := e.CheckShape(&ast.QueryDocument{Operations: ast.OperationList{op}, Fragments: fragments}); err != nil {
		return nil, err
	}
	top := &level{name: string(op.Operation), rows: rootRow{}, guards: always}
	plan.levels = []*level{top}
	for _, m := range merge(p.flatten(op.SelectionSet, nil, 0)) {
		if !owned(m.field) {
			continue
		}
		emit := p.root(op.Operation, top, m)
		if p.err != nil {
			return nil, p.err
		}
		plan.fields = append(plan.fields, p.outField(m, emit))
		plan.rootField = m.field
	}
	plan.arrange()
	p.fixArguments()
	return plan, p.err
}

// arrange puts levels into waves by depth.
func (p *Plan) arrange() {
	for _, lv := range p.levels {
		for len(p.waves) <= lv.depth {
			p.waves = append(p.waves, nil)
		}
		p.waves[lv.depth] = append(p.waves[lv.depth], lv)
	}
}

// fixArguments evaluates the arguments of levels that use no variables, once. Mistakes in them are those of the operation's
// author and stay errors of their field.
func (p *planner) fixArguments() {
	plans := []*Plan{p.plan}
	for _, m := range p.plan.mutations {
		plans = append(plans, m.answer)
	}
	for _, plan := range plans {
		p.fixLevels(plan.levels)
	}
}

func (p *planner) fixLevels(levels []*level) {
	for _, lv := range levels {
		if lv.field != nil && !lv.variable() {
			q := p.catalog.question(lv, nil, &p.engine.limits)
			lv.fixed = &q
		}
	}
}

func (p *planner) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// count bounds what inlining fragments may grow to.
func (p *planner) count(n int) {
	p.selected += n
	if limit := p.engine.limits.Selections; p.selected > limit {
		p.fail(fault.New(fault.Limit, "the operation selects more than %d fields once its fragments are inlined; split it", limit))
	}
}

// newLevel adds the level of a field below parent, or returns the one that is there for the same field and arguments.
func (p *planner) newLevel(parent *level, key string, field *ast.Field, guard guards, types typeSet) (*level, bool) {
	for _, child := range parent.children {
		if child.key == key {
			for _, mask := range guard {
				child.guards = child.guards.or(mask)
			}
			child.parentTypes = union(child.parentTypes, types)
			return child, false
		}
	}
	lv := &level{
		id: len(p.plan.levels), depth: parent.depth + 1, name: field.Name, key: key,
		parent: parent, parentTypes: types, guards: guard, field: field,
	}
	p.plan.levels = append(p.plan.levels, lv)
	parent.children = append(parent.children, lv)
	return lv, true
}
