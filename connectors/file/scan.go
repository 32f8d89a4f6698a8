package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxRow      = 1 << 20  // bytes of one row
	maxQuoted   = 64 << 10 // bytes that a quoted text with line ends may span
	maxOpenRows = 100      // rows with an open quote after which quoted line ends are no longer looked for
	window      = 256 << 10
)

// scanner finds the rows of a file and their places.
type scanner struct {
	from      io.ReaderAt
	json      bool
	delimiter byte

	buffer []byte
	start  int64 // of buffer in the file
	at     int64 // of the next row
	line   int
	end    bool
	open   int // rows whose quote was never closed
}

// raw is one row as it is in the file.
type raw struct {
	text   []byte // without line end; valid until the next row
	at     int64
	line   int
	broken string // why it cannot be read, "" when it can
}

func newScanner(from io.ReaderAt, l *layout) *scanner {
	return &scanner{from: from, json: l.json, delimiter: l.delimiter, line: 1}
}

// next returns the next row that is not empty; io.EOF after the last.
func (s *scanner) next() (raw, error) {
	for {
		r, n, lines, err := s.row()
		if err != nil {
			return raw{}, err
		}
		r.at, r.line = s.at, s.line
		s.at += int64(n)
		s.line += lines
		if mark := []byte("\xef\xbb\xbf"); r.at == 0 && bytes.HasPrefix(r.text, mark) {
			r.text, r.at = r.text[len(mark):], int64(len(mark))
		}
		if len(bytes.TrimSpace(r.text)) > 0 || r.broken != "" {
			return r, nil
		}
	}
}

// row cuts one row from the window: its size in the file with the line end, and the number of its lines.
func (s *scanner) row() (r raw, size, lines int, err error) {
	text, err := s.ahead(0)
	if err != nil {
		return r, 0, 0, err
	}
	limit := maxQuoted
	for from, inside := 0, false; ; lines++ {
		end := bytes.IndexByte(text[from:], '\n')
		if end < 0 && !s.end {
			if text, err = s.ahead(len(text) + 1); err != nil {
				return r, 0, 0, err
			}
			if len(text) > maxRow {
				return s.skip(text)
			}
			end = bytes.IndexByte(text[from:], '\n')
			if end < 0 && !s.end {
				lines--
				continue
			}
		}
		stop, next := len(text), len(text)
		if end >= 0 {
			stop, next = from+end, from+end+1
		}
		if !s.json {
			inside = quoted(text[from:stop], s.delimiter, inside)
		}
		if !inside {
			return raw{text: bytes.TrimSuffix(text[:stop], []byte("\r"))}, next, lines + 1, nil
		}
		if end < 0 || next > limit || s.open > maxOpenRows {
			s.open++
			first := bytes.IndexByte(text, '\n') + 1
			if first == 0 {
				first = len(text)
			}
			return raw{text: text[:first], broken: "a quote is not closed"}, first, 1, nil
		}
		from = next
		if from == len(text) {
			if text, err = s.ahead(len(text) + 1); err != nil {
				return r, 0, 0, err
			}
		}
	}
}

// skip passes over a row that is too long.
func (s *scanner) skip(text []byte) (raw, int, int, error) {
	size := 0
	for {
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			return raw{broken: fmt.Sprintf("the row is longer than %d bytes", maxRow)}, size + end + 1, 1, nil
		}
		size += len(text)
		if s.end {
			return raw{broken: fmt.Sprintf("the row is longer than %d bytes", maxRow)}, size, 1, nil
		}
		s.start, s.buffer = s.start+int64(len(s.buffer)), nil
		saved := s.at
		s.at = s.start
		more, err := s.ahead(1)
		s.at = saved
		if err != nil && !errors.Is(err, io.EOF) {
			return raw{}, 0, 0, err
		}
		text = more
	}
}

// ahead returns at least want bytes from the next row on, fewer only at the end; io.EOF when there are none.
func (s *scanner) ahead(want int) ([]byte, error) {
	have := s.buffer[min(int64(len(s.buffer)), max(0, s.at-s.start)):]
	if len(have) >= max(1, want) || s.end && len(have) > 0 {
		return have, nil
	}
	if s.end {
		return nil, io.EOF
	}
	grown := make([]byte, len(have), len(have)+window)
	copy(grown, have)
	n, err := s.from.ReadAt(grown[len(have):cap(grown)], s.at+int64(len(have)))
	s.buffer, s.start = grown[:len(have)+n], s.at
	if errors.Is(err, io.EOF) {
		s.end = true
	} else if err != nil {
		return nil, err
	}
	if len(s.buffer) == 0 {
		return nil, io.EOF
	}
	return s.buffer, nil
}

// quoted says whether a line of CSV ends inside a quoted text, when it begins inside one or not.
func quoted(line []byte, delimiter byte, inside bool) bool {
	start := !inside
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case inside && c == '"' && i+1 < len(line) && line[i+1] == '"':
			i++
		case inside && c == '"':
			inside, start = false, false
		case inside:
		case start && c == '"':
			inside = true
		default:
			start = c == delimiter
		}
	}
	return inside
}

// fields divides a row of CSV. Quotes inside a text that does not begin with one are part of it.
func fields(text string, delimiter byte, into []string) []string {
	for {
		if !strings.HasPrefix(text, `"`) {
			end := strings.IndexByte(text, delimiter)
			if end < 0 {
				return append(into, text)
			}
			into, text = append(into, text[:end]), text[end+1:]
			continue
		}
		value, rest := unquote(text[1:])
		end := strings.IndexByte(rest, delimiter)
		if end < 0 {
			return append(into, value+rest)
		}
		into, text = append(into, value+rest[:end]), rest[end+1:]
	}
}

func unquote(text string) (value, rest string) {
	end := strings.IndexByte(text, '"')
	if end < 0 {
		return text, ""
	}
	if !strings.HasPrefix(text[end+1:], `"`) {
		return text[:end], text[end+1:]
	}
	var b strings.Builder
	for {
		end := strings.IndexByte(text, '"')
		if end < 0 {
			b.WriteString(text)
			return b.String(), ""
		}
		b.WriteString(text[:end])
		text = text[end+1:]
		if !strings.HasPrefix(text, `"`) {
			return b.String(), text
		}
		b.WriteByte('"')
		text = text[1:]
	}
}

// object reads a row of NDJSON: texts as they are, everything else as its JSON, null as absent.
func object(text []byte) (map[string]string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("it is not a JSON object")
	}
	out := make(map[string]string, len(members))
	for name, value := range members {
		var s string
		switch {
		case string(value) == "null":
			out[name] = absent
		case value[0] == '"' && json.Unmarshal(value, &s) == nil:
			out[name] = s
		default:
			out[name] = string(value)
		}
	}
	return out, nil
}
