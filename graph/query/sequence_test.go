package query

import (
	"testing"
)

func TestFieldsStandWhereTheirFirstUseStandsThatIsNotLeftOut(t *testing.T) {
	p := newPlant(t)
	const query = `query($a: Boolean!, $b: Boolean!) {
		second: pump(id: "pump-2") @include(if: $a) { id }
		pump(id: "pump-1") { name @skip(if: $a) ...Some @include(if: $b) id name ...Some motor @include(if: $a) { maker } category motor { ratedSpeed maker }
			flow { status @include(if: $a) unit status value @include(if: $b) value history(from: "2026-03-01T00:00:00Z") { status @include(if: $a) until status pageInfo { hasPreviousPage @skip(if: $b) hasNextPage hasPreviousPage } } } }
		second: pump(id: "pump-2") { id }
	}
	fragment Some on Pump { serialNumber }`
	for _, c := range []struct {
		a, b bool
		want string
	}{
		{false, false, `{"pump":{"name":"Feed pump 1","id":"pump-1","serialNumber":"P-1","category":"water","motor":{"ratedSpeed":1480,"maker":"acme"},"flow":{"unit":"m3/h","status":"OK","value":2,"history":{"until":null,"status":"OK","pageInfo":{"hasPreviousPage":false,"hasNextPage":false}}}},"second":{"id":"pump-2"}}`},
		{true, true, `{"second":{"id":"pump-2"},"pump":{"serialNumber":"P-1","id":"pump-1","name":"Feed pump 1","motor":{"maker":"acme","ratedSpeed":1480},"category":"water","flow":{"status":"OK","unit":"m3/h","value":2,"history":{"status":"OK","until":null,"pageInfo":{"hasNextPage":false,"hasPreviousPage":false}}}}}`},
	} {
		if got := p.data(t, query, map[string]any{"a": c.a, "b": c.b}); got != c.want {
			t.Errorf("%t %t\n got %s\nwant %s", c.a, c.b, got, c.want)
		}
	}
}

func TestMutationsAreMadeInTheOrderOfTheirFieldsThatAreNotLeftOut(t *testing.T) {
	p := newPlant(t)
	const mutation = `mutation($a: Boolean!) {
		first: updatePump(id: "pump-1", set: {name: "A"}) @include(if: $a) { name }
		second: updatePump(id: "pump-1", set: {name: "B"}) { name }
		first: updatePump(id: "pump-1", set: {name: "A"}) { name }
	}`
	if got, want := p.data(t, mutation, map[string]any{"a": false}), `{"second":{"name":"B"},"first":{"name":"A"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.data(t, `{ pump(id: "pump-1") { name } }`, nil), `{"pump":{"name":"A"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
