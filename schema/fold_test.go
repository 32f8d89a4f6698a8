package schema_test

import (
	"math"
	"testing"

	"mereon/schema"
)

func TestFold(t *testing.T) {
	i, f, d := schema.IntOf, schema.FloatOf, schema.DecimalOf
	for _, test := range []struct {
		what               string
		values             []schema.Value
		count              int64
		min, max, sum, avg schema.Value
	}{
		{"nothing", nil, 0, schema.Null, schema.Null, schema.Null, schema.Null},
		{"nulls are left out", []schema.Value{schema.Null, i(2), schema.Null}, 1, i(2), i(2), i(2), f(2)},
		{"whole numbers", []schema.Value{i(3), i(-1), i(2)}, 3, i(-1), i(3), i(4), f(4.0 / 3)},
		{"floats", []schema.Value{f(1e16), f(1), f(-1e16)}, 3, f(-1e16), f(1e16), f(1), f(1.0 / 3)},
		{"mixed numbers", []schema.Value{i(1), f(0.5)}, 2, f(0.5), i(1), f(1.5), f(0.75)},
		{"decimals are exact", []schema.Value{d("0.1"), d("0.2"), i(1)}, 3, d("0.1"), i(1), d("1.3"), f(1.3 / 3)},
		{"overflow becomes a float", []schema.Value{i(math.MaxInt64), i(math.MaxInt64)}, 2, i(math.MaxInt64), i(math.MaxInt64), f(math.MaxInt64 * 2.0), f(math.MaxInt64)},
		{"negative overflow", []schema.Value{i(math.MinInt64), i(-1)}, 2, i(math.MinInt64), i(-1), f(math.MinInt64), f(math.MinInt64 / 2)},
		{"texts have no sum", []schema.Value{schema.StringOf("b"), schema.StringOf("a")}, 2, schema.StringOf("a"), schema.StringOf("b"), schema.Null, schema.Null},
		{"dates", []schema.Value{schema.DateOf("2024-02-01"), schema.DateOf("2023-12-31")}, 2, schema.DateOf("2023-12-31"), schema.DateOf("2024-02-01"), schema.Null, schema.Null},
	} {
		var fold schema.Fold
		for _, v := range test.values {
			fold.Add(v)
		}
		if fold.Count() != test.count {
			t.Errorf("%s: count = %d, want %d", test.what, fold.Count(), test.count)
		}
		for fn, want := range map[schema.FoldFunc]schema.Value{schema.FoldMin: test.min, schema.FoldMax: test.max, schema.FoldSum: test.sum, schema.FoldAvg: test.avg} {
			if got := fold.Of(fn); got.Kind() != want.Kind() || !schema.Equal(got, want) && math.Abs(got.Float()-want.Float()) > 1e-15*math.Abs(want.Float()) {
				t.Errorf("%s: %s = %v, want %v", test.what, fn, got, want)
			}
		}
	}
}

func TestKeysAreEqualForEqualValuesOnly(t *testing.T) {
	values := []schema.Value{
		schema.Null, schema.BoolOf(true), schema.BoolOf(false), schema.IntOf(0), schema.IntOf(1), schema.IntOf(1 << 53), schema.IntOf(1<<53 + 1),
		schema.FloatOf(0), schema.FloatOf(math.Copysign(0, -1)), schema.FloatOf(1), schema.FloatOf(0.1), schema.FloatOf(1 << 53), schema.FloatOf(1e300),
		schema.DecimalOf("1"), schema.DecimalOf("0.1"), schema.DecimalOf("0.5"), schema.FloatOf(0.5), schema.DecimalOf("9007199254740993"), schema.DecimalOf("9007199254740992"),
		schema.IntOf(math.MaxInt64), schema.FloatOf(math.MaxInt64), schema.StringOf("1"), schema.StringOf(""), schema.DateOf("1"), schema.JSONOf("1"),
		schema.ListOf(nil), schema.ListOf([]schema.Value{schema.IntOf(1)}), schema.ListOf([]schema.Value{schema.FloatOf(1)}), schema.ListOf([]schema.Value{schema.Null}),
	}
	for _, a := range values {
		for _, b := range values {
			if same := string(schema.AppendKey(nil, a)) == string(schema.AppendKey(nil, b)); same != schema.Equal(a, b) {
				t.Errorf("keys of %v and %v are equal: %t, the values: %t", a, b, same, schema.Equal(a, b))
			}
		}
	}
}

func TestPartsOfAFoldAreTheWhole(t *testing.T) {
	all := []schema.Value{schema.IntOf(7), schema.FloatOf(0.5), schema.DecimalOf("2.25"), schema.Null, schema.IntOf(-3)}
	for cut := range len(all) + 1 {
		var whole, left, right, both schema.Fold
		for i, v := range all {
			whole.Add(v)
			if i < cut {
				left.Add(v)
			} else {
				right.Add(v)
			}
		}
		for _, part := range []*schema.Fold{&left, &right} {
			both.AddPart(part.Count(), part.Of(schema.FoldMin), part.Of(schema.FoldMax), part.Of(schema.FoldSum))
		}
		for _, fn := range []schema.FoldFunc{schema.FoldCount, schema.FoldMin, schema.FoldMax, schema.FoldSum, schema.FoldAvg} {
			if got, want := both.Of(fn), whole.Of(fn); !schema.Equal(got, want) {
				t.Errorf("cut at %d: %s = %v, want %v", cut, fn, got, want)
			}
		}
	}
}
