package project_test

import (
	"strings"
	"testing"
	"time"

	"mereon/graph/exchange/project"
	"mereon/schema"
)

func readStore(t testing.TB, text string) (project.Store, string) {
	t.Helper()
	config, problems := project.ReadConfig(schema.File{Name: project.ConfigFile, Text: "project: p\n" + text})
	var said strings.Builder
	for _, p := range problems {
		said.WriteString(p.String() + "\n")
	}
	return config.Store, said.String()
}

func TestAStoreIsReadFromMereonYAML(t *testing.T) {
	s, said := readStore(t, `store:
  kind: neo4j
  url: neo4j://db:7687
  user: neo4j
  password: env:NEO4J_PASSWORD
  database: plant
  graph: Bottling
  log: {revisions: 5000, age: 7d}
  tls: {ca: ca.pem, certificate: client.pem, key: client.key, serverName: db.plant}
  mirror: {memory: 4GiB, copy: false, wait: 2s, lag: 1m}
`)
	if said != "" || s.Kind != project.StoreNeo4j || s.URL != "neo4j://db:7687" || s.Database != "plant" || s.Graph != "Bottling" || s.TLS.CA != "ca.pem" {
		t.Errorf("%+v\n%s", s, said)
	}
	if m := s.Mirror; !m.On() || m.OnDisk() || m.Memory != 4<<30 || m.Wait != 2*time.Second || m.Lag != time.Minute {
		t.Errorf("mirror: %+v", m)
	}
	if s.Log.Revisions != 5000 || s.Log.Age != 7*24*time.Hour {
		t.Errorf("log: %+v", s.Log)
	}
	if s, said := readStore(t, ""); said != "" || s.Kind != project.StoreEmbedded {
		t.Errorf("without a store: %+v %s", s, said)
	}
	if s, said := readStore(t, "store: {kind: neo4j, url: bolt://db, mirror: {enabled: false}}"); said != "" || s.Mirror.On() || !s.Mirror.OnDisk() {
		t.Errorf("without a mirror: %+v %s", s, said)
	}
}

func TestMistakesInAStoreAreSaidWithoutItsSecrets(t *testing.T) {
	for text, says := range map[string]string{
		"store: {kind: sqlite}":               `there is no store of kind "sqlite"`,
		"store: {kind: neo4j}":                "needs a url",
		"store: {url: neo4j://x}":             "store.url is for stores of kind neo4j",
		"store: {mirror: {}}":                 "store.mirror is for stores of kind neo4j",
		"store: {kind: neo4j, url: http://x}": "not the address of a Neo4j server",
		"store: {kind: neo4j, url: neo4j://x, user: n, password: hunter2}": "must be a reference",
		"store: {kind: neo4j, url: neo4j://x, password: env:P}":            "needs store.user",
		"store: {kind: neo4j, url: neo4j://n:hunter2@x}":                   "must not hold user and password",
		"store: {kind: neo4j, url: neo4j://x, tls: {certificate: a}}":      "a certificate or a key without the other",
		"store: {kind: neo4j, url: neo4j+s://x, tls: {ca: a}}":             "goes with neo4j:// and bolt:// only",
		"store: {kind: neo4j, url: neo4j://x, mirror: {memory: much}}":     "is no amount of memory",
		"store: {kind: neo4j, url: neo4j://x, mirror: {memory: -1}}":       "is no amount of memory",
		"store: {kind: neo4j, url: neo4j://x, mirror: {of: 1}}":            `unknown key "of"`,
		"store: {kind: neo4j, url: neo4j://x, maxChanges: -1}":             "store.maxChanges is negative",
		"store: {poll: 1s}":             "store.poll is for stores of kind neo4j",
		"store: {log: {revisions: -1}}": "store.log.revisions is negative",
		"store: {kind: neo4j, url: neo4j://x, user: n, password: hunter2, mirror: {memory: 1}, urls: 1}": `unknown key "urls"`,
	} {
		_, said := readStore(t, text)
		if !strings.Contains(said, says) {
			t.Errorf("%s: %s, want it to say %q", text, said, says)
		}
		if strings.Contains(said, "hunter2") {
			t.Errorf("%s: the message shows the secret: %s", text, said)
		}
	}
}

func TestAmountsOfMemory(t *testing.T) {
	for text, want := range map[string]project.Bytes{"1": 1, "4096": 4096, "1kB": 1000, "1KiB": 1024, "1XB": 0, "1kiB": 1024, "512MiB": 512 << 20, "4GB": 4e9, "2 TiB": 2 << 40, "999999TiB": 999999 << 40} {
		s, said := readStore(t, "store: {kind: neo4j, url: neo4j://x, mirror: {memory: "+text+"}}")
		if s.Mirror.Memory != want || (want == 0) != (said != "") {
			t.Errorf("%s = %d, want %d; %s", text, s.Mirror.Memory, want, said)
		}
	}
}
