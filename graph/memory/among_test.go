package memory

import (
	"fmt"
	"testing"

	"mereon/schema"
)

func TestALongListIsLookedUpAsAShortOneIsWalked(t *testing.T) {
	var texts []schema.Value
	for i := range 100 {
		texts = append(texts, schema.StringOf(fmt.Sprint("v", i)))
	}
	for _, op := range []schema.ConditionOp{schema.In, schema.NotIn} {
		c := &schema.Condition{Op: op, Path: "p", Value: schema.ListOf(texts)}
		f := &filter{op: op, cond: c, among: among(c)}
		if f.among == nil {
			t.Fatal("the list is not looked up")
		}
		for _, v := range []schema.Value{schema.StringOf("v7"), schema.StringOf("w"), schema.Null, schema.IntOf(7)} {
			if got, want := f.compare(v), c.Test(v); got != want {
				t.Errorf("%v: %v is %d, want %d", op, v, got, want)
			}
		}
	}
	for _, list := range [][]schema.Value{texts[:3], append(texts[:50:50], schema.Null), append(texts[:50:50], schema.IntOf(1))} {
		if among(&schema.Condition{Op: schema.In, Value: schema.ListOf(list)}) != nil {
			t.Errorf("%d values are looked up", len(list))
		}
	}
}
