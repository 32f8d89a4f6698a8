// Package neo4j is the graph store for those who outgrow one machine: the same graph in a Neo4j database, which several
// processes share. It alone speaks to Neo4j.
//
// What is in the database, each label beginning with the graph's name:
//
//	(:MereonEntity {id})                          an entity, for as long as any of its states is kept
//	  -[:_state]-> (:MereonState {id, assetType, PROPERTY ..., _since, _until, _data})
//	  -[:RELATION {_since, _until, _props}]-> (:MereonEntity)
//	(:MereonKey {key, id}), (:MereonUnique {value})   an entry of an index, of the model's choice
//	(:MereonArtifact), (:MereonLayout), (:MereonLog), (:MereonRepeat), (:MereonBlob), (:MereonChunk), (:MereonMeta)
//
// Nothing is overwritten: what a revision changes gets an end (_until) and a successor with a beginning (_since), and a View
// asks for what holds at its revision. What no View can see any more is cleaned away some minutes later.
//
//	store, err := neo4j.Open(ctx, neo4j.Options{URL: "neo4j://db:7687", User: "mereon", Password: password})
//	defer store.Close()
package neo4j
