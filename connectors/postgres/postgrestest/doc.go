// Package postgrestest gives tests a PostgreSQL server and databases of their own.
//
//	d := postgrestest.Fresh(t, "CREATE TABLE orders (id int)")
//	config := "{kind: postgres, " + d.Config() + "}"
package postgrestest
