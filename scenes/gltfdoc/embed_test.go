package gltfdoc

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestEmbedMakesADocumentThatNeedsNoOtherFile(t *testing.T) {
	source := `{` + asset + `,"buffers":[{"byteLength":4,"uri":"a%20b.bin"}],"images":[{"uri":"gone.png"}] }`
	folder := fstest.MapFS{"a b.bin": {Data: []byte{1, 2, 3, 4}}}
	got, err := Embed([]byte(source), folder)
	want := strings.Replace(source, `"a%20b.bin"`, `"data:application/octet-stream;base64,AQIDBA=="`, 1)
	if err != nil || string(got) != want {
		t.Fatalf("Embed = %s, %v, want %s", got, err, want)
	}
	again, err := Embed(glb(source, []byte{9, 9, 9, 9}), folder)
	if err != nil {
		t.Fatal(err)
	}
	found := &issues{}
	parts, ok := split(again, found)
	if !ok || strings.TrimRight(string(parts.json), " ") != want || string(parts.bin) != "\x09\x09\x09\x09" {
		t.Errorf("the embedded GLB is %q, issues %v", again, found.list)
	}
	if _, err := Embed([]byte(strings.Replace(source, "a%20b.bin", "../x.bin", 1)), folder); err == nil {
		t.Error("a buffer outside of the folder was embedded")
	}
}
