package sdl

import (
	"maps"
	"slices"
	"strings"

	"mereon/schema"
)

// valueTypes writes the types of live and computed values in use, and the filters over them.
func (w *writer) valueTypes() {
	bases := slices.Sorted(maps.Keys(w.federated))
	for _, base := range bases {
		element, isList := strings.CutSuffix(base, "List")
		if isList && !w.federated[element] && w.model.Enums[schema.TypeName(base)] == nil {
			w.computedValue(base, "["+element+"!]", "")
			continue
		}
		unit := ""
		if base == "Float" || base == "Decimal" {
			unit = "(unit: String)"
		}
		w.series(base, unit)
		w.computedValue(base, base, unit)
		w.seriesFilter(base)
	}
	w.block("input StatusFilter", func() { w.line("  eq: Status\n  ne: Status\n  in: [Status!]\n  notIn: [Status!]") })
	w.scalarFilters()
}

func (w *writer) series(base, unit string) {
	w.describe("", "The newest measurement of a live property, and its history.")
	w.block("type "+base+"Series", func() {
		w.federatedFields(base, unit)
		argument := ""
		if unit != "" {
			argument = ", unit: String"
		}
		w.describe("  ", "Measurements from (included) to (excluded, now when left out). With every and aggregate one per bucket, told at its start; buckets of days begin in timeZone. Buckets without usable values are left out or, with gaps, given without a value.")
		w.line("  history(from: DateTime!, to: DateTime, every: Duration, aggregate: Aggregate, timeZone: String = \"UTC\", gaps: Boolean = false, first: Int = 1000, after: String%s): %sHistory!", argument, base)
	})
	w.block("type "+base+"History", func() {
		w.line("  measurements: [%sMeasurement!]!\n  unit: String\n  status: Status!", base)
		w.describe("  ", "Why the status is not OK, for people.")
		w.line("  why: String")
		w.describe("  ", "Covered up to here, when the status is TRUNCATED.")
		w.line("  until: DateTime\n  pageInfo: PageInfo!")
	})
	w.block("type "+base+"Measurement", func() {
		w.line("  time: DateTime!\n  value: %s", base)
		if base == "Int" || base == "Long" {
			w.describe("  ", "The value as it is, also where an average is no whole number; value is rounded.")
			w.line("  number: Float")
		}
		w.line("  quality: Quality!")
	})
}

// federatedFields are those that live and computed values share.
func (w *writer) federatedFields(value, unit string) {
	w.line("  value%s: %s\n  unit: String", unit, value)
	w.describe("  ", "When the value was true.")
	w.line("  time: DateTime")
	w.describe("  ", "How long ago that was.")
	w.line("  age: Duration\n  quality: Quality!\n  status: Status!")
	w.describe("  ", "Why the status is not OK, for people.")
	w.line("  why: String")
}

func (w *writer) computedValue(base, value, unit string) {
	w.describe("", "The value of an expression; time, quality and status are the worst of what it was made from.")
	w.block("type "+base+"Value", func() { w.federatedFields(value, unit) })
}

func (w *writer) seriesFilter(base string) {
	w.block("input "+base+"SeriesFilter", func() {
		switch s, scalar := schema.ScalarOf(base); {
		case scalar && slices.Contains(ordered, s):
			w.comparisons(base)
			if s == schema.Float || s == schema.Decimal {
				w.describe("  ", "Unit of the values given; the property's own when left out.")
				w.line("  unit: String")
			}
		case base == "String":
			w.comparisons(base)
			w.line("  startsWith: String\n  contains: String")
		case base == "JSON":
			w.line("  isNull: Boolean")
		case base == "Boolean":
			w.line("  eq: Boolean\n  ne: Boolean\n  isNull: Boolean")
		default:
			w.line("  eq: %[1]s\n  ne: %[1]s\n  in: [%[1]s!]\n  notIn: [%[1]s!]\n  isNull: Boolean", base)
		}
		w.line("  status: StatusFilter")
	})
}
