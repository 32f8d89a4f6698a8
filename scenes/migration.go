package scenes

import "mereon/scenes/gltfdoc"

// Migration says what becomes of the addresses of a scene when a document is replaced by another export of it.
type Migration struct {
	Document string           `json:"document"` // its id in the scene
	From     string           `json:"from"`     // hash
	To       string           `json:"to"`
	Entries  []MigrationEntry `json:"entries"`
}

// MigrationEntry is the fate of one address.
type MigrationEntry struct {
	Address    string   `json:"address"`
	Outcome    Outcome  `json:"outcome"`
	By         string   `json:"by,omitempty"`
	OldPath    string   `json:"oldPath,omitempty"`
	NewPath    string   `json:"newPath,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
}

// Losses returns the number of addresses that led somewhere and lead nowhere now: replacing needs an explicit yes.
func (m Migration) Losses() (n int) {
	for _, e := range m.Entries {
		if e.Gone() {
			n++
		}
	}
	return n
}

// Gone says whether the address led to a node and leads to none now.
func (e MigrationEntry) Gone() bool {
	return e.OldPath != "" && (e.Outcome == Lost || e.Outcome == Ambiguous)
}

// maxNearest bounds the lost addresses for which the nearest nodes are looked for.
const maxNearest = 100

// Migrate resolves every address in the old and the new document. An address without a fingerprint gets that of the node
// it names in the old document, so that renamed nodes are recognised by their place and geometry.
func Migrate(id string, from, to *gltfdoc.Document, addresses []Address) Migration {
	m := Migration{Document: id, From: from.Hash, To: to.Hash}
	before, after := NewResolver(from), NewResolver(to)
	lost := 0
	for _, a := range addresses {
		old := before.find(a)
		if old.Node >= 0 && a.Fingerprint == nil {
			a.Fingerprint = FingerprintOf(from, old.Node)
		}
		found := after.find(a)
		if found.Outcome == Lost && lost < maxNearest {
			lost++
			found.Candidates = after.nearest(a)
		}
		entry := MigrationEntry{Address: a.String(), Outcome: found.Outcome, By: found.By, Candidates: found.Candidates}
		if old.Node >= 0 {
			entry.OldPath = from.Nodes[old.Node].Path
		}
		if found.Node >= 0 {
			entry.NewPath = to.Nodes[found.Node].Path
		}
		m.Entries = append(m.Entries, entry)
	}
	return m
}
