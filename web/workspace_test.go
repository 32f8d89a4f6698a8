package web_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mereon/fixtures/inputs"
	"mereon/graph/exchange"
	"mereon/graph/exchange/twinmaker"
)

// serveFactory imports the sample workspace and serves it.
func serveFactory(t *testing.T) (*running, *exchange.Report) {
	t.Helper()
	dir := t.TempDir()
	report, err := twinmaker.Import(context.Background(), inputs.Path(t, "twinmaker-cookiefactory-v1"), dir, exchange.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return serveFolder(t, dir), report
}

func (r *running) mustQuery(t *testing.T, query string, into any) {
	t.Helper()
	answer := r.query(t, query, nil)
	if len(answer.Errors) > 0 {
		t.Fatalf("errors: %s", answer.text)
	}
	data, err := json.Marshal(answer.Data)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type counted struct {
	TotalCount int `json:"totalCount"`
}

func TestTheImportedWorkspaceHasTheCountsOfItsSource(t *testing.T) {
	s, report := serveFactory(t)
	if got := report.Counts["components"]; got != 102 {
		t.Errorf("%d components, want 102", got)
	}
	var got struct {
		Entities  counted
		Equipment struct{ Descendants counted }
		Alarms    []struct {
			Severity string
			Entity   struct{ Name string }
		}
		Plain, Mixers, Tanks, NormalMixers, NormalTanks counted
	}
	s.mustQuery(t, `{
		entities { totalCount }
		equipment: entity(id: "Equipment_5c9e83d2-1880-4f83-affd-9a27f80d39f7") { descendants(hierarchy: "isChildOf") { totalCount } }
		alarms { severity entity { name } }
		plain: entities(type: "Element", where: {assetType: {eq: "Element"}}) { totalCount }
		mixers: mixers(where: {AlarmComponent: {alarm_status: {eq: "ACTIVE"}}}) { totalCount }
		tanks: waterTanks(where: {AlarmComponent: {alarm_status: {eq: "ACTIVE"}}}) { totalCount }
		normalMixers: mixers(where: {AlarmComponent: {alarm_status: {eq: "NORMAL"}}}) { totalCount }
		normalTanks: waterTanks(where: {AlarmComponent: {alarm_status: {eq: "NORMAL"}}}) { totalCount }
	}`, &got)
	for what, pair := range map[string][2]int{
		"entities": {got.Entities.TotalCount, 105}, "descendants of Equipment": {got.Equipment.Descendants.TotalCount, 80},
		"entities with components":          {got.Entities.TotalCount - got.Plain.TotalCount, 48},
		"active by filter":                  {got.Mixers.TotalCount + got.Tanks.TotalCount, 4},
		"normal by filter":                  {got.NormalMixers.TotalCount + got.NormalTanks.TotalCount, 23},
		"alarms of the root field that are": {len(got.Alarms), 4},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, want %d", what, pair[0], pair[1])
		}
	}
}

func TestTemperaturesOfAllMixersOverTheWholeRecording(t *testing.T) {
	s, _ := serveFactory(t)
	const span = `from: "2021-11-05T00:00:00Z", to: "2021-11-05T00:30:20.089Z", every: "PT1H"`
	type history struct {
		Measurements []struct{ Value float64 }
		Status       string
	}
	var got struct {
		Mixers struct {
			Nodes []struct {
				MixerComponent struct {
					Temperature struct{ Low, High, Sum, Count history }
				}
			}
		}
	}
	s.mustQuery(t, `{ mixers(first: 100) { nodes { MixerComponent { Temperature {
		low: history(`+span+`, aggregate: MIN) { measurements { value } status }
		high: history(`+span+`, aggregate: MAX) { measurements { value } status }
		sum: history(`+span+`, aggregate: SUM) { measurements { value } status }
		count: history(`+span+`, aggregate: COUNT) { measurements { value } status }
	} } } } }`, &got)
	low, high, sum, count := math.Inf(1), math.Inf(-1), 0.0, 0.0
	for i, n := range got.Mixers.Nodes {
		x := n.MixerComponent.Temperature
		for _, h := range []history{x.Low, x.High, x.Sum, x.Count} {
			if len(h.Measurements) != 1 || h.Status != "OK" {
				t.Fatalf("mixer %d has %+v, want one interval", i, h)
			}
		}
		low, high = min(low, x.Low.Measurements[0].Value), max(high, x.High.Measurements[0].Value)
		sum, count = sum+x.Sum.Measurements[0].Value, count+x.Count.Measurements[0].Value
	}
	if text := fmt.Sprintf("%d mixers, %g values: %.3f %.3f %.3f", len(got.Mixers.Nodes), count, low, high, sum/count); text != "26 mixers, 9216 values: 97.567 101.861 99.752" {
		t.Error(text)
	}
}

// lastValues returns the newest recorded value of each asset for an attribute, read without the product.
func lastValues(t *testing.T, attribute string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(inputs.Path(t, "twinmaker-cookiefactory-v1"), "sample_data", "telemetry", "telemetry.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for _, row := range rows {
		if row[3] == attribute {
			last[row[2]] = row[4]
		}
	}
	return last
}

type shownScene struct {
	Scene struct {
		Documents []struct {
			ID      string
			Missing bool
		}
		Views    map[string]any
		Problems []string
	}
	Slots []struct {
		Slot                                             int
		Kind, Document, Anchor, Entity, Effect, Rule, ID string
	}
	State, Text struct {
		Slots []int
		V     []*string
	}
	Scalar struct {
		Slots []int
		V     []*float64
	}
}

// open reads a scene until every slot has a value.
func (r *running) open(t *testing.T, path string) (first shownScene, values map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	values = map[string]any{}
	key := func(slot int) string {
		s := first.Slots[slot]
		return s.Document + s.Anchor + " " + s.Effect
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var f shownScene
		if err := json.Unmarshal([]byte(data), &f); err != nil {
			t.Fatal(err)
		}
		if f.Slots != nil {
			first = f
		}
		for i, slot := range f.State.Slots {
			if v := f.State.V[i]; v != nil {
				values[key(slot)] = *v
			}
		}
		for i, slot := range f.Text.Slots {
			if v := f.Text.V[i]; v != nil {
				values[key(slot)] = *v
			}
		}
		for i, slot := range f.Scalar.Slots {
			if v := f.Scalar.V[i]; v != nil {
				values[key(slot)] = *v
			}
		}
		if len(values) == len(first.Slots) {
			return first, values
		}
	}
	t.Fatalf("%s ended with %d of %d slots: %v", path, len(values), len(first.Slots), lines.Err())
	return first, values
}

func TestTheMixerSceneShowsTheChosenMixer(t *testing.T) {
	s, _ := serveFactory(t)
	var got struct {
		Mixers struct {
			Nodes []struct {
				ID, Name       string
				MixerComponent struct{ TelemetryAssetId string }
				AlarmComponent struct{ TelemetryAssetId string }
			}
		}
	}
	s.mustQuery(t, `{ mixers(first: 100) { nodes { id name MixerComponent { telemetryAssetId } AlarmComponent { telemetryAssetId } } } }`, &got)
	speeds, temperatures, alarms := lastValues(t, "RPM"), lastValues(t, "Temperature"), lastValues(t, "alarm_status")
	for _, mixer := range got.Mixers.Nodes[:6] {
		_, values := s.open(t, "/scenes/mixer/events?sel_entity="+mixer.ID)
		speed, _ := strconv.ParseFloat(speeds[mixer.MixerComponent.TelemetryAssetId], 64)
		temperature, _ := strconv.ParseFloat(temperatures[mixer.MixerComponent.TelemetryAssetId], 64)
		status := alarms[mixer.AlarmComponent.TelemetryAssetId]
		if x, _ := values["motion_indicator animationSpeed"].(float64); math.Abs(x-(speed-55)/10) > 1e-6 {
			t.Errorf("%s: the motion runs with %v, want (%g - 55) / 10", mixer.Name, x, speed)
		}
		choose := func(yes bool, state, otherwise string) string {
			if yes {
				return state
			}
			return otherwise
		}
		for slot, want := range map[string]string{
			"cookie_factory_mixer color": choose(speed >= 60, "color_d85b12", "ok"),
			"temperature_tag icon":       choose(temperature >= 100, "alarm", "ok"),
			"rpm_tag icon":               choose(speed >= 60, "alarm", "ok"),
			"alarm_tag icon":             map[string]string{"ACTIVE": "alarm", "NORMAL": "info"}[status],
			"alarm_tag tag":              mixer.Name + " " + status,
		} {
			if values[slot] != want {
				t.Errorf("%s: %s is %v, want %s (RPM %g, temperature %g, alarm %s)", mixer.Name, slot, values[slot], want, speed, temperature, status)
			}
		}
	}
}

func TestTheFactorySceneOpensWithoutTwoOfItsModels(t *testing.T) {
	s, report := serveFactory(t)
	first, values := s.open(t, "/scenes/cookie-factory/events")
	missing := map[string]bool{}
	for _, d := range first.Scene.Documents {
		if d.Missing {
			missing[d.ID] = true
		}
	}
	if len(first.Scene.Documents) != 31 || len(missing) != 4 {
		t.Errorf("%d documents, %d without a model, want 31 and 4", len(first.Scene.Documents), len(missing))
	}
	warned := 0
	for _, w := range report.Warnings {
		if strings.Contains(w.Message, "is not in the source; what is bound") {
			warned++
		}
	}
	if warned != 4 {
		t.Errorf("%d warnings about models, want one for each of the 4 places", warned)
	}
	said := strings.Join(first.Scene.Problems, "\n")
	for _, file := range []string{"CookieFactoryEnvironment.glb", "CookieFactoryLine.glb"} {
		if !strings.Contains(said, file) {
			t.Errorf("the scene does not say that %s is missing: %q", file, said)
		}
	}
	states := map[any]int{}
	for slot, v := range values {
		if strings.HasSuffix(slot, " icon") {
			states[v]++
		}
	}
	if states["alarm"] != 4 || states["ok"] != 23 {
		t.Errorf("the icons of the tags are %v, want 4 alarms and 23 ok", states)
	}
	if first.Scene.Views["overview"] == nil {
		t.Errorf("there is no view named overview: %v", first.Scene.Views)
	}
}
