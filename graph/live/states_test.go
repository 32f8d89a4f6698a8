package live

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query"
	"mereon/schema"
)

func (p *plant) states(id graph.EntityID) map[string]query.State {
	p.t.Helper()
	list, err := p.hub.States(context.Background(), []graph.EntityID{id})
	if err != nil {
		p.t.Fatal(err)
	}
	out := map[string]query.State{}
	for _, s := range list[0] {
		out[s.RuleSet] = s
	}
	return out
}

func (p *plant) alarms() []query.Alarm {
	p.t.Helper()
	list, err := p.hub.Alarms(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

func TestAlarmSetsRunWithoutAnybodyWatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules)
		defer p.close()
		told := 0
		defer p.hub.WatchAlarms(func() { told++ })()
		p.push("pumps/P-7/bearing", 50)
		p.push("pumps/P-8/bearing", 50)
		p.push("pumps/P-7/bearing", 95)
		if got := p.alarms(); len(got) != 0 {
			t.Errorf("while the condition is held: %v", got)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		got := p.alarms()
		if len(got) != 1 || got[0].Since.IsZero() {
			t.Fatalf("alarms = %+v, want one with its time", got)
		}
		got[0].Since = time.Time{}
		want := []query.Alarm{{Entity: "pump-7", RuleSet: "bearing", State: "alarm", Severity: "critical", Message: "bearing of Pump P-7 at 95"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("alarms differ (-want +got):\n%s", diff)
		}
		p.push("pumps/P-7/bearing", 60)
		if n := len(p.alarms()); n != 0 || told != 2 {
			t.Errorf("after it cooled down: %d alarms, told %d times, want none and 2", n, told)
		}
	})
}

func TestAnAlarmStaysWhenItsSensorDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules)
		defer p.close()
		p.push("pumps/P-8/bearing", 50)
		p.push("pumps/P-7/bearing", 95)
		time.Sleep(6 * time.Second)
		p.source.set("plant", "pumps/P-7/bearing", connectors.Reading{Status: connectors.Unavailable, Why: "the plant cannot be reached"})
		p.settle()
		got := p.alarms()
		if len(got) != 1 || got[0].Message != "bearing of Pump P-7 at 95 (not confirmed: t: the plant cannot be reached)" {
			t.Errorf("alarms = %+v, want the one that cannot be confirmed", got)
		}
		if s := p.states("pump-7")["bearing"]; s.State != "" || !cmp.Equal(s.Unknown, []string{"t"}) {
			t.Errorf("its state = %+v, want unknown", s)
		}
	})
}

func TestNewEntitiesAndOverridesReachAlarmSets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules)
		defer p.close()
		p.apply(graph.ChangeSet{Entities: []graph.EntityChange{pump("pump-9", "P-9", 1)}})
		p.push("pumps/P-9/bearing", 50)
		p.push("pumps/P-9/bearing", 80)
		p.update("pump-9", graph.ColumnRules, schema.JSONOf(`{"bearing": {"limit": 75}}`))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if s := p.states("pump-9")["bearing"]; s.State != "alarm" {
			t.Errorf("with its own limit: %+v, want alarm", s)
		}
		p.update("pump-9", graph.ColumnRules, schema.JSONOf(`{"bearing": {"limt": 75}}`))
		p.settle()
		if s := p.states("pump-9")["bearing"]; !strings.Contains(s.Error, `no parameter "limt"; did you mean "limit"?`) {
			t.Errorf("with a wrong override: %+v, want the error", s)
		}
		p.apply(graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: "pump-9"}}})
		p.settle()
		if n := len(p.alarms()); n != 0 {
			t.Errorf("%d alarms of a deleted entity", n)
		}
	})
}

