package neo4j

import (
	"cmp"
	"math"
	"strings"
	"testing"
	"time"

	"mereon/schema"
)

func keyedValues() []schema.Value {
	values := []schema.Value{
		schema.BoolOf(true), schema.BoolOf(false), schema.StringOf(""), schema.StringOf("a"), schema.StringOf("a\x00b"), schema.StringOf("Z"), schema.StringOf("é"),
		schema.StringOf("\uFFFD"), schema.StringOf("\U0001F600"), schema.DateOf("2026-01-02"), schema.TimeOf(time.Unix(-5, 3)), schema.TimeOf(time.Unix(1e9, 7)),
		schema.DurationOf(-time.Second), schema.DurationOf(time.Hour), schema.JSONOf(`{}`),
		schema.DecimalOf("0.1"), schema.DecimalOf("1.50"), schema.DecimalOf("-1.50"), schema.DecimalOf("100"), schema.DecimalOf("0.00"), schema.DecimalOf("-0.003"),
		schema.DecimalOf("123456789012345678901234567890.5"),
		schema.ListOf(nil), schema.ListOf([]schema.Value{schema.IntOf(1)}), schema.ListOf([]schema.Value{schema.IntOf(1), schema.StringOf("")}),
		schema.ListOf([]schema.Value{schema.Null}), schema.ListOf([]schema.Value{schema.StringOf("a\x00"), schema.IntOf(1)}), schema.ListOf([]schema.Value{schema.StringOf("a")}),
	}
	for _, i := range []int64{0, 1, -1, 2, 9, 10, 11, 99, 100, -10, -11, 1 << 53, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64} {
		values = append(values, schema.IntOf(i))
	}
	for _, f := range []float64{0, 0.1, 0.5, 1.5, -1.5, -0.1, 1e-7, 1e300, -1e300, 5e-324, math.MaxFloat64, 1 << 53, 12.25, 1e15 + 0.5} {
		values = append(values, schema.FloatOf(f))
	}
	return values
}

func TestKeysSortAsValuesDo(t *testing.T) {
	for _, a := range keyedValues() {
		for _, b := range keyedValues() {
			if want, got := schema.Compare(a, b), cmp.Compare(sortKey(a), sortKey(b)); got != want {
				t.Errorf("%d %q/%v and %d %q/%v: keys compare %d, values %d", a.Kind(), a.Text(), a.Float(), b.Kind(), b.Text(), b.Float(), got, want)
			}
		}
	}
}

func TestLongKeysAreCutBetweenCharacters(t *testing.T) {
	key, whole := indexKey(schema.StringOf(strings.Repeat("aé", maxKey)))
	if whole || len(key) > maxKey || !strings.HasSuffix(key, "a") && !strings.HasSuffix(key, "é") {
		t.Errorf("indexKey = %d bytes, whole %t", len(key), whole)
	}
}

func FuzzNumbersSortByValue(f *testing.F) {
	f.Add(0.1, int64(3))
	f.Fuzz(func(t *testing.T, x float64, i int64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		a, b := schema.FloatOf(x), schema.IntOf(i)
		if want, got := schema.Compare(a, b), cmp.Compare(sortKey(a), sortKey(b)); got != want {
			t.Errorf("%v and %d: keys compare %d, values %d", x, i, got, want)
		}
	})
}
