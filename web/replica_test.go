package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/web"
)

// replica serves a folder on a store that others share.
func replica(t testing.TB, dir string, store opener) *running {
	t.Helper()
	service, err := web.Open(context.Background(), web.Options{Dir: dir, Data: t.TempDir(), Version: "test", Store: store})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Service: service, Server: httptest.NewServer(service.Handler()), dir: dir}
	t.Cleanup(r.stop)
	return r
}

// onShared runs a test of replicas on stores of every kind that can be shared.
func onShared(t *testing.T, test func(t *testing.T, store opener)) {
	once(t)
	for _, kind := range []string{"memory", "neo4j"} {
		t.Run(kind, func(t *testing.T) { test(t, shared(t, kind)) })
	}
}

// eventually waits for what comes by itself, and says what did not.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func TestAModelAppliedOnOneReplicaIsServedOnTheOther(t *testing.T) {
	onShared(t, testModelOnReplicas)
}

func testModelOnReplicas(t *testing.T, store opener) {
	dir := smallFolder(t, "")
	a, b := replica(t, dir, store), replica(t, dir, store)
	var took []time.Duration
	for n := range 8 {
		writeModel(t, dir, n)
		to, other := a, b
		if n%2 == 1 {
			to, other = b, a
		}
		if r := to.post(t, "/project/apply", "application/zip", zipFolder(t, dir)); r.status != http.StatusOK {
			t.Fatal(r.text)
		}
		applied := time.Now()
		query := fmt.Sprintf("{ pumps { nodes { f%d } } }", n)
		if r := to.query(t, query, nil); len(r.Errors) > 0 {
			t.Fatalf("the replica that applied does not serve it: %s", r.text)
		}
		eventually(t, "the other replica serves the model", func() bool { return len(other.query(t, query, nil).Errors) == 0 })
		took = append(took, time.Since(applied))
	}
	slices.Sort(took)
	t.Logf("a model is live on the other replica after %s in the median, %s at most", took[len(took)/2], took[len(took)-1])
	writeFile(t, dir, "documents/numbers.graphql", "{ pumps { nodes { serialNumber } } }")
	if r := a.post(t, "/project/apply", "application/zip", zipFolder(t, dir)); r.status != http.StatusOK {
		t.Fatal(r.text)
	}
	eventually(t, "the other replica answers the trusted document", func() bool {
		status, _ := b.send(t, "GET", "/graphql?documentId=numbers", "")
		return status == http.StatusOK
	})
}

func TestOfTwoFoldersAppliedAtOnceOneWinsAndTheOtherIsToldTheDifference(t *testing.T) {
	onShared(t, testAppliesAtOnce)
}

func testAppliesAtOnce(t *testing.T, store opener) {
	dirs := []string{smallFolder(t, ""), smallFolder(t, "")}
	replicas := []*running{replica(t, dirs[0], store), replica(t, dirs[1], store)}
	lost := 0
	for round := 0; round < 200 && lost == 0; round++ {
		answers := make([]response, 2)
		var both sync.WaitGroup
		for i := range 2 {
			writeModel(t, dirs[i], 2*round+i)
			packed := zipFolder(t, dirs[i])
			both.Go(func() { answers[i] = replicas[i].post(t, "/project/apply", "application/zip", packed) })
		}
		both.Wait()
		won := 0
		for i, r := range answers {
			switch {
			case r.status == http.StatusOK:
				won++
			case r.status == http.StatusConflict && strings.Contains(r.text, "another folder was applied meanwhile") && strings.Contains(r.text, fmt.Sprintf("f%d", 2*round+i)):
				lost++
			default:
				t.Fatalf("apply: %d %s", r.status, r.text)
			}
		}
		if won == 0 {
			t.Fatalf("nobody won: %s", answers[0].text)
		}
	}
	if lost == 0 {
		t.Error("in 200 rounds no two applies met; the test proves nothing")
	}
}

func TestAReplicaThatDoesNotUnderstandTheModelOnlyReads(t *testing.T) {
	onShared(t, testOutdatedReplica)
}