func TestStatesOfSetsThatDoNotRunAreStartedAndWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules, loadRules)
		defer p.close()
		p.source.rows["P-7"] = []schema.Value{schema.StringOf("OPEN"), schema.StringOf("DONE"), schema.StringOf("OPEN")}
		p.source.push("plant", "pumps/P-7/flow", schema.FloatOf(6))
		p.source.push("plant", "halls/h1/t", schema.FloatOf(20))
		p.source.push("plant", "pumps/P-7/bearing", schema.FloatOf(20))
		s := p.states("pump-7")
		load := s["load"]
		if load.State != "planned" || len(s) != 2 {
			t.Errorf("states = %+v, want planned among two", s)
		}
		inputs := map[string]float64{}
		for _, in := range load.Inputs {
			inputs[in.Name] = in.Value.Float()
		}
		if diff := cmp.Diff(map[string]float64{"hall": 20, "open": 2, "load": 0.5, "flow": 6}, inputs); diff != "" {
			t.Errorf("inputs differ (-want +got):\n%s", diff)
		}
		want := []query.Step{{State: "hot", When: "load > 1 && hall > 30", Result: "false"}, {State: "planned", When: "open > 0", Result: "true", Winner: true}, {State: "ok", Result: "true"}}
		if diff := cmp.Diff(want, load.Steps); diff != "" {
			t.Errorf("steps differ (-want +got):\n%s", diff)
		}
		begun := p.source.begun()
		p.states("pump-7")
		if p.source.begun() != begun {
			t.Error("asking again watched again")
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if n := p.source.watched(); n != 2 {
			t.Errorf("long after the question %d references are watched, want those of the alarm set: 2", n)
		}
	})
}

func TestRecordsAreCountedInOneQuestionAndAgainFromTimeToTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, loadRules)
		defer p.close()
		p.source.rows["P-7"] = []schema.Value{schema.StringOf("OPEN")}
		p.source.push("plant", "pumps/P-7/flow", schema.FloatOf(6))
		p.source.push("plant", "halls/h1/t", schema.FloatOf(20))
		s, stop := p.watch(Input{Entity: "pump-7", RuleSet: "load"}, Input{Entity: "pump-8", RuleSet: "load"})
		defer stop()
		p.settle()
		if u, n := s.at(0), p.source.asked(); u.State != "planned" || n != 1 {
			t.Errorf("two pumps: %+v after %d questions, want planned after one", u, n)
		}
		p.source.setRows("P-7", nil)
		time.Sleep(15 * time.Second)
		p.source.push("plant", "pumps/P-7/flow", schema.FloatOf(6))
		p.settle()
		if u, n := s.at(0), p.source.asked(); u.State != "ok" || n != 2 {
			t.Errorf("after the order was done: %+v after %d questions, want ok after two", u, n)
		}
		p.update("pump-8", "serial", schema.StringOf("P-7"))
		p.settle()
		if n := p.source.asked(); n != 3 {
			t.Errorf("a changed key was asked for in %d questions, want one more: 3", n)
		}
	})
}

func TestRelatedEntitiesAreCountedAndRecountedWhenRelationsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, "ruleSet: crowd\non: Hall\ninputs: {big: {count: pumps, where: rated > 11}, all: {count: pumps}}\n"+
			"states:\n  - {state: full, when: all > 1 && big == 1}\n  - {state: some, when: all > 0}\n  - {state: empty}\n")
		defer p.close()
		s, stop := p.watch(Input{Entity: "hall-1", RuleSet: "crowd"})
		defer stop()
		p.settle()
		if u := s.at(0); u.State != "some" {
			t.Errorf("one pump: %+v, want some", u)
		}
		p.apply(graph.ChangeSet{Relationships: []graph.RelationshipChange{{From: "pump-8", Relation: "locatedIn", To: "hall-1"}}})
		p.settle()
		if u := s.at(0); u.State != "full" {
			t.Errorf("two pumps: %+v, want full", u)
		}
		p.apply(graph.ChangeSet{Relationships: []graph.RelationshipChange{
			{Op: graph.Unrelate, From: "pump-8", Relation: "locatedIn", To: "hall-1"}, {Op: graph.Unrelate, From: "pump-7", Relation: "locatedIn", To: "hall-1"}}})
		p.settle()
		if u := s.at(0); u.State != "empty" {
			t.Errorf("no pump: %+v, want empty", u)
		}
	})
}

