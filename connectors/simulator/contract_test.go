package simulator

import (
	"fmt"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
)

func TestASimulatorIsAConnector(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Subject {
		now := monday.Add(300 * time.Millisecond)
		s, err := load(t, `series:
  pumps/{pump}/flow: {unit: m3/h, sine: {mean: 5, amplitude: 2, period: 1m}, noise: 0.1}
  hall/state: {steps: {cycle: 10s, at: {0s: A, 5s: B}}, period: 5s, faults: [{kind: gap, every: 1m, at: 10s, for: 20s}]}
`, now)
		if err != nil {
			t.Fatal(err)
		}
		series := map[string][]connectors.Measurement{}
		for _, ref := range []string{"pumps/P-1/flow", "pumps/P%202/flow", "hall/state"} {
			series[ref] = ask(t, s, ref, connectors.Want{Kind: connectors.History, From: monday.Add(-time.Minute), To: now}, now).got
		}
		if text := fmt.Sprint(len(series["pumps/P-1/flow"]), " ", len(series["hall/state"])); text != "61 9" {
			t.Errorf("%s measurements, want 61 9", text)
		}
		return connectortest.Subject{Connector: s, Series: series, Now: now, Template: func(v string) string { return "pumps/" + v + "/flow" }}
	})
}
