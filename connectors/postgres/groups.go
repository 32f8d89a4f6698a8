package postgres

import "mereon/connectors"

// planGroups leaves groups to the engine, which makes them of rows.
func (o *offer) planGroups(w connectors.Want) (connectors.Accept, error) {
	s := &writing{offer: o, want: w}
	return connectors.Accept{Want: w}, s.open()
}
