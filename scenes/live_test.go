package scenes

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema"
	"mereon/schema/fault"
)

func TestFirstMessageIsTheContract(t *testing.T) {
	w := newWorld(t, Options{}, hall)
	scalar := 0.5
	w.hub.setAll(map[live.Input]live.Update{
		{Entity: "pump-7", RuleSet: "bearing"}: known(live.Update{State: "warning", Scalar: &scalar}),
		{Entity: "pump-7", Path: "speed"}:      known(live.Update{Value: schema.FloatOf(1500)}),
		{Entity: "pump-7", Path: "flow"}:       {Value: schema.FloatOf(12.44), Status: connectors.Stale, Time: time.UnixMilli(1763788790000)},
		{Entity: "hall-1", Path: "name"}:       {Value: schema.StringOf("Hall <1>"), Status: connectors.OK},
	})
	_, f := next(t, w.subscribe(t, ""))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, f.Data, "", " "); err != nil {
		t.Fatal(err)
	}
	got := pretty.String()
	for _, volatile := range []string{f.Epoch} {
		got = strings.ReplaceAll(got, volatile, "EPOCH")
	}
	got = maskLine(got, `"t": `)
	const golden = "testdata/first.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the first message differs (-want +got):\n%s", diff)
	}
}

// maskLine replaces the number after the first occurrence of key.
func maskLine(text, key string) string {
	before, after, ok := strings.Cut(text, key)
	if !ok {
		return text
	}
	return before + key + "0" + after[strings.IndexByte(after, ','):]
}

func TestOnlyWhatChangedIsSent(t *testing.T) {
	w := newWorld(t, Options{}, hall)
	w.hub.set(live.Input{Entity: "pump-7", Path: "speed"}, known(live.Update{Value: schema.FloatOf(1500)}))
	c := w.subscribe(t, "")
	first, _ := next(t, c)
	w.hub.set(live.Input{Entity: "pump-7", Path: "speed"}, known(live.Update{Value: schema.FloatOf(3000)}))
	m, f := next(t, c)
	if m.Prev == nil || *m.Prev != first.Seq || m.Seq != first.Seq+1 || m.Slots != nil || m.Scene != nil {
		t.Errorf("the frame is %s, want one that follows %d", f.Data, first.Seq)
	}
	speed := slotOf(t, first, "animationSpeed")
	if m.Scalar.at(speed) != 2.0 || len(m.Scalar.Slots) != 1 || m.State.Slots != nil || m.Text.Slots != nil || m.Quality.Slots != nil {
		t.Errorf("the frame is %s, want slot %d at 2 alone", f.Data, speed)
	}
	other, g := next(t, w.subscribe(t, ""))
	if other.Scalar.at(speed) != 2.0 || other.Seq != m.Seq {
		t.Errorf("a later viewer gets %s", g.Data)
	}
}

func slotOf(t testing.TB, m message, effect EffectName) int {
	t.Helper()
	for _, s := range m.Slots {
		if s.Effect == effect {
			return s.Slot
		}
	}
	t.Fatalf("no slot of %s", effect)
	return 0
}

func TestUnknownAndStaleAreTold(t *testing.T) {
	w := newWorld(t, Options{Tick: time.Millisecond}, hall)
	in := live.Input{Entity: "pump-7", Path: "speed"}
	w.hub.set(in, known(live.Update{Value: schema.FloatOf(1500)}))
	c := w.subscribe(t, "")
	first, _ := next(t, c)
	speed := slotOf(t, first, "animationSpeed")
	w.hub.set(in, live.Update{Value: schema.FloatOf(1500), Status: connectors.Stale, Time: time.UnixMilli(5)})
	m, f := next(t, c)
	if m.Quality.at(speed) != "STALE" || m.Scalar.Slots != nil {
		t.Errorf("a stale value gives %s", f.Data)
	}
	w.hub.set(in, live.Update{Status: connectors.Unavailable})
	m, f = next(t, c)
	if m.Quality.at(speed) != "UNAVAILABLE" || m.Scalar.at(speed) != nil {
		t.Errorf("a lost value gives %s", f.Data)
	}
	w.hub.set(in, known(live.Update{Value: schema.FloatOf(1500)}))
	m, f = next(t, c)
	if m.Quality.at(speed) != "OK" || m.Scalar.at(speed) != 1.0 {
		t.Errorf("a value that came back gives %s", f.Data)
	}
}

