package twinmaker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
)

// motionClip is the clip of the bodies below: one turn, or one arrow's length, a second at speed 1.
const motionClip = "Motion"

// motionShape names the body for a shape of the service.
func motionShape(shape string) string {
	switch shape {
	case "LinearPlane":
		return "motion-plane"
	case "LinearCylinder":
		return "motion-cylinder"
	}
	return "motion-circle"
}

// arrows is how many arrows go around or along a body.
const arrows = 6

// motionBody makes a GLB of arrows that move: around the y axis for a circle, along it for a cylinder, along x for a plane.
func motionBody(shape string) ([]byte, error) {
	var positions [][3]float32
	for i := range arrows {
		for _, corner := range [...][2]float64{{0, -0.1}, {0.6, 0}, {0, 0.1}} {
			positions = append(positions, arrowPoint(shape, (float64(i)+corner[0])/arrows, corner[1]))
		}
	}
	path, from, to := "rotation", [][]float32{{0, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 0, -1}}, 3
	if shape != "motion-circle" {
		step := float32(1.0) / arrows
		end := []float32{0, step, 0}
		if shape == "motion-plane" {
			end = []float32{step, 0, 0}
		}
		path, from, to = "translation", [][]float32{{0, 0, 0}, end}, 2
	}
	var times []float32
	for i := range to {
		times = append(times, float32(i)/float32(to-1))
	}
	return glb(shape, positions, times, path, from)
}

func arrowPoint(shape string, along, across float64) [3]float32 {
	switch shape {
	case "motion-plane":
		return [3]float32{float32(along - 0.5), 0, float32(across)}
	case "motion-cylinder":
		angle := across * 2
		return [3]float32{float32(0.5 * math.Sin(angle)), float32(along - 0.5), float32(0.5 * math.Cos(angle))}
	}
	angle := along * 2 * math.Pi
	return [3]float32{float32(0.5 * math.Cos(angle)), float32(across), float32(-0.5 * math.Sin(angle))}
}

// glb packs one mesh of triangles, seen from both sides, with one animation.
//
// Source: glTF 2.0 specification, "GLB File Format Specification".
func glb(name string, positions [][3]float32, times []float32, path string, values [][]float32) ([]byte, error) {
	var data bytes.Buffer
	low, high := positions[0], positions[0]
	for _, p := range positions {
		for k := range 3 {
			low[k], high[k] = min(low[k], p[k]), max(high[k], p[k])
		}
		_ = binary.Write(&data, binary.LittleEndian, p)
	}
	first := data.Len()
	_ = binary.Write(&data, binary.LittleEndian, times)
	second := data.Len()
	for _, v := range values {
		_ = binary.Write(&data, binary.LittleEndian, v)
	}
	width := map[int]string{3: "VEC3", 4: "VEC4"}[len(values[0])]
	document, err := json.Marshal(map[string]any{
		"asset": map[string]any{"version": "2.0", "generator": "mereon"},
		"scene": 0, "scenes": []any{map[string]any{"nodes": []int{0}}},
		"nodes":     []any{map[string]any{"name": name, "children": []int{1}}, map[string]any{"name": "Arrows", "mesh": 0}},
		"meshes":    []any{map[string]any{"name": "Arrows", "primitives": []any{map[string]any{"attributes": map[string]int{"POSITION": 0}, "material": 0}}}},
		"materials": []any{map[string]any{"name": "Arrows", "doubleSided": true, "pbrMetallicRoughness": map[string]any{"baseColorFactor": []float64{0.02, 0.6, 0.2, 1}, "metallicFactor": 0, "roughnessFactor": 0.7}}},
		"buffers":   []any{map[string]any{"byteLength": data.Len()}},
		"bufferViews": []any{
			map[string]any{"buffer": 0, "byteLength": first, "target": 34962},
			map[string]any{"buffer": 0, "byteOffset": first, "byteLength": second - first},
			map[string]any{"buffer": 0, "byteOffset": second, "byteLength": data.Len() - second},
		},
		"accessors": []any{
			map[string]any{"bufferView": 0, "componentType": 5126, "count": len(positions), "type": "VEC3", "min": low, "max": high},
			map[string]any{"bufferView": 1, "componentType": 5126, "count": len(times), "type": "SCALAR", "min": times[:1], "max": times[len(times)-1:]},
			map[string]any{"bufferView": 2, "componentType": 5126, "count": len(values), "type": width},
		},
		"animations": []any{map[string]any{"name": motionClip, "channels": []any{map[string]any{"sampler": 0, "target": map[string]any{"node": 1, "path": path}}}, "samplers": []any{map[string]any{"input": 1, "output": 2}}}},
	})
	if err != nil {
		return nil, err
	}
	for len(document)%4 != 0 {
		document = append(document, ' ')
	}
	var out bytes.Buffer
	const header, chunk = 12, 8
	_ = binary.Write(&out, binary.LittleEndian, []uint32{0x46546c67, 2, uint32(header + 2*chunk + len(document) + data.Len())})
	_ = binary.Write(&out, binary.LittleEndian, []uint32{uint32(len(document)), 0x4e4f534a})
	out.Write(document)
	_ = binary.Write(&out, binary.LittleEndian, []uint32{uint32(data.Len()), 0x004e4942})
	out.Write(data.Bytes())
	return out.Bytes(), nil
}
