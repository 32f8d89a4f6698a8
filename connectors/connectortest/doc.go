// Package connectortest is the definition of a connector: Run checks one against every rule of the contract. It also ships
// a connector in memory (Memory) and one that breaks every rule (Faulty), for tests of whoever asks connectors.
//
//	func TestKind(t *testing.T) {
//		connectortest.Run(t, func(t *testing.T) connectortest.Subject { ... })
//	}
package connectortest