func testOutdatedReplica(t *testing.T, store opener) {
	dir := smallFolder(t, "")
	s := replica(t, dir, store)
	shared, err := store(t.Context(), project.Store{}, web.StoreOptions{Data: t.TempDir(), Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	create := `mutation { createPump(input: {id: "p9", serialNumber: "S9"}) { id } }`
	if r := s.query(t, create, nil); len(r.Errors) > 0 {
		t.Fatal(r.text)
	}
	newer := graph.ArtifactChange{Kind: graph.ArtifactModel, Name: "model/pump.graphql", Data: []byte("type Pump @asset(of: TOMORROW) { serialNumber: String! }")}
	if _, err := shared.Apply(t.Context(), graph.ChangeSet{Artifacts: []graph.ArtifactChange{newer}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "writes are refused", func() bool {
		r := s.query(t, strings.ReplaceAll(create, "9", fmt.Sprint(time.Now().UnixNano())), nil)
		return len(r.Errors) > 0 && strings.Contains(r.text, "another replica applied a model")
	})
	if r := s.query(t, `{ pumps { nodes { id } } server { notice } }`, nil); len(r.Errors) > 0 || !strings.Contains(r.text, "for reading only") {
		t.Errorf("reads: %s", r.text)
	}
	text, err := os.ReadFile(filepath.Join(dir, "model", "pump.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	newer.Data = bytes.Clone(text)
	if _, err := shared.Apply(t.Context(), graph.ChangeSet{Artifacts: []graph.ArtifactChange{newer}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "writes go on", func() bool {
		return len(s.query(t, strings.ReplaceAll(create, "9", fmt.Sprint(time.Now().UnixNano())), nil).Errors) == 0
	})
}

// ask sends a query with a header and extensions.
func (r *running) ask(t testing.TB, query, header string, extensions map[string]any) (response, http.Header) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "extensions": extensions})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, r.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if header != "" {
		request.Header.Set("Mereon-Revision", header)
	}
	answer, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	result := response{status: answer.StatusCode}
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil {
		t.Fatal(err)
	}
	return result, answer.Header
}

func TestARequestMayDemandARevision(t *testing.T) {
	once(t)
	s := replica(t, smallFolder(t, ""), shared(t, "memory"))
	const list = `{ pumps { nodes { id } } }`
	first, header := s.ask(t, `mutation { createPump(input: {id: "p9", serialNumber: "S9"}) { id } }`, "", map[string]any{"revision": true})
	at := header.Get("Mereon-Revision")
	if at == "" || fmt.Sprint(first.Extensions.Revision) != at || len(first.Errors) > 0 {
		t.Fatalf("the answer carries the revisions %q and %v: %+v", at, first.Extensions.Revision, first.Errors)
	}
	if r, header := s.ask(t, list, at, nil); len(r.Errors) > 0 || header.Get("Mereon-Revision") != at || r.Extensions.Revision != 0 {
		t.Errorf("asked for revision %s: %+v at %s", at, r, header.Get("Mereon-Revision"))
	}
	var demanded float64
	fmt.Sscan(at, &demanded)
	if r, _ := s.ask(t, list, "", map[string]any{"revision": demanded}); len(r.Errors) > 0 || r.Extensions.Revision != demanded {
		t.Errorf("asked for extensions.revision %v: %+v", demanded, r)
	}
	for header, code := range map[string]string{"-1": "INVALID", "soon": "INVALID"} {
		if r, _ := s.ask(t, list, header, nil); len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != code {
			t.Errorf("asked for revision %q: %+v, want %s", header, r, code)
		}
	}
}

func TestAnEmbeddedStoreRefusesARevisionAheadOfIt(t *testing.T) {
	once(t)
	s := serveFolder(t, smallFolder(t, ""))
	if r, _ := s.ask(t, `{ pumps { nodes { id } } }`, "999", nil); len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "TIMEOUT" || r.Data != nil {
		t.Errorf("asked for revision 999: %+v, want TIMEOUT", r)
	}
}

func TestAMirrorIsMeasured(t *testing.T) {
	once(t)
	s := replica(t, smallFolder(t, ""), shared(t, "memory"))
	eventually(t, "reads run on the copy", func() bool {
		answer, err := s.Client().Get(s.URL + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		for _, want := range []string{"mereon_mirror_lag_seconds ", "mereon_mirror_behind_revisions 0", `mereon_mirror_state{state="mirrored"} 1`, "mereon_mirror_bytes "} {
			if !strings.Contains(string(text), want) {
				return false
			}
		}
		return true
	})
	answer, err := s.Client().Get(s.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("/readyz = %d", answer.StatusCode)
	}
}