func TestStatesThatNobodyAnswersAreUnknownAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules)
		defer p.close()
		begin := time.Now()
		s := p.states("pump-7")["bearing"]
		if waited := time.Since(begin); waited != firstAnswer || s.State != "" || !cmp.Equal(s.Unknown, []string{"t"}) {
			t.Errorf("after %v: %+v, want unknown after %v", waited, s, firstAnswer)
		}
		if list, err := p.hub.States(context.Background(), []graph.EntityID{"nobody"}); err != nil || len(list) != 1 || len(list[0]) != 0 {
			t.Errorf("States(nobody) = %v, %v", list, err)
		}
	})
}

func TestWatchStatesTellsWhichEntityChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules, loadRules)
		defer p.close()
		var one, any []graph.EntityID
		stop := p.hub.WatchStates([]graph.EntityID{"pump-7"}, func(id graph.EntityID) { one = append(one, id) })
		defer p.hub.WatchStates(nil, func(id graph.EntityID) { any = append(any, id) })()
		p.settle()
		one, any = nil, nil
		p.push("pumps/P-8/bearing", 20)
		p.push("pumps/P-7/bearing", 20)
		if !cmp.Equal(one, []graph.EntityID{"pump-7"}) || !cmp.Equal(any, []graph.EntityID{"pump-8", "pump-7"}) {
			t.Errorf("told %v and %v", one, any)
		}
		var late []graph.EntityID
		defer p.hub.WatchStates([]graph.EntityID{"pump-9"}, func(id graph.EntityID) { late = append(late, id) })()
		p.apply(graph.ChangeSet{Entities: []graph.EntityChange{pump("pump-9", "P-9", 1)}})
		p.settle()
		late = nil
		p.push("pumps/P-9/bearing", 20)
		if !cmp.Equal(late, []graph.EntityID{"pump-9"}) {
			t.Errorf("told %v of an entity that was created later", late)
		}
		stop()
		p.push("pumps/P-7/bearing", 95)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if len(one) != 1 {
			t.Errorf("told %v after stop", one)
		}
	})
}

func TestSwapKeepsRunningStatesOfUnchangedSets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t, bearingRules, loadRules)
		defer p.close()
		s, stop := p.watch(Input{Entity: "pump-7", RuleSet: "bearing"}, Input{Entity: "pump-7", RuleSet: "new"}, Input{Entity: "pump-7", Path: "fresh"})
		defer stop()
		p.push("pumps/P-8/bearing", 20)
		p.push("pumps/P-7/bearing", 20)
		p.push("pumps/P-7/bearing", 95)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		since := s.at(0).Since
		begun := p.source.begun()
		m := parse(t, strings.Replace(plantModel, "rated: Float", "rated: Float\n  fresh: String", 1))
		b := book(t, m, bearingRules, "ruleSet: new\non: Pump\ninputs: {t: bearing}\nstates:\n  - {state: hot, when: t > 10}\n  - {state: cold}\n")
		if err := p.hub.Swap(context.Background(), m, b); err != nil {
			t.Fatal(err)
		}
		p.update("pump-7", "fresh", schema.StringOf("x"))
		p.settle()
		if u := s.at(0); u.State != "alarm" || !u.Since.Equal(since) || since.IsZero() {
			t.Errorf("the unchanged set: %+v, want alarm since %v", u, since)
		}
		if u := s.at(1); u.State != "hot" {
			t.Errorf("the new set: %+v, want hot", u)
		}
		if u := s.at(2); u.Value.Text() != "x" {
			t.Errorf("the new property: %+v, want x", u)
		}
		if p.source.begun() != begun {
			t.Error("a swap watched sources anew")
		}
		b = book(t, m, strings.Replace(bearingRules, "90.0", "99.0", 1))
		if err := p.hub.Swap(context.Background(), m, b); err != nil {
			t.Fatal(err)
		}
		p.settle()
		if u := s.at(0); u.State != "ok" || len(p.alarms()) != 0 {
			t.Errorf("with a higher limit: %+v, %v, want ok and no alarm", u, p.alarms())
		}
		if u := s.at(1); u.Status != connectors.NotFound {
			t.Errorf("the removed set: %+v, want NOT_FOUND", u)
		}
	})
}
