package connectors_test

import (
	"context"
	"testing"

	"mereon/connectors"
	"mereon/connectors/connectortest"
)

// telling says what it asks for series.
type telling struct{ *connectortest.Memory }

func (c telling) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	if teller, ok := out.(connectors.Teller); ok && a.Want.Kind != connectors.Records {
		teller.Asked("GET /latest?key=$1")
		teller.Asked("GET /more")
	}
	return c.Memory.Fetch(ctx, a, b, out)
}

func TestAnAnswerSaysWhatTheSystemWasAsked(t *testing.T) {
	r := open(t, telling{pumps(3)}, ", cache: 1m")
	if a := r.Latest(t.Context(), "plant", refs(3)); a.Asks != "GET /latest?key=$1" {
		t.Errorf("%q", a.Asks)
	}
	if a := r.Latest(t.Context(), "plant", refs(3)); a.Asks != "" || a.Calls != 0 {
		t.Errorf("%q was asked by an answer from the cache", a.Asks)
	}
	a := r.Records(t.Context(), "plant", []connectors.Key{{}}, connectors.Want{Collection: "orders", Columns: []string{"number"}})
	if a.Asks != "" || a.Calls != 1 {
		t.Errorf("%q, which the connector does not tell", a.Asks)
	}
}
