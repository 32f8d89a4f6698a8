package schema

import (
	"slices"
	"strings"
)

// owner is a pair of things whose properties are compared: an asset type, or the props of a relation.
type owner struct {
	oldLeaves, newLeaves []Leaf
	oldPaths, newPaths   map[Path]*Property
	oldType              TypeName // whose entities hold the values; "" when none do
	dropped              []string // fields that the new type and its ancestors say are gone, and those of components
	stored               func(Path) Stored
}

func ownerOf(old, new *AssetType, types map[TypeName]*AssetType) owner {
	o := owner{
		oldLeaves: old.leaves, newLeaves: new.leaves, oldPaths: old.paths, newPaths: new.paths,
		dropped: slices.Clone(new.Dropped),
		stored:  func(path Path) Stored { return Stored{Type: old.Name, Path: path} },
	}
	if old.Instantiable {
		o.oldType = old.Name
	}
	for _, a := range new.Ancestors {
		o.dropped = append(o.dropped, types[a].Dropped...)
	}
	return o
}

// formerly returns the old path of what is now at path: each step has its name, or the one it is renamed from.
func (o *owner) formerly(path Path) (Path, bool) {
	var before, now Path
	for name := range strings.SplitSeq(string(path), ".") {
		now = join(now, name)
		p := o.newPaths[now]
		if same := join(before, name); o.oldPaths[same] != nil {
			before = same
			continue
		}
		if p == nil || p.RenamedFrom == "" {
			return "", false
		}
		before = join(before, p.RenamedFrom)
		if o.oldPaths[before] == nil {
			return "", false
		}
	}
	return before, true
}

func join(within Path, name string) Path {
	if within == "" {
		return Path(name)
	}
	return within + "." + Path(name)
}

// isDropped says whether the model says that the old path is gone: by its own name or by that of a component around it.
func (o *owner) isDropped(path Path, components map[TypeName]*Component) bool {
	within := Path("")
	dropped := o.dropped
	for name := range strings.SplitSeq(string(path), ".") {
		if slices.Contains(dropped, name) || within == "" && slices.Contains(dropped, string(path)) {
			return true
		}
		within = join(within, name)
		group := o.newPaths[within]
		if group == nil || group.Kind != Group || components[group.Type.Component] == nil {
			return false
		}
		dropped = components[group.Type.Component].dropped(components)
	}
	return false
}

func (c *Component) dropped(components map[TypeName]*Component) []string {
	names := slices.Clone(c.Dropped)
	for _, a := range c.Ancestors {
		names = append(names, components[a].Dropped...)
	}
	return names
}
