// Package access says who asks and what they may see.
//
// The transport makes a Principal from the request and puts it into the context; everything below takes it from there.
// The Audience of a principal is part of every key under which an answer is shared: plans, introspection, live queries, frames.
package access
