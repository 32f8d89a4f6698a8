// Package unit owns units of measure: codes of UCUM (the Unified Code for Units of Measure) for SI and the units that
// industry uses, compared by dimension and converted, temperatures with their zero point included.
//
//	f, err := unit.Convert(20, "Cel", "[degF]") // 68
//	c, err := unit.Between("m3/h", "L/min")     // compiled once, for many values
//	f = c.Apply(12.5)
//
// It differs from UCUM where a mistake would pass unseen: amounts of substance and information have dimensions of their own, so
// that mol and By are not plain numbers; logarithmic units (dB, [pH]) and arbitrary ones ([iU]) convert only by prefix.
// Temperatures with a zero point (Cel, [degF]) stand alone: a difference is in K.
package unit
