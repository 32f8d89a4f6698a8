package expr

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"mereon/schema"
	"mereon/schema/fault"
)

// celValue converts a value that is not null.
func celValue(v schema.Value) (ref.Val, error) {
	switch v.Kind() {
	case schema.BoolValue:
		return types.Bool(v.Bool()), nil
	case schema.IntValue, schema.FloatValue, schema.DecimalValue:
		return types.Double(v.Float()), nil
	case schema.StringValue:
		return celText(v.Text())
	case schema.DateValue:
		t, err := time.Parse(time.DateOnly, v.Text())
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no date", v.Text())
		}
		return types.Timestamp{Time: t}, nil
	case schema.DateTimeValue:
		return types.Timestamp{Time: v.Time()}, nil
	case schema.DurationValue:
		return types.Duration{Duration: v.Duration()}, nil
	case schema.JSONValue:
		return celJSON(v.Text())
	case schema.ListValue:
		return celList(v.List())
	}
	return types.NullValue, nil
}

func celText(s string) (ref.Val, error) {
	if len(s) > MaxText {
		return nil, fault.New(fault.Limit, "the text has %d bytes, expressions take at most %d", len(s), MaxText)
	}
	return types.String(s), nil
}

func celJSON(text string) (ref.Val, error) {
	if len(text) > MaxText {
		return nil, fault.New(fault.Limit, "the JSON has %d bytes, expressions take at most %d", len(text), MaxText)
	}
	var decoded any
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		return nil, fault.New(fault.Invalid, "it is not valid JSON")
	}
	return types.DefaultTypeAdapter.NativeToValue(decoded), nil
}

func celList(elements []schema.Value) (ref.Val, error) {
	if len(elements) > MaxList {
		return nil, fault.New(fault.Limit, "the list has %d elements, expressions take at most %d", len(elements), MaxList)
	}
	out := make([]ref.Val, len(elements))
	for i, e := range elements {
		v, err := celValue(e)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return types.NewRefValList(types.DefaultTypeAdapter, out), nil
}

// value converts a result to the type wanted. Errors are Invalid.
func (p *Program) value(out ref.Val) (schema.Value, error) {
	if p.want.List {
		list, ok := out.(traits.Lister)
		if !ok {
			return schema.Null, p.mismatch(out)
		}
		var elements []schema.Value
		for it := list.Iterator(); it.HasNext() == types.True; {
			v, err := p.scalar(it.Next())
			if err != nil {
				return schema.Null, err
			}
			elements = append(elements, v)
		}
		return schema.ListOf(elements), nil
	}
	return p.scalar(out)
}

func (p *Program) scalar(out ref.Val) (schema.Value, error) {
	if p.want.Scalar == schema.JSON {
		return jsonResult(out)
	}
	switch x := out.(type) {
	case types.Double:
		return p.number(float64(x), out)
	case types.Int:
		return p.number(float64(x), out)
	case types.Bool:
		if p.want.Scalar == schema.Boolean {
			return schema.BoolOf(bool(x)), nil
		}
	case types.String:
		return p.textResult(string(x), out)
	case types.Timestamp:
		switch p.want.Scalar {
		case schema.DateTime:
			return schema.TimeOf(x.Time), nil
		case schema.Date:
			return schema.DateOf(x.Time.UTC().Format(time.DateOnly)), nil
		}
	case types.Duration:
		if p.want.Scalar == schema.Duration {
			return schema.DurationOf(x.Duration), nil
		}
	case types.Null:
		return schema.Null, nil
	}
	return schema.Null, p.mismatch(out)
}

// exactWhole is the largest whole number below which every whole number has a float64 of its own.
const exactWhole = 1 << 53

func (p *Program) number(x float64, out ref.Val) (schema.Value, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return schema.Null, fault.New(fault.Invalid, "the result is not a finite number")
	}
	switch p.want.Scalar {
	case schema.Float:
		return schema.FloatOf(x), nil
	case schema.Decimal:
		return schema.DecimalOf(strconv.FormatFloat(x, 'f', -1, 64)), nil
	case schema.Int, schema.Long:
		limit := float64(exactWhole)
		if p.want.Scalar == schema.Int {
			limit = math.MaxInt32
		}
		if x != math.Trunc(x) || math.Abs(x) > limit {
			return schema.Null, fault.New(fault.Invalid, "the result %v is no %s; use round(...)", x, p.want.Scalar)
		}
		return schema.IntOf(int64(x)), nil
	}
	return schema.Null, p.mismatch(out)
}

func (p *Program) textResult(s string, out ref.Val) (schema.Value, error) {
	if p.want.Scalar != schema.String && p.want.Scalar != schema.ID {
		return schema.Null, p.mismatch(out)
	}
	if p.enum != nil && !slices.Contains(p.enum, s) {
		return schema.Null, fault.New(fault.Invalid, "the result %q is no value of %s", s, p.want.Enum)
	}
	return schema.StringOf(s), nil
}

func (p *Program) mismatch(out ref.Val) error {
	return fault.New(fault.Invalid, "the result is %s, needed is %s", typeText(out.Type().TypeName()), typeText(celType(p.want).String()))
}

func jsonResult(out ref.Val) (schema.Value, error) {
	native, err := out.ConvertToNative(types.JSONValueType)
	if err != nil {
		return schema.Null, fault.New(fault.Invalid, "the result cannot be written as JSON")
	}
	m, ok := native.(json.Marshaler)
	if !ok {
		return schema.Null, fault.New(fault.Invalid, "the result cannot be written as JSON: %s", fmt.Sprintf("%T", native))
	}
	text, err := m.MarshalJSON()
	if err != nil {
		return schema.Null, fault.New(fault.Invalid, "the result cannot be written as JSON")
	}
	return schema.JSONOf(string(text)), nil
}
