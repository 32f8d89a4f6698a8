package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/schema/access"
)

func (p *plant) rename(t testing.TB, id, name string) {
	t.Helper()
	if r := p.query(t, fmt.Sprintf(`mutation { updatePump(id: %q, set: {name: %q}) { id } }`, id, name)); len(r.Errors) > 0 {
		t.Fatal(r.text)
	}
}

func (p *plant) computed() int64 {
	_, n := p.handler.LiveQueries()
	return n
}

func (p *plant) running() int {
	n, _ := p.handler.LiveQueries()
	return n
}

func nextData(data string) []string { return []string{"event: next", "data: " + data, ""} }

func TestEqualLiveQueriesAreComputedOnce(t *testing.T) {
	p := newPlant(t, roomy)
	const want = `{"data":{"pump":{"name":%q}}}`
	documents := []string{ // equal but for what makes no difference
		`subscription { pump(id: "p001") { name } }`,
		`subscription Named { pump ( id: "p001" ) { ...part } } fragment part on Pump { name }`,
		`subscription Other { pump(id: "p001") { ...named } } fragment named on Pump { name }`,
	}
	var sockets []dialled
	var streams []listener
	for n := range 9 {
		if n == 0 {
			d := p.openSocket(t)
			d.send(subscribe("0", documents[0]))
			d.expect(fmt.Sprintf(`{"id":"0","type":"next","payload":`+want+`}`, "Pump 1"))
			sockets = append(sockets, d)
			continue
		}
		d := p.openSocket(t)
		d.send(subscribe("s", documents[0]))
		d.expect(fmt.Sprintf(`{"id":"s","type":"next","payload":`+want+`}`, "Pump 1"))
		sockets = append(sockets, d)
		l := p.listen(t, documents[0])
		l.expect(append([]string{":", ""}, nextData(fmt.Sprintf(want, "Pump 1"))...)...)
		streams = append(streams, l)
	}
	if p.running() != 1 || p.computed() != 1 {
		t.Fatalf("%d live queries computed %d answers for 17 viewers", p.running(), p.computed())
	}
	for n := range 3 {
		name := fmt.Sprint("renamed ", n)
		p.rename(t, "p001", name)
		p.rename(t, "p002", name) // which nobody looks at
		for i, d := range sockets {
			d.expect(fmt.Sprintf(`{"id":%q,"type":"next","payload":`+want+`}`, map[bool]string{true: "0", false: "s"}[i == 0], name))
		}
		for _, l := range streams {
			l.expect(nextData(fmt.Sprintf(want, name))...)
		}
	}
	if p.running() != 1 || p.computed() != 4 {
		t.Errorf("%d live queries computed %d answers", p.running(), p.computed())
	}
	for _, document := range documents[1:] {
		d := p.openSocket(t)
		d.send(subscribe("x", document))
		d.expect(fmt.Sprintf(`{"id":"x","type":"next","payload":`+want+`}`, "renamed 2"))
		sockets = append(sockets, d)
	}
	if p.running() != 2 || p.computed() != 5 { // fragments stay apart from fields written out
		t.Errorf("%d live queries computed %d answers", p.running(), p.computed())
	}
	for _, d := range sockets {
		_ = d.CloseNow()
	}
	if p.running() == 0 {
		t.Error("the last viewer had not left")
	}
	p.CloseClientConnections()
	waitFor(t, func() bool { return p.running() == 0 })
}

func TestLiveQueriesOfOtherVariablesOrAudiencesAreTheirOwn(t *testing.T) {
	p := newPlant(t, roomy)
	d := p.openSocket(t)
	const document = `subscription($id: ID) { pump(id: $id) { name } }`
	for id, variables := range map[string]map[string]any{"a": {"id": "p001"}, "b": {"id": "p002"}, "c": {"id": "p001"}} {
		d.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":%s}`, id, requestOf(document, variables)))
	}
	for range 3 {
		d.read()
	}
	if p.running() != 2 {
		t.Errorf("%d live queries", p.running())
	}
	d.send(`{"id":"a","type":"complete"}`)
	d.send(`{"id":"c","type":"complete"}`)
	waitFor(t, func() bool { return p.running() == 1 })
}

