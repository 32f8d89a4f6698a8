package api

import "testing"

func TestAHeaderMakesEveryFieldOfAMutationRepeatable(t *testing.T) {
	p := newPlant(t, roomy)
	body := requestOf(`mutation { a: createPump(input: {serialNumber: "K-1"}) { id } b: createPump(input: {serialNumber: "K-2"}) { id } }`, nil)
	first := p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json", "Idempotency-Key", "0b7f")
	again := p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json", "Idempotency-Key", "0b7f")
	if len(first.Errors) > 0 || first.text != again.text {
		t.Errorf("%s\n%s", first.text, again.text)
	}
	other := p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json", "Idempotency-Key", "0b80")
	if len(other.Errors) != 2 || other.Errors[0].Extensions["field"] != "input.serialNumber" {
		t.Errorf("another key is another change: %s", other.text)
	}
	p.who.Name = "somebody else"
	if r := p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json", "Idempotency-Key", "0b7f"); len(r.Errors) != 2 {
		t.Errorf("the key of another caller: %s", r.text)
	}
}

func TestApplyProjectCanAcceptLosses(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `mutation { applyProject(files: [{name: "mereon.yaml", text: "project: plant"}], acceptLosses: true) { applied } }`)
	if len(r.Errors) > 0 || !p.options.AcceptLosses || p.options.Overwrite {
		t.Errorf("%s %+v", r.text, p.options)
	}
}
