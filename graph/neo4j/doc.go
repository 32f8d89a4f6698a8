// Package neo4j is the graph store for those who outgrow one machine: the same graph in a Neo4j database.
package neo4j
