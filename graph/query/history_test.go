package query

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
)

// historyPage is what a page of a history says.
type historyPage struct {
	Measurements []struct {
		Time    time.Time
		Value   *float64
		Number  *float64
		Quality string
	}
	Status   string
	Until    *time.Time
	PageInfo struct {
		HasNextPage bool
		EndCursor   *string
	}
}

func (p *plant) history(t *testing.T, arguments string) (historyPage, Result) {
	t.Helper()
	r := p.ask(t, `{ pump(id: "pump-1") { flow { history(`+arguments+`) { measurements { time value quality } status until pageInfo { hasNextPage endCursor } } } } }`, nil)
	var data struct {
		Pump *struct{ Flow struct{ History historyPage } }
	}
	if err := json.Unmarshal(r.Data, &data); err != nil || data.Pump == nil {
		t.Fatalf("%s: %v %v", r.Data, err, r.Errors)
	}
	return data.Pump.Flow.History, r
}

// allPages follows the cursors until there is no next page.
func (p *plant) allPages(t *testing.T, arguments string) (times []string, pages int) {
	t.Helper()
	after := ""
	for pages = 1; pages < 100; pages++ {
		page, _ := p.history(t, arguments+after)
		for _, m := range page.Measurements {
			value := "-"
			if m.Value != nil {
				value = fmt.Sprint(*m.Value)
			}
			times = append(times, m.Time.Format("02T15:04:05")+"="+value)
		}
		if !page.PageInfo.HasNextPage {
			return times, pages
		}
		if page.PageInfo.EndCursor == nil {
			t.Fatalf("page %d of %s has a next page but no cursor: %+v", pages, arguments, page)
		}
		after = fmt.Sprintf(", after: %q", *page.PageInfo.EndCursor)
	}
	t.Fatalf("%s has no end: %v", arguments, times)
	return nil, 0
}

func TestRangesAreClosedOpen(t *testing.T) {
	p := newPlant(t)
	page, _ := p.history(t, `from: "2026-03-01T11:59:40Z", to: "2026-03-01T11:59:44Z"`)
	if len(page.Measurements) != 2 || page.Measurements[0].Time.Second() != 40 || page.Measurements[1].Time.Second() != 42 {
		t.Errorf("[40 s, 44 s) = %+v, want 40 and 42", page.Measurements)
	}
	page, r := p.history(t, `from: "2027-01-01T00:00:00Z"`)
	if page.Status != "EMPTY" || r.Explain.Calls != 0 {
		t.Errorf("a range in the future = %+v, %d calls; want it empty without a call", page, r.Explain.Calls)
	}
}

func TestPagesOfAHistoryMeetEveryValueOnce(t *testing.T) {
	p := newPlant(t)
	for range 5 { // several values of one time
		p.series.Measure("pumps/P-1/flow", connectors.Measurement{Value: schema.FloatOf(1), Time: noon.Add(-time.Second)})
	}
	whole, _ := p.allPages(t, `from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z"`)
	if len(whole) != 25 {
		t.Fatalf("%d values in all, want 20 and 5 of one time", len(whole))
	}
	for _, first := range []int{1, 2, 3, 7, 24, 25} {
		got, pages := p.allPages(t, fmt.Sprintf(`from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z", first: %d`, first))
		if !slices.Equal(got, whole) || pages != (25+first-1)/first {
			t.Errorf("%d pages of %d = %v, want %v", pages, first, got, whole)
		}
	}
}