func TestALateViewerSeesWhatWasWrittenBeforeItCame(t *testing.T) {
	p := newPlant(t, roomy)
	const document = `subscription { pump(id: "p001") { name } }`
	first := p.openSocket(t)
	first.send(subscribe("first", document))
	first.read()
	for n := range 40 {
		name := fmt.Sprint("written ", n)
		p.rename(t, "p001", name)
		d := p.openSocket(t)
		d.send(subscribe("s", document))
		d.expect(fmt.Sprintf(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":%q}}}}`, name))
		_ = d.CloseNow()
	}
	if p.running() != 1 {
		t.Errorf("%d live queries", p.running())
	}
}

func TestASlowViewerSkipsToTheNewestAndHoldsUpNobody(t *testing.T) {
	p := newPlant(t, roomy)
	ctx, stop := context.WithCancel(access.NewContext(t.Context(), access.Local))
	defer stop()
	op, refused := p.handler.prepare(ctx, &Request{Query: `subscription { pump(id: "p001") { name } }`})
	if refused != nil {
		t.Fatal(refused.answer().body)
	}
	blocked, resume, slow := make(chan struct{}), make(chan struct{}), make(chan string, 100)
	var viewers sync.WaitGroup
	viewers.Go(func() {
		for a := range p.handler.answers(ctx, op) {
			slow <- string(a.body)
			if len(slow) == 1 {
				close(blocked)
				<-resume
			}
		}
	})
	<-blocked
	fast := p.openSocket(t)
	fast.send(subscribe("s", `subscription { pump(id: "p001") { name } }`))
	fast.read()
	const changes = 10
	for n := range changes {
		name := fmt.Sprint("change ", n)
		p.rename(t, "p001", name)
		fast.expect(fmt.Sprintf(`{"id":"s","type":"next","payload":{"data":{"pump":{"name":%q}}}}`, name))
	}
	close(resume)
	waitFor(t, func() bool { return len(slow) == 2 })
	<-slow
	if got := <-slow; !strings.Contains(got, fmt.Sprint("change ", changes-1)) {
		t.Errorf("after %d changes the slow viewer was sent %s", changes, got)
	}
	stop()
	viewers.Wait()
}

func TestALiveQueryThatFailsEndsForEverybodyAndBeginsAnew(t *testing.T) {
	p := newPlant(t, roomy)
	for range 3 {
		d := p.openSocket(t)
		d.send(subscribe("s", `subscription { pumps(every: "1ms") { totalCount } }`))
		d.expectError("s", "LIMIT")
	}
	waitFor(t, func() bool { return p.running() == 0 })
}

func TestNothingWrittenAfterTheHeadersIsMissed(t *testing.T) {
	p := newPlant(t, roomy)
	for n := range 30 {
		l := p.listen(t, `subscription { entityChanges { id paths entity { name } } }`) // returns with the headers
		name := fmt.Sprint("n", n)
		p.rename(t, "p001", name)
		at := n + 2 // the first change of the plant is revision 2
		l.expect(append([]string{":", "", fmt.Sprintf("id: %d.0", at), "", fmt.Sprintf("id: %d.1", at)}, nextData(fmt.Sprintf(`{"data":{"entityChanges":{"id":"p001","paths":["name"],"entity":{"name":%q}}}}`, name))...)...)
	}
	d := p.openSocket(t)
	for n := range 30 {
		id, name := fmt.Sprint("s", n), fmt.Sprint("w", n)
		d.send(subscribe(id, `subscription { entityChanges(type: "Pump") { entity { name } } }`))
		d.send(subscribe("m"+id, fmt.Sprintf(`mutation { updatePump(id: "p002", set: {name: %q}) { id } }`, name)))
		seen := false
		for left := 3; left > 0 || !seen; left-- { // the change, and the two messages of the mutation
			text := d.read()
			seen = seen || strings.Contains(text, fmt.Sprintf(`{"id":%q,"type":"next"`, id))
		}
		d.send(fmt.Sprintf(`{"id":%q,"type":"complete"}`, id))
	}
}

// Every change arrives exactly once, in order, at a client whose connection breaks again and again while others write.
func TestTheFeedHasNoGapAndNoRepetitionOverReconnects(t *testing.T) {
	p := newPlant(t, roomy)
	const commits, perCommit = 60, 5
	from, err := p.handler.Current().Engine.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for n := range commits {
			var changes []string
			for k := range perCommit {
				changes = append(changes, fmt.Sprintf(`{update: {id: "p%03d", set: {name: "%d"}}}`, k, n))
			}
			if r := p.query(t, "mutation { apply(changes: ["+strings.Join(changes, ",")+"]) { revision } }"); len(r.Errors) > 0 {
				t.Error(r.text)
				return
			}
		}
	})
	cursor, got := "", 0
	for connection := 0; got < commits*perCommit && !t.Failed(); connection++ {
		arguments := fmt.Sprintf(`from: %d`, from)
		if cursor != "" {
			arguments = fmt.Sprintf(`after: %q`, cursor)
		}
		d := p.openSocket(t)
		d.send(subscribe("f", `subscription { entityChanges(`+arguments+`) { cursor revision id } }`))
		for range min(connection%7+1, commits*perCommit-got) { // breaks in the middle of commits too
			var m struct {
				Payload struct {
					Data struct {
						EntityChanges struct {
							Cursor, ID string
							Revision   int
						}
					}
				}
			}
			text := d.read()
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				t.Fatal(err)
			}
			c := m.Payload.Data.EntityChanges
			if c.Revision != int(from)+1+got/perCommit || c.ID != fmt.Sprintf("p%03d", got%perCommit) {
				t.Fatalf("change %d: %s", got, text)
			}
			cursor, got = c.Cursor, got+1
		}
		_ = d.CloseNow()
	}
	work.Wait()
}

func TestAStoppingServiceTellsViewersToComeAgain(t *testing.T) {
	p := newPlant(t, roomy)
	l := p.listen(t, `subscription { valves { totalCount } }`)
	l.expect(append([]string{":", ""}, nextData(`{"data":{"valves":{"totalCount":0}}}`)...)...)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.handler.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for l.Scan() {
		if line := l.Text(); line != ":" && line != "" {
			t.Errorf("the stream says %q at its end: a reader would not ask again", line)
		}
	}
}
