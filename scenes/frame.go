package scenes

import (
	"encoding/json"
	"strconv"

	"mereon/connectors"
)

// Frame is one message to viewers: the JSON text of FRAMES.md. Its bytes are shared by everybody who receives the same and
// must not be changed.
type Frame struct {
	Epoch string
	Seq   uint64 // where a viewer that took the frame is; "Epoch:Seq" resumes
	Data  []byte
}

// Cursor returns the text that resumes after this frame.
func (f Frame) Cursor() string { return f.Epoch + ":" + strconv.FormatUint(f.Seq, 10) }

// encoder writes frames.
type encoder struct{ b []byte }

func (e *encoder) begin(epoch string, seq uint64) {
	e.b = append(e.b, `{"epoch":"`...)
	e.b = append(e.b, epoch...)
	e.b = append(e.b, `","seq":`...)
	e.b = strconv.AppendUint(e.b, seq, 10)
}

func (e *encoder) number(key string, n int64) {
	e.b = append(e.b, `,"`...)
	e.b = append(e.b, key...)
	e.b = append(e.b, `":`...)
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) end() []byte { return append(e.b, '}') }

// columns writes the values and qualities of slots, ascending, one column per kind that has any.
func (e *encoder) columns(t *table, outputs []output, values, qualities []int32) {
	var byKind [3][]int32
	for _, slot := range values {
		kind := t.programs[slot].kind
		byKind[kind] = append(byKind[kind], slot)
	}
	for kind, slots := range byKind {
		if len(slots) == 0 {
			continue
		}
		e.slots(slotKindNames[kind], slots)
		e.b = append(e.b, `,"v":[`...)
		for i, slot := range slots {
			e.comma(i)
			e.value(slotKind(kind), &outputs[slot])
		}
		e.b = append(e.b, `]}`...)
	}
	if len(qualities) > 0 {
		e.qualities(outputs, qualities)
	}
}

func (e *encoder) slots(key string, slots []int32) {
	e.b = append(e.b, `,"`...)
	e.b = append(e.b, key...)
	e.b = append(e.b, `":{"slots":[`...)
	for i, slot := range slots {
		e.comma(i)
		e.b = strconv.AppendInt(e.b, int64(slot), 10)
	}
	e.b = append(e.b, ']')
}

func (e *encoder) comma(i int) {
	if i > 0 {
		e.b = append(e.b, ',')
	}
}

func (e *encoder) value(kind slotKind, o *output) {
	switch {
	case !o.known:
		e.b = append(e.b, "null"...)
	case kind == scalarSlot:
		e.b = strconv.AppendFloat(e.b, o.number, 'g', -1, 32)
	default:
		e.text(o.text)
	}
}

// text writes a JSON string; most need no escape.
func (e *encoder) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= 0x80 {
			quoted, err := json.Marshal(s)
			if err != nil { // a Go string always becomes JSON
				quoted = []byte(`""`)
			}
			e.b = append(e.b, quoted...)
			return
		}
	}
	e.b = append(e.b, '"')
	e.b = append(e.b, s...)
	e.b = append(e.b, '"')
}

func (e *encoder) qualities(outputs []output, slots []int32) {
	e.slots("quality", slots)
	e.b = append(e.b, `,"v":[`...)
	for i, slot := range slots {
		e.comma(i)
		e.text(string(outputs[slot].status))
	}
	e.b = append(e.b, `],"t":[`...)
	for i, slot := range slots {
		e.comma(i)
		if outputs[slot].newest == 0 {
			e.b = append(e.b, "null"...)
		} else {
			e.b = strconv.AppendInt(e.b, outputs[slot].newest, 10)
		}
	}
	e.b = append(e.b, `]}`...)
}

// heading writes scene and slot table.
func (e *encoder) heading(t *table, tick int64) error {
	scene, err := json.Marshal(t.header)
	if err != nil {
		return err
	}
	slots := []byte("[]")
	if len(t.slots) > 0 {
		if slots, err = json.Marshal(t.slots); err != nil {
			return err
		}
	}
	e.number("tick", tick)
	e.b = append(append(e.b, `,"scene":`...), scene...)
	e.b = append(append(e.b, `,"slots":`...), slots...)
	return nil
}

// notFresh returns the slots whose quality is not OK.
func notFresh(outputs []output) (slots []int32) {
	for i := range outputs {
		if outputs[i].status != connectors.OK {
			slots = append(slots, int32(i))
		}
	}
	return slots
}