func TestResumeSendsWhatChangedSince(t *testing.T) {
	w := newWorld(t, Options{Tick: time.Millisecond}, hall)
	speed, flow := live.Input{Entity: "pump-7", Path: "speed"}, live.Input{Entity: "pump-7", Path: "flow"}
	a := w.subscribe(t, "")
	first, f := next(t, a)
	w.hub.set(speed, known(live.Update{Value: schema.FloatOf(300)}))
	next(t, a)
	w.hub.set(flow, known(live.Update{Value: schema.FloatOf(9)}))
	last, _ := next(t, a)

	m, g := next(t, w.subscribe(t, f.Cursor()))
	if m.Slots != nil || *m.Prev != first.Seq || m.Seq != last.Seq || len(m.Scalar.Slots) != 1 || len(m.Text.Slots) != 1 {
		t.Errorf("resuming after %s gives %s, want both changes in one frame", f.Cursor(), g.Data)
	}
	m, g = next(t, w.subscribe(t, g.Cursor()))
	if m.Slots != nil || *m.Prev != last.Seq || m.Seq != last.Seq || m.Scalar.Slots != nil {
		t.Errorf("resuming at the newest gives %s, want a sign of life", g.Data)
	}
	for _, from := range []string{"other:1", f.Epoch + ":99", f.Epoch + ":0", f.Epoch + ":x", "nonsense"} {
		if m, g := next(t, w.subscribe(t, from)); m.Slots == nil {
			t.Errorf("resuming from %q gives %s, want the first message", from, g.Data)
		}
	}
}

func TestLateViewersGetOneFrameToTheNewestState(t *testing.T) {
	w := newWorld(t, Options{Tick: time.Millisecond}, hall)
	slow, fast := w.subscribe(t, ""), w.subscribe(t, "")
	first, _ := next(t, slow)
	next(t, fast)
	for i := range 20 {
		w.hub.set(live.Input{Entity: "pump-7", Path: "speed"}, known(live.Update{Value: schema.FloatOf(float64(100 * i))}))
		next(t, fast)
	}
	m, f := next(t, slow)
	if *m.Prev != first.Seq || m.Seq != first.Seq+20 || m.Scalar.V[0] != 1.2666667 {
		t.Errorf("the late viewer gets %s", f.Data)
	}
}

func TestSilenceGivesASignOfLife(t *testing.T) {
	w := newWorld(t, Options{Heartbeat: time.Millisecond}, hall)
	c := w.subscribe(t, "")
	first, _ := next(t, c)
	m, f := next(t, c)
	if m.Seq != first.Seq || *m.Prev != first.Seq || m.State.Slots != nil || m.Slots != nil {
		t.Errorf("silence gives %s", f.Data)
	}
}

func TestWhatDoesNotResolveIsToldAndMendsItself(t *testing.T) {
	text := strings.NewReplacer("of: hall-1", "of: hall-2", "entity: pump-7", "entity: pump-5", "clip: Rotate", "clip: Rotat").Replace(hall)
	w := newWorld(t, Options{Tick: time.Millisecond}, text)
	c := w.subscribe(t, "")
	m, f := next(t, c)
	want := []string{`template of Pump: there is no entity "hall-2"`, `there is no entity "pump-5"`}
	if diff := cmp.Diff(want, m.Scene.Problems); diff != "" {
		t.Fatalf("problems of %s differ (-want +got):\n%s", f.Data, diff)
	}
	apply(t, w.store, pump("pump-5", "P-5"))
	m, f = next(t, c)
	want = []string{`template of Pump: there is no entity "hall-2"`, `pump-5: line has no clip "Rotat"; did you mean "Rotate"?`}
	if diff := cmp.Diff(want, m.Scene.Problems); diff != "" {
		t.Errorf("problems of %s differ (-want +got):\n%s", f.Data, diff)
	}
	apply(t, w.store, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Create, ID: "hall-2", Type: "Hall"}}})
	if m, f = next(t, c); len(m.Scene.Problems) != 1 {
		t.Errorf("with the hall there is still %s", f.Data)
	}
}

func TestNewEntitiesOfATemplateAppearByThemselves(t *testing.T) {
	w := newWorld(t, Options{Tick: time.Millisecond}, hall)
	c := w.subscribe(t, "")
	first, _ := next(t, c)
	apply(t, w.store, pump("pump-8", "P-8"))
	m, f := next(t, c)
	if len(m.Slots) != len(first.Slots)+1 {
		t.Fatalf("a new pump gives %s, want one slot more than %d", f.Data, len(first.Slots))
	}
	found := false
	for _, s := range m.Slots {
		found = found || s.Entity == "pump-8" && s.Node != nil && *s.Node == 2 && s.Effect == Emissive && s.Name == "Feed pump-8"
	}
	if !found {
		t.Errorf("the slot table has no slot for pump-8: %s", f.Data)
	}
	apply(t, w.store, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Create, ID: "hall-2", Type: "Hall"}}})
	w.hub.set(live.Input{Entity: "pump-7", Path: "speed"}, known(live.Update{Value: schema.FloatOf(300)}))
	if m, f := next(t, c); m.Slots != nil {
		t.Errorf("an unrelated hall gives %s, want no new table", f.Data)
	}
}

