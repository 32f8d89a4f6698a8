package sdl

import (
	"slices"

	"mereon/schema"
)

// Entity is the name that stands for any asset type.
const Entity schema.TypeName = "Entity"

// API knows the names of the typed API of one model. It is immutable and safe for concurrent use.
type API struct {
	model   *schema.Model
	objects map[schema.TypeName]string // of every instantiable asset type
	plain   map[schema.TypeName]bool   // interfaces that need an object type of their own; Entity too
	exposed []*schema.AssetType        // by name
}

// New works out the names of the API of model.
func New(model *schema.Model) *API {
	a := &API{model: model, objects: map[schema.TypeName]string{}, plain: map[schema.TypeName]bool{}}
	for _, name := range model.TypeNames {
		t := model.Types[name]
		if t.Exposed {
			a.exposed = append(a.exposed, t)
		}
		if t.Instantiable {
			a.objects[name] = a.objectFor(t)
		}
	}
	return a
}

func (a *API) objectFor(t *schema.AssetType) string {
	shown := a.Shown(t.Name)
	if shown != Entity && !a.model.Types[shown].Abstract {
		return string(shown)
	}
	a.plain[shown] = true
	return plainName(shown)
}

func plainName(t schema.TypeName) string { return "Plain" + string(t) }

// Object returns the GraphQL object type of entities of asset type t. Entities whose type is not exposed, or is an
// interface, have the object type Plain<interface>; those of unknown types are PlainEntity.
func (a *API) Object(t schema.TypeName) string {
	if name, ok := a.objects[t]; ok {
		return name
	}
	return plainName(Entity)
}

// Shown returns t when it is exposed, else its nearest exposed ancestor, else Entity.
func (a *API) Shown(t schema.TypeName) schema.TypeName {
	typ := a.model.Types[t]
	if typ == nil {
		return Entity
	}
	if typ.Exposed {
		return t
	}
	for _, ancestor := range typ.Ancestors {
		if up := a.model.Types[ancestor]; up != nil && up.Exposed {
			return ancestor
		}
	}
	return Entity
}

// Is says whether an entity of asset type t satisfies the type condition named by GraphQL type condition.
func (a *API) Is(t schema.TypeName, condition string) bool {
	if condition == "Node" || condition == string(Entity) || condition == a.Object(t) {
		return true
	}
	shown := a.Shown(t)
	if shown == Entity {
		return false
	}
	if condition == string(shown) {
		return true
	}
	up := a.model.Types[schema.TypeName(condition)]
	return up != nil && up.Exposed && up.Abstract && slices.Contains(a.model.Types[shown].Ancestors, up.Name)
}

// Plain returns the asset type, or Entity, whose plain object type is named object.
func (a *API) Plain(object string) (schema.TypeName, bool) {
	for t := range a.plain {
		if plainName(t) == object {
			return t, true
		}
	}
	return Entity, object == plainName(Entity)
}

// Base returns the GraphQL name of the type of one value: a scalar or an enum.
func Base(t schema.ValueType) string {
	if t.Enum != "" {
		return string(t.Enum)
	}
	return t.Scalar.String()
}

// Convertible says whether a property takes an argument unit: it has a unit and its values may be fractions.
func Convertible(p *schema.Property) bool {
	return p.Unit != "" && !p.Type.List && p.Type.Enum == "" && (p.Type.Scalar == schema.Float || p.Type.Scalar == schema.Decimal)
}
