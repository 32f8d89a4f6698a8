// Package postgres is the connector kind "postgres": tables and views of a PostgreSQL database as collections, and tables
// of measurements as series. Tried with PostgreSQL 15; needs 14 or later. It only reads.
//
// Every question is one statement in one read-only transaction with the time limit of its caller, and every value in it is a
// parameter: unnest of key arrays joins many keys in one statement. What the catalog says of tables, columns, types, keys and
// rights is read when the connector is described, and again when a statement finds that the database has changed.
package postgres