func TestAnEditedSceneReplacesTheTableAndADeletedOneEnds(t *testing.T) {
	w := newWorld(t, Options{Tick: time.Millisecond}, hall)
	c := w.subscribe(t, "")
	next(t, c)
	w.putScene(t, strings.Replace(hall, "title: Hall 1", "title: Hall one", 1))
	m, f := next(t, c)
	if m.Scene == nil || m.Scene.Title != "Hall one" {
		t.Errorf("an edited scene gives %s", f.Data)
	}
	apply(t, w.store, graph.ChangeSet{Artifacts: []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: "hall-1"}}})
	for {
		_, err := c.Next(viewer(t))
		if err == nil {
			continue
		}
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a deleted scene gives %v, want NOT_FOUND", err)
		}
		return
	}
}

func TestWrongSubscriptionsAreRefused(t *testing.T) {
	w := newWorld(t, Options{MaxStages: 1}, hall)
	c := w.subscribe(t, "")
	next(t, c)
	cases := []struct {
		name       string
		ctx        context.Context
		scene      string
		parameters map[string]string
		want       fault.Code
	}{
		{"nobody", t.Context(), "hall-1", nil, fault.Forbidden},
		{"too many", viewer(t), "hall-1", map[string]string{"pump": "pump-7"}, fault.Limit},
	}
	for _, test := range cases {
		if _, err := w.live.Subscribe(test.ctx, test.scene, test.parameters, ""); fault.CodeOf(err) != test.want {
			t.Errorf("%s: Subscribe gives %v, want %s", test.name, err, test.want)
		}
	}
	w = newWorld(t, Options{}, hall)
	for want, parameters := range map[fault.Code]map[string]string{fault.Invalid: {"pmp": "x"}, fault.NotFound: nil} {
		scene := "hall-1"
		if parameters == nil {
			scene = "hall-9"
		}
		if _, err := w.live.Subscribe(viewer(t), scene, parameters, ""); fault.CodeOf(err) != want {
			t.Errorf("Subscribe(%s, %v) gives %v, want %s", scene, parameters, err, want)
		}
	}
	for _, value := range []string{"hall-1", "pump-99"} {
		if _, err := w.live.Subscribe(viewer(t), "hall-1", map[string]string{"pump": value}, ""); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("the parameter pump=%s gives %v, want INVALID", value, err)
		}
	}
}

func TestAParameterChoosesTheEntity(t *testing.T) {
	w := newWorld(t, Options{}, hall)
	apply(t, w.store, pump("pump-8", "P-8"))
	c, err := w.live.Subscribe(viewer(t), "hall-1", map[string]string{"pump": "pump-8"}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, f := next(t, c)
	opacity := m.Slots[slotOf(t, m, Opacity)]
	if opacity.Entity != "pump-8" || opacity.Node != nil || m.Scene.Parameters["pump"] != "pump-8" {
		t.Errorf("the chosen pump gives %s", f.Data)
	}
}

func TestSummaryListsEntitiesOfTemplatesToo(t *testing.T) {
	w := newWorld(t, Options{}, hall)
	apply(t, w.store, pump("pump-8", "P-8"))
	apply(t, w.store, pump("pump-9", "P-9"))
	got, err := w.live.Summary(t.Context(), "hall-1", nil)
	want := Summary{Revision: 5, Slots: 8, Entities: []graph.EntityID{"hall-1", "pump-7", "pump-8"},
		Problems: []string{`pump-9: no node of line matches extras {id: P-9}; nearest: "id: P-7", "id: P-8"`}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Summary differs, %v (-want +got):\n%s", err, diff)
	}
}

func TestATemplateOfATypeWithoutEntitiesBindsNothing(t *testing.T) {
	w := newWorld(t, Options{}, strings.Replace(hall, "every: {type: Pump, within: {hierarchy: place, of: hall-1}}", "every: {type: Rare}", 1))
	model, problems := schema.Parse([]schema.File{{Name: "m.graphql", Text: plantModel + "interface Rare @asset { serialNumber: String }\n"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	w.live.Swap(model)
	got, err := w.live.Summary(t.Context(), "hall-1", nil)
	if err != nil || got.Slots != 6 || len(got.Problems) > 0 {
		t.Errorf("Summary = %+v, %v; want the 6 slots of the bindings", got, err)
	}
}

func TestScenesWithoutViewersEndAndStopWatching(t *testing.T) {
	w := newWorld(t, Options{Linger: time.Millisecond}, hall)
	c := w.subscribe(t, "")
	next(t, c)
	c.Close()
	c.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		w.hub.mu.Lock()
		watches := len(w.hub.watches)
		w.hub.mu.Unlock()
		if watches == 0 && len(w.live.snapshot()) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d watches are left", watches)
		}
	}
}

func TestCloseEndsWaitingViewers(t *testing.T) {
	w := newWorld(t, Options{}, hall)
	c := w.subscribe(t, "")
	next(t, c)
	done := make(chan error)
	go func() {
		_, err := c.Next(viewer(t))
		done <- err
	}()
	w.live.Close()
	if err := <-done; fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Next gives %v, want UNAVAILABLE", err)
	}
	if _, err := w.live.Subscribe(viewer(t), "hall-1", nil, ""); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Subscribe gives %v, want UNAVAILABLE", err)
	}
}
