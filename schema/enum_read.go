package schema

func (p *parse) readEnum(d *declaration) {
	u := uses{d.source, d.def.Directives}
	e := &Enum{
		Name: d.name, Description: d.def.Description, Position: d.position,
		RenamedFrom: TypeName(u.text("renamed", "from")), Sources: u.origins(),
	}
	if len(d.def.EnumValues) == 0 {
		p.add(d.position, "write enum "+string(d.name)+" { OPEN CLOSED }", "the enum %s has no values", d.name)
	}
	for _, v := range d.def.EnumValues {
		at := d.source.at(v.Position)
		switch {
		case e.Has(v.Name):
			p.add(at, "leave one of them out", "%s has the value %s twice", d.name, v.Name)
			continue
		case v.Name == "true" || v.Name == "false" || v.Name == "null":
			p.add(at, "choose another word", "%s is no name of an enum value", v.Name)
			continue
		}
		vu := uses{d.source, v.Directives}
		e.Values = append(e.Values, EnumValue{
			Name: v.Name, Description: v.Description, Deprecated: p.deprecated(vu), RenamedFrom: vu.text("renamed", "from"),
		})
	}
	p.model.Enums[d.name] = e
}
