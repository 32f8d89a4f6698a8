package gltfdoc

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// hallOf returns a document of n named nodes in groups of 100, with ids, places and shared meshes.
func hallOf(n int) []byte {
	var b strings.Builder
	b.WriteString(`{` + asset + `,"accessors":[{"componentType":5126,"type":"VEC3","count":24,"min":[0,0,0],"max":[1,1,1]}],
		"materials":[{"name":"Steel"}],"meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],"nodes":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if i%100 == 0 {
			fmt.Fprintf(&b, `{"name":"Group %d","children":[`, i/100)
			for j := i + 1; j < min(i+100, n); j++ {
				if j > i+1 {
					b.WriteByte(',')
				}
				fmt.Fprint(&b, j)
			}
			b.WriteString(`]}`)
			continue
		}
		fmt.Fprintf(&b, `{"name":"Part %d","mesh":0,"translation":[%d,0,%d.5],"rotation":[0,0,0,1],"extras":{"id":"P-%d"}}`, i, i%1000, i/1000, i)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func TestLargeDocumentsAreRead(t *testing.T) {
	data := hallOf(50_050)
	doc, report, err := Read(data, Options{})
	if err != nil || len(doc.Nodes) != 50_050 || doc.Nodes[50_049].Path != "Group 500/Part 50049" {
		t.Fatalf("Read: %v, %v", err, report.Issues)
	}
	if got, most := allocated(data, Options{}), uint64(50*len(data)); got > most {
		t.Errorf("%d bytes allocated for %d, want at most %d", got, len(data), most)
	}
}

// BenchmarkRead measures the reader on 50,000 nodes and on the densest sample.
func BenchmarkRead(b *testing.B) {
	cases := map[string][]byte{"50000-nodes": hallOf(50_000)}
	if data, err := os.ReadFile("../../fixtures/demo/assets/plant.glb"); err == nil {
		cases["plant"] = data
	}
	for name, data := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, _, err := Read(data, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
