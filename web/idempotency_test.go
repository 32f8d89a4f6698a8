package web_test

import (
	"fmt"
	"testing"
)

func TestARepeatAfterARestartAnswersAsTheFirst(t *testing.T) {
	dir := demoFolder(t)
	operations := []string{
		`mutation { createPumps(inputs: [{serialNumber: "P-91", ratedFlow: 1}, {serialNumber: "P-92", ratedFlow: 1}], idempotencyKey: "1") { id serialNumber } }`,
		`mutation { apply(changes: [{create: {type: "Area", input: {}}}, {create: {type: "Area", input: {}}}], idempotencyKey: "2") { created revision relationships dryRun } }`,
	}
	var first []string
	for _, round := range []string{"first", "again", "after a restart"} {
		s := open(t, dir)
		for i, o := range operations {
			r := s.query(t, o, nil)
			if len(r.Errors) > 0 {
				t.Fatalf("%s: %s", round, r.text)
			}
			data := fmt.Sprint(r.Data)
			if round == "first" {
				first = append(first, data)
			} else if data != first[i] {
				t.Errorf("%s:\n%s\n%s", round, first[i], data)
			}
		}
		s.stop()
	}
}