func TestAPageBehindTheLastValueIsEmpty(t *testing.T) {
	p := newPlant(t)
	field := func(args string) string {
		return `{ pump(id: "pump-1") { flow { history(from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z"` + args + `) { status pageInfo { endCursor } } } } }`
	}
	var page struct {
		Pump struct {
			Flow struct {
				History struct {
					Status   string
					PageInfo struct{ EndCursor string }
				}
			}
		}
	}
	if err := json.Unmarshal(p.ask(t, field(""), nil).Data, &page); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(p.ask(t, field(fmt.Sprintf(", after: %q", page.Pump.Flow.History.PageInfo.EndCursor)), nil).Data, &page); err != nil {
		t.Fatal(err)
	}
	if page.Pump.Flow.History.Status != "EMPTY" {
		t.Errorf("status %s of a page without values", page.Pump.Flow.History.Status)
	}
}

func TestErrorsOfMeasurementsNameTheirField(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `{ pump(id: "pump-1") { flow { history(from: "2026-03-01T11:59:57Z", unit: "Cel") { measurements { v: value } } } } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Path.String() != "pump.flow.history.measurements[0].v" {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
}

// clocks measures once an hour over the days on which the clocks change in Berlin in 2025.
func clocks(p *plant) {
	for at := time.Date(2025, 3, 28, 23, 0, 0, 0, time.UTC); at.Before(time.Date(2025, 4, 2, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Hour) {
		p.series.Measure("pumps/P-2/flow", connectors.Measurement{Value: schema.FloatOf(1), Time: at})
	}
	for at := time.Date(2025, 10, 24, 22, 0, 0, 0, time.UTC); at.Before(time.Date(2025, 10, 28, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Hour) {
		p.series.Measure("pumps/P-2/flow", connectors.Measurement{Value: schema.FloatOf(1), Time: at})
	}
}

func TestDaysOfAHistoryFollowTheClocks(t *testing.T) {
	p := newPlant(t)
	clocks(p)
	ask := func(from, to, more string) (days []string) {
		after := ""
		for {
			r := p.ask(t, fmt.Sprintf(`{ pump(id: "pump-2") { flow { history(from: %q, to: %q, every: "1d", aggregate: COUNT, timeZone: "Europe/Berlin"%s%s) { measurements { time value } pageInfo { hasNextPage endCursor } } } } }`, from, to, more, after), nil)
			var data struct {
				Pump struct{ Flow struct{ History historyPage } }
			}
			if err := json.Unmarshal(r.Data, &data); err != nil || len(r.Errors) > 0 {
				t.Fatal(err, r.Errors)
			}
			for _, m := range data.Pump.Flow.History.Measurements {
				days = append(days, fmt.Sprintf("%s=%v", m.Time.Format("01-02T15"), *m.Value))
			}
			if !data.Pump.Flow.History.PageInfo.HasNextPage {
				return days
			}
			after = fmt.Sprintf(", after: %q", *data.Pump.Flow.History.PageInfo.EndCursor)
		}
	}
	for _, more := range []string{"", ", first: 1", ", first: 2"} {
		if got := strings.Join(ask("2025-03-28T23:00:00Z", "2025-03-31T22:00:00Z", more), " "); got != "03-28T23=24 03-29T23=23 03-30T22=24" {
			t.Errorf("spring%s: %s", more, got)
		}
		if got := strings.Join(ask("2025-10-24T22:00:00Z", "2025-10-27T23:00:00Z", more), " "); got != "10-24T22=24 10-25T22=25 10-26T23=24" {
			t.Errorf("autumn%s: %s", more, got)
		}
	}
	if got := strings.Join(ask("2025-04-01T22:00:00Z", "2025-04-03T22:00:00Z", ", gaps: true, first: 1"), " "); got != "04-01T22=2 04-02T22=0" {
		t.Errorf("a day without values: %s", got)
	}
}

func TestGapsAreVisible(t *testing.T) {
	p := newPlant(t)
	p.series.Measure("pumps/P-1/flow", connectors.Measurement{Value: schema.FloatOf(9), Time: noon.Add(-time.Second), Quality: connectors.Bad})
	const arguments = `from: "2026-03-01T11:58:50Z", to: "2026-03-01T12:00:30Z", every: "20s", aggregate: MAX`
	want := "01T11:59:20=40 01T11:59:40=20"
	if got, _ := p.allPages(t, arguments); strings.Join(got, " ") != want {
		t.Errorf("without gaps %v, want %s", got, want)
	}
	want = "01T11:58:40=- 01T11:59:00=- 01T11:59:20=40 01T11:59:40=20 01T12:00:00=- 01T12:00:20=-"
	for _, first := range []int{1, 2, 3, 4, 6, 100} {
		if got, _ := p.allPages(t, fmt.Sprintf("%s, gaps: true, first: %d", arguments, first)); strings.Join(got, " ") != want {
			t.Errorf("with gaps in pages of %d: %v, want %s", first, got, want)
		}
	}
	page, _ := p.history(t, arguments+`, gaps: true`)
	if page.Measurements[0].Quality != "BAD" || page.Measurements[2].Quality != "GOOD" {
		t.Errorf("qualities of %+v", page.Measurements)
	}
	r := p.ask(t, `{ pump(id: "pump-1") { flow { history(from: "2026-03-01T11:58:50Z", gaps: true) { status } } } }`, nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "gaps needs every") {
		t.Errorf("gaps of raw values: %v", r.Errors)
	}
}

// cutting sends at most so many values of a range, and says up to when.
type cutting struct {
	*connectortest.Memory
	most int
}

func (c *cutting) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	if a.Want.Kind != connectors.History {
		return c.Memory.Fetch(ctx, a, b, out)
	}
	return c.Memory.Fetch(ctx, a, b, &cutSink{Sink: out, most: c.most, sent: make([]int, len(b.Keys))})
}

type cutSink struct {
	connectors.Sink
	most int
	sent []int
}

func (s *cutSink) Measurement(key int, m connectors.Measurement) {
	if s.sent[key]++; s.sent[key] > s.most {
		if s.sent[key] == s.most+1 {
			s.Sink.Truncated(key, m.Time)
		}
		return
	}
	s.Sink.Measurement(key, m)
}

func TestACutRangeSaysWhereAndGoesOn(t *testing.T) {
	p := newPlant(t)
	p.faultyPlant.Connector = &cutting{p.series, 7}
	page, _ := p.history(t, `from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z"`)
	if page.Status != "TRUNCATED" || page.Until == nil || page.Until.Format("05") != "34" || len(page.Measurements) != 7 || !page.PageInfo.HasNextPage {
		t.Errorf("a range of 20 values of which 7 are sent: %+v", page)
	}
	page, _ = p.history(t, `from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z", first: 3`)
	if page.Status != "OK" || page.Until != nil || !page.PageInfo.HasNextPage {
		t.Errorf("a page before the cut: %+v", page)
	}
	for _, first := range []int{3, 7, 100} {
		got, _ := p.allPages(t, fmt.Sprintf(`from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z", first: %d`, first))
		if len(got) != 20 {
			t.Errorf("pages of %d of a cut range have %d values: %v", first, len(got), got)
		}
	}
	for _, more := range []string{"", ", gaps: true"} {
		got, _ := p.allPages(t, `from: "2026-03-01T11:59:20Z", to: "2026-03-01T12:00:00Z", every: "10s", aggregate: COUNT`+more)
		if strings.Join(got, " ") != "01T11:59:20=5 01T11:59:30=5 01T11:59:40=5 01T11:59:50=5" {
			t.Errorf("buckets of a cut range%s: %v", more, got)
		}
	}
}

