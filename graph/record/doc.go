// Package record owns the binary form of values, entities and changes that the stores keep and send.
//
// The form is part of the file format of the embedded store and of the backup stream: it is only ever extended.
// Decoders check every length and never panic; texts they return are substrings of what they read, not copies.
//
//	data := record.AppendEntity(nil, "pump-7", []record.Field{{Key: 3, Value: schema.FloatOf(12.5)}})
//	flow := record.Find(string(data), 3)
package record
