package twinmaker

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path"
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
		w.other = append(w.other, name)
		return nil
	}
	if _, err := strconv.ParseInt(first[0], 10, 64); err != nil {
		w.other = append(w.other, name)
		return nil
	}
	w.tables = append(w.tables, table{name: "telemetry/" + path.Base(name), data: data})
	return nil
}

// connectors writes the connector part of mereon.yaml. The clock is pinned to the last row, so that the newest values of
// the recording are the current ones.
func (w *workspace) connectors() string {
	if len(w.tables) == 0 {
		return ""
	}
	return fmt.Sprintf(`connectors:
  %s:
    kind: file
    path: %s
    header: false
    columns: [{time: epoch-ms}, type, asset, attribute, value, valueType]
    replay: {now: end}     # or {loop: true}: the recording plays again and again, as if it were live
`, connectorName, w.tables[0].name)
}