func TestSeriesOfManyEntitiesAreOneCall(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `{
		pumps { nodes {
			flow { history(from: "2026-03-01T11:59:00Z", to: "2026-03-01T12:00:00Z", first: 2) { measurements { value } } more: history(from: "2026-03-01T11:59:00Z", to: "2026-03-01T12:00:00Z", first: 5, unit: "l/min") { measurements { value } } }
			temperature { history(from: "2026-03-01T11:59:00Z", to: "2026-03-01T12:00:00Z") { measurements { value } } }
		} }
		valves { nodes { opening { history(from: "2026-03-01T11:59:00Z", to: "2026-03-01T12:00:00Z") { measurements { value } } } } }
	}`, nil)
	if r.Explain.Connectors["plant"] != 1 || r.Explain.Calls != 1 || len(r.Errors) > 0 {
		t.Errorf("four series of six entities took %d questions and %d calls, %v", r.Explain.Connectors["plant"], r.Explain.Calls, r.Errors)
	}
	if text := string(r.Data); !strings.Contains(text, `"history":{"measurements":[{"value":40},{"value":38}]},"more":{"measurements":[{"value":666.666666666667},`) {
		t.Errorf("answer %s", text)
	}
}

func TestAggregatesOfOneRangeAreOneCall(t *testing.T) {
	p := newPlant(t)
	const bucket = `history(from: "2026-03-01T11:59:00Z", to: "2026-03-01T12:00:00Z", every: "1m", aggregate: `
	r := p.ask(t, `{ pump(id: "pump-1") { flow { low: `+bucket+`MIN) { measurements { value } } high: `+bucket+`MAX) { measurements { value } } n: `+bucket+`COUNT) { measurements { value } unit } } } }`, nil)
	if r.Explain.Connectors["plant"] != 1 || r.Explain.Calls != 1 || len(r.Errors) > 0 {
		t.Errorf("three aggregates of a series took %d questions and %d calls, %v", r.Explain.Connectors["plant"], r.Explain.Calls, r.Errors)
	}
	want := `{"pump":{"flow":{"low":{"measurements":[{"value":2}]},"high":{"measurements":[{"value":40}]},"n":{"measurements":[{"value":20}],"unit":null}}}}`
	if got := string(r.Data); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAggregatesOfAHistoryFitItsType(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `{ pump(id: "pump-1") { mode { history(from: "2026-03-01T11:00:00Z", every: "1h", aggregate: COUNT) { status } } } }`, nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "mode holds PumpMode, which has no COUNT") {
		t.Errorf("a count of modes: %v", r.Errors)
	}
	r = p.ask(t, `{ pump(id: "pump-1") { temperature { history(from: "2026-03-01T11:00:00Z", every: "1h", aggregate: SUM, unit: "[degF]") { measurements { value } } } } }`, nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "whose scale begins elsewhere") {
		t.Errorf("a sum of temperatures in another scale: %v %s", r.Errors, r.Data)
	}
	page, _ := p.history(t, `from: "2026-03-01T11:00:00Z", to: "2026-03-01T12:00:00Z", every: "1h", aggregate: COUNT, unit: "l/min"`)
	if len(page.Measurements) != 1 || *page.Measurements[0].Value != 20 {
		t.Errorf("a count has no unit: %+v", page.Measurements)
	}
}

func TestAveragesOfWholeNumbersAreKeptBesideTheirType(t *testing.T) {
	c := newPlant(t).engine.catalog
	h := &historyCell{property: &schema.Property{Name: "starts", Type: schema.ValueType{Scalar: schema.Int}}, status: connectors.OK,
		measurements: []connectors.Measurement{{Value: schema.FloatOf(2.5)}, {Value: schema.IntOf(1 << 40)}}}
	h.convert(c, connectors.Avg)
	for i, want := range []string{"3 2.5", "1099511627776 1099511627776"} {
		w := &writer{}
		column := &historyColumn{want: connectors.Want{Aggregate: connectors.Avg}}
		w.historyValue(h.property, column, &h.measurements[i], false)
		w.buf = append(w.buf, ' ')
		w.historyValue(h.property, column, &h.measurements[i], true)
		if string(w.buf) != want || h.status != connectors.OK {
			t.Errorf("average %d = %s %s %s, want %s", i, w.buf, h.status, h.why, want)
		}
	}
}
