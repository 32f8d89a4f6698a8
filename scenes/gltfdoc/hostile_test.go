package gltfdoc

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// glb builds a GLB of a JSON text and a BIN chunk; the lengths are true.
func glb(json string, bin []byte) []byte {
	for len(json)%4 != 0 {
		json += " "
	}
	for len(bin)%4 != 0 {
		bin = append(bin, 0)
	}
	var b []byte
	total := glbHeader + chunkHeader + len(json)
	if bin != nil {
		total += chunkHeader + len(bin)
	}
	for _, n := range []int{glbMagic, 2, total, len(json), glbJSONChunk} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, json...)
	if bin != nil {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(bin)))
		b = binary.LittleEndian.AppendUint32(b, glbBINChunk)
		b = append(b, bin...)
	}
	return b
}

const asset = `"asset":{"version":"2.0"}`

// lyingGLB claims a JSON chunk of 4 GiB.
func lyingGLB() []byte {
	b := glb(`{`+asset+`}`, nil)
	binary.LittleEndian.PutUint32(b[12:], 0xFFFFFFFC)
	return b
}

func TestHostileDocumentsAreRefusedWithTheDefect(t *testing.T) {
	deepNodes := `{` + asset + `,"nodes":[{"name":"n"}`
	for i := range 400 {
		deepNodes += fmt.Sprintf(`,{"children":[%d]}`, i)
	}
	longNames := `{` + asset + `,"nodes":[{"name":"` + strings.Repeat("x", 100_000) + `","children":[1`
	for i := range 1000 {
		longNames += fmt.Sprintf(`,%d`, i+2)
	}
	longNames += `]}` + strings.Repeat(`,{"name":"y"}`, 1001) + `]}`
	cases := map[string]struct {
		data []byte
		code string
	}{
		"null buffer":           {[]byte(`{` + asset + `,"buffers":[null]}`), "ARRAY_TYPE_MISMATCH"},
		"chunk of 4 GiB":        {lyingGLB(), "GLB_UNEXPECTED_END_OF_CHUNK_DATA"},
		"negative byteLength":   {glb(`{`+asset+`,"buffers":[{"byteLength":-1}]}`, []byte{1}), "VALUE_NOT_IN_RANGE"},
		"buffer of 2 GiB":       {glb(`{`+asset+`,"buffers":[{"byteLength":2147483648}]}`, []byte{1}), "BUFFER_BYTE_LENGTH_MISMATCH"},
		"huge accessor":         {[]byte(`{` + asset + `,"accessors":[{"componentType":5126,"type":"VEC3","count":200000000}]}`), "VALUE_NOT_IN_RANGE"},
		"accessor before data":  {glb(`{`+asset+`,"buffers":[{"byteLength":4}],"bufferViews":[{"buffer":0,"byteLength":4}],"accessors":[{"bufferView":0,"byteOffset":-5,"componentType":5126,"type":"SCALAR","count":1}]}`, []byte{0, 0, 0, 0}), "VALUE_NOT_IN_RANGE"},
		"accessor beyond data":  {glb(`{`+asset+`,"buffers":[{"byteLength":4}],"bufferViews":[{"buffer":0,"byteLength":4}],"accessors":[{"bufferView":0,"componentType":5126,"type":"SCALAR","count":9007199254740991}]}`, []byte{0, 0, 0, 0}), "ACCESSOR_TOO_LONG"},
		"own child":             {[]byte(`{` + asset + `,"nodes":[{"children":[0]}]}`), "NODE_LOOP"},
		"two parents":           {[]byte(`{` + asset + `,"nodes":[{"children":[2]},{"children":[2]},{}]}`), "NODE_PARENT_OVERRIDE"},
		"child that is not":     {[]byte(`{` + asset + `,"nodes":[{"children":[99]}]}`), "UNRESOLVED_REFERENCE"},
		"negative child":        {[]byte(`{` + asset + `,"nodes":[{"children":[-3]}]}`), "INVALID_INDEX"},
		"deep nodes":            {[]byte(deepNodes + `]}`), "NODE_TOO_DEEP"},
		"long names":            {[]byte(longNames), "NODE_NAMES_TOO_LONG"},
		"deep JSON":             {[]byte(`{` + asset + `,"extras":` + strings.Repeat("[", 100_000)), "INVALID_JSON"},
		"key in another case":   {[]byte(`{` + asset + `,"Nodes":[null]}`), "UNEXPECTED_PROPERTY"},
		"repeated key":          {[]byte(`{` + asset + `,"nodes":[{}],"nodes":[null]}`), "INVALID_JSON"},
		"remote buffer":         {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"http://example.com/x.bin"}]}`), "NON_RELATIVE_URI"},
		"buffer outside":        {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"../x.bin"}]}`), "NON_RELATIVE_URI"},
		"escaped buffer":        {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"a/%2e%2e/%2e%2e/x.bin"}]}`), "NON_RELATIVE_URI"},
		"absolute buffer":       {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"/etc/passwd"}]}`), "NON_RELATIVE_URI"},
		"windows path":          {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"C:\\x.bin"}]}`), "NON_RELATIVE_URI"},
		"missing buffer":        {[]byte(`{` + asset + `,"buffers":[{"byteLength":4,"uri":"x.bin"}]}`), "IO_ERROR"},
		"undeclared extension":  {[]byte(`{` + asset + `,"extensions":{"EXT_x":{}}}`), "UNDECLARED_EXTENSION"},
		"text that is no UTF-8": {[]byte("{\"asset\":{\"version\":\"2.0\",\"generator\":\"\xff\"}}"), "INVALID_JSON"},
		"byte order mark":       {[]byte("\xEF\xBB\xBF{" + asset + "}"), "INVALID_JSON"},
		"a picture":             {[]byte("\x89PNG\r\n\x1a\n0000000000000000"), "INVALID_JSON"},
		"nothing":               {nil, "INVALID_JSON"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := Options{Resources: fstest.MapFS{}}
			doc, report, err := Read(test.data, options)
			if doc != nil || err == nil || !reportedErrors(report)[test.code] {
				t.Fatalf("Read = %v, %v, want refusal with %s; issues %v", doc, err, test.code, report.Issues)
			}
			if got, most := allocated(test.data, options), uint64(256<<10+100*len(test.data)); got > most {
				t.Errorf("%d bytes allocated for a file of %d", got, len(test.data))
			}
		})
	}
}

func TestNodeTableNamesEqualSiblingsByOrdinal(t *testing.T) {
	doc, _, err := Read([]byte(`{`+asset+`,"scenes":[{"nodes":[0]}],"nodes":[
		{"name":"Line A","children":[1,2,3]},{"name":"Pump"},{"name":"Pump","extras":{"id":"P-2","n":9007199254740993,"list":[1]}},{"name":"a/b"}]}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Line A", "Line A/Pump", "Line A/Pump[2]", `Line A/a\/b`}
	for i, path := range want {
		if doc.Nodes[i].Path != path {
			t.Errorf("node %d has the path %q, want %q", i, doc.Nodes[i].Path, path)
		}
	}
	if got := doc.Nodes[2].Extras; len(got) != 2 || got["id"] != "P-2" || got["n"] != "9007199254740993" {
		t.Errorf("extras are %v, want id and n as written", got)
	}
}

