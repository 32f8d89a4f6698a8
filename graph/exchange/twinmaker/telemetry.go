package twinmaker

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path"
	"slices"
	"strconv"
)

// connectorName is the name of the connector that recorded telemetry becomes.
const connectorName = "telemetry"

// table is one CSV file of telemetry: epoch milliseconds, asset type, asset, attribute, value, type of the value.
type table struct {
	name string // below the project folder
	data []byte
}

// telemetryColumns is how many columns the recordings of the samples have.
const telemetryColumns = 6

func (w *workspace) takeTable(name string, data []byte) error {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = -1
	first, err := reader.Read()
	if err != nil {
		return fmt.Errorf("not CSV: %w", err)
	}
	if len(first) != telemetryColumns {
		w.setAside(name, data)
		return nil
	}
	if _, err := strconv.ParseInt(first[0], 10, 64); err != nil {
		w.setAside(name, data)
		return nil
	}
	target := "telemetry/" + path.Base(name)
	if slices.ContainsFunc(w.tables, func(t table) bool { return t.name == target }) {
		target = "telemetry/" + name
	}
	w.tables = append(w.tables, table{name: target, data: data})
	return nil
}

// setAside keeps a file that nothing is made of.
func (w *workspace) setAside(name string, data []byte) {
	w.other, w.files[name] = append(w.other, name), data
}

// connectors writes the connector part of mereon.yaml. The clock is pinned to the last row, so that the newest values of
// the recording are the current ones. Where there are series and no recording, an empty one takes its place.
func (w *workspace) connectors(live bool, files map[string][]byte) string {
	tables := w.tables
	if len(tables) == 0 {
		if !live {
			return ""
		}
		tables = []table{{name: "telemetry/telemetry.csv"}}
		files[tables[0].name] = []byte("0,none,none,none,0,DOUBLE\n")
	}
	return fmt.Sprintf(`connectors:
  %s:
    kind: file
    path: %s
    header: false
    columns: [{time: epoch-ms}, type, asset, attribute, value, valueType]
    replay: {now: end}     # or {loop: true}: the recording plays again and again, as if it were live
`, connectorName, literal(tables[0].name))
}
