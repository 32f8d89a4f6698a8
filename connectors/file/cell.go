package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// cell reads one text as a value of the column's type.
func (c *column) cell(text string, l *layout) (schema.Value, error) {
	if l.null[text] {
		return schema.Null, nil
	}
	if c.codes != nil {
		if name, ok := c.codes[text]; ok {
			text = name
		}
		if l.null[text] {
			return schema.Null, nil
		}
	}
	return valueOf(text, c.typ, c.format, l.zone)
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func valueOf(text string, t schema.Scalar, f format, zone *time.Location) (schema.Value, error) {
	wrong := func() (schema.Value, error) {
		return schema.Null, fmt.Errorf("%q is no %s", clip(text), t)
	}
	switch t {
	case schema.Int, schema.Long:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || i > 1<<53 || i < -1<<53 {
			return wrong()
		}
		return schema.IntOf(i), nil
	case schema.Float:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return wrong()
		}
		return schema.FloatOf(n), nil
	case schema.Decimal:
		if !decimal.MatchString(text) {
			return wrong()
		}
		return schema.DecimalOf(text), nil
	case schema.Boolean:
		switch strings.ToLower(text) {
		case "true", "1", "yes", "y", "t":
			return schema.BoolOf(true), nil
		case "false", "0", "no", "n", "f":
			return schema.BoolOf(false), nil
		}
		return wrong()
	case schema.Date:
		at, err := f.time(text, time.UTC)
		return schema.DateOf(at.Format(time.DateOnly)), err
	case schema.DateTime:
		at, err := f.time(text, zone)
		return schema.TimeOf(at), err
	case schema.Duration:
		d, err := schema.ParseDuration(text)
		return schema.DurationOf(d), err
	case schema.JSON:
		var b bytes.Buffer
		if err := json.Compact(&b, []byte(text)); err != nil {
			return schema.JSONOf(strconv.Quote(text)), nil
		}
		return schema.JSONOf(b.String()), nil
	}
	return schema.StringOf(text), nil
}

// sourceTypes are names of types in files, as written by databases.
var sourceTypes = map[string]schema.Scalar{"double": schema.Float, "float": schema.Float, "real": schema.Float, "varchar": schema.String,
	"string": schema.String, "text": schema.String, "bigint": schema.Long, "int": schema.Long, "integer": schema.Long, "long": schema.Long,
	"boolean": schema.Boolean, "bool": schema.Boolean}

// loose reads a text whose type nobody declared: a number, true or false, else a text.
func loose(text string) schema.Value {
	possible := guess(text)
	switch {
	case possible&mayInt != 0:
		v, _ := valueOf(text, schema.Long, format{}, nil) // guess has tried it
		return v
	case possible&mayFloat != 0:
		v, _ := valueOf(text, schema.Float, format{}, nil)
		return v
	case possible&mayBool != 0:
		return schema.BoolOf(text == "true")
	}
	return schema.StringOf(text)
}

// qualityOf reads names and the codes of OPC.
//
// Source: OPC Data Access 3.00, section 6.8 "OPC Quality flags".
func qualityOf(text string) connectors.Quality {
	switch strings.ToLower(text) {
	case "", "good", "ok":
		return connectors.Good
	case "uncertain":
		return connectors.Uncertain
	}
	if n, err := strconv.Atoi(text); err == nil {
		switch n & 0xc0 {
		case 0xc0:
			return connectors.Good
		case 0x40:
			return connectors.Uncertain
		}
	}
	return connectors.Bad
}
