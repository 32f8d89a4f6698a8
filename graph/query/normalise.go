package query

import (
	"container/list"
	"strconv"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// normalise returns a text that is equal for operations that have the same plan: names of the operation and of its
// fragments, white space and comments make no difference; variables stay parameters.
func normalise(op *ast.OperationDefinition, fragments ast.FragmentDefinitionList, owned Owned) string {
	n := &normaliser{fragments: fragments, names: map[string]int{}}
	n.b.WriteString(string(op.Operation))
	for _, v := range op.VariableDefinitions {
		n.b.WriteString(" $" + v.Variable + ":" + v.Type.String())
		if v.DefaultValue != nil {
			n.b.WriteString("=" + v.DefaultValue.String())
		}
	}
	n.set(op.SelectionSet)
	for k := 0; k < len(n.order); k++ {
		f := fragments.ForName(n.order[k])
		if f == nil {
			continue
		}
		n.b.WriteString("#" + strconv.Itoa(k) + " on " + f.TypeCondition)
		n.set(f.SelectionSet)
	}
	n.b.WriteString("!")
	n.roots(op.SelectionSet, owned, map[string]bool{})
	return n.b.String()
}

type normaliser struct {
	b         strings.Builder
	fragments ast.FragmentDefinitionList
	names     map[string]int
	order     []string
}

func (n *normaliser) set(set ast.SelectionSet) {
	if len(set) == 0 {
		return
	}
	n.b.WriteByte('{')
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != "" && s.Alias != s.Name {
				n.b.WriteString(s.Alias + ":")
			}
			n.b.WriteString(s.Name)
			n.arguments(s.Arguments)
			n.directives(s.Directives)
			n.set(s.SelectionSet)
		case *ast.InlineFragment:
			n.b.WriteString("...on " + s.TypeCondition)
			n.directives(s.Directives)
			n.set(s.SelectionSet)
		case *ast.FragmentSpread:
			k, ok := n.names[s.Name]
			if !ok {
				k = len(n.order)
				n.names[s.Name] = k
				n.order = append(n.order, s.Name)
			}
			n.b.WriteString("..." + strconv.Itoa(k))
			n.directives(s.Directives)
		}
		n.b.WriteByte(' ')
	}
	n.b.WriteByte('}')
}

func (n *normaliser) arguments(arguments ast.ArgumentList) {
	for i, a := range arguments {
		n.b.WriteByte("(,"[b2i(i > 0)])
		n.b.WriteString(a.Name + ":" + a.Value.String())
	}
	if len(arguments) > 0 {
		n.b.WriteByte(')')
	}
}

func (n *normaliser) directives(directives ast.DirectiveList) {
	for _, d := range directives {
		n.b.WriteString("@" + d.Name)
		n.arguments(d.Arguments)
	}
}

// roots adds which root fields the plan is for, since callers may split an operation differently.
func (n *normaliser) roots(set ast.SelectionSet, owned Owned, seen map[string]bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n.b.WriteByte("01"[b2i(owned(s))])
		case *ast.InlineFragment:
			n.roots(s.SelectionSet, owned, seen)
		case *ast.FragmentSpread:
			if f := n.fragments.ForName(s.Name); f != nil && !seen[s.Name] {
				seen[s.Name] = true
				n.roots(f.SelectionSet, owned, seen)
			}
		}
	}
}

// planCache keeps the plans used last.
type planCache struct {
	mu    sync.Mutex
	limit int
	byKey map[string]*list.Element
	used  *list.List // newest first, of cachedPlan
}

type cachedPlan struct {
	key  string
	plan *Plan
}

func newPlanCache(limit int) *planCache {
	return &planCache{limit: limit, byKey: map[string]*list.Element{}, used: list.New()}
}

func (c *planCache) get(key string) (*Plan, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.used.MoveToFront(e)
	return e.Value.(cachedPlan).plan, true
}

func (c *planCache) put(key string, p *Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		e.Value = cachedPlan{key, p}
		c.used.MoveToFront(e)
		return
	}
	c.byKey[key] = c.used.PushFront(cachedPlan{key, p})
	if c.used.Len() > c.limit {
		oldest := c.used.Back()
		c.used.Remove(oldest)
		delete(c.byKey, oldest.Value.(cachedPlan).key)
	}
}