func TestBoxesAreInTheSpaceOfTheDocument(t *testing.T) {
	doc, _, err := Read([]byte(`{`+asset+`,"accessors":[{"componentType":5126,"type":"VEC3","count":3,"min":[0,0,0],"max":[1,2,3]}],
		"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
		"nodes":[{"translation":[10,0,0],"children":[1,2]},{"mesh":0,"scale":[2,2,2]},{"mesh":0,"rotation":[0,0.7071067811865476,0,0.7071067811865476]}]}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *doc.Nodes[1].Box, (Box{{10, 0, 0}, {12, 4, 6}}); got != want {
		t.Errorf("the scaled box is %v, want %v", got, want)
	}
	turned := doc.Nodes[2].Box
	if d := turned[1][0] - 13; d > 1e-9 || d < -1e-9 {
		t.Errorf("the turned box is %v, want x up to 13", turned)
	}
	if doc.Bounds[1] != [3]float64{13, 4, 6} && doc.Bounds.Diagonal() < 7 {
		t.Errorf("bounds are %v", doc.Bounds)
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c.data())
	}
	f.Add(lyingGLB())
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, report, err := Read(data, Options{Resources: fstest.MapFS{}})
		if (err == nil) != (doc != nil) || report.Refused != (err != nil) {
			t.Fatalf("Read = %v, %v with refused %v", doc, err, report.Refused)
		}
		if doc == nil {
			return
		}
		for i, n := range doc.Nodes {
			if n.Index != i || n.Path == "" || n.Parent >= len(doc.Nodes) {
				t.Fatalf("row %d of the node table is %+v", i, n)
			}
		}
	})
}
