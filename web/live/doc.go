// Package live serves the live frames of scenes to viewers: over WebSocket and as server-sent events.
//
// Both lanes send the JSON texts of scenes/FRAMES.md, one a message, from bytes that are encoded once for all. A viewer is a
// cursor: one that is slow skips to the newest state, one that takes nothing for ten seconds is closed.
//
//	frames := live.New(live.Options{Scenes: running})
//	mux.HandleFunc("GET /scenes/{id}/stream", frames.Stream)
//	mux.HandleFunc("GET /scenes/{id}/events", frames.Events)
//
// Who asks comes with the context of the request (schema/access); Host and Origin must have been checked before.
package live
