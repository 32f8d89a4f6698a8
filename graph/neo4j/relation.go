package neo4j

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"sync"
)

var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,60}$`)

// oddName begins the relationship types of relations whose names are not plain.
const oddName = "x_"

// relationshipType names the relationship type of a relation in Neo4j: its own name where that is plain, else its bytes
// in hexadecimal digits, so that whatever a relation is called, a text stays a statement of ours.
func relationshipType(relation string) string {
	if plainName.MatchString(relation) && !strings.HasPrefix(relation, oddName) {
		return relation
	}
	return oddName + hex.EncodeToString([]byte(relation))
}

// relationOf is the way back.
func relationOf(relationshipType string) string {
	if odd, ok := strings.CutPrefix(relationshipType, oddName); ok {
		if name, err := hex.DecodeString(odd); err == nil {
			return string(name)
		}
	}
	return relationshipType
}

// typesOf joins relationship types for a statement, each once.
func typesOf(relations []string) string {
	types := make([]string, 0, len(relations))
	for _, r := range relations {
		types = append(types, "`"+relationshipType(r)+"`")
	}
	slices.Sort(types)
	return strings.Join(slices.Compact(types), "|")
}

// syncMap keeps texts by statement.
type syncMap struct {
	mu   sync.RWMutex
	kept map[statement]string
}

func (m *syncMap) load(s statement) (string, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	text, ok := m.kept[s]
	return text, ok
}

func (m *syncMap) store(s statement, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) > 4096 {
		m.kept = map[statement]string{}
	}
	m.kept[s] = text
}
