// Package sdl writes the typed API of a model as GraphQL SDL and owns the names in it.
//
//	api := sdl.New(model)
//	text := api.Text()               // a complete schema: Query, Mutation, Subscription and every type
//	object := api.Object("Pump")     // the GraphQL object type of entities of an asset type
package sdl
