package gltfdoc

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mereon/fixtures/inputs"
)

// corpusCase is one line of the Khronos validator's own tests, with the validator's verdict.
type corpusCase struct {
	Name      string
	Text      string
	Base64    []byte
	Resources map[string][]byte
	Report    struct {
		Issues struct {
			NumErrors int
			Messages  []struct {
				Code     string
				Severity int
				Pointer  string
			}
		}
		Info *struct {
			AnimationCount, MaterialCount, DrawCallCount, TotalTriangleCount int
		}
	}
}

func (c *corpusCase) data() []byte {
	if c.Base64 != nil {
		return c.Base64
	}
	return []byte(c.Text)
}

func (c *corpusCase) options() Options {
	files := fstest.MapFS{}
	for name, data := range c.Resources {
		files[path.Clean(name)] = &fstest.MapFile{Data: data}
	}
	return Options{Resources: files}
}

// errors returns the distinct codes of errors the validator reports.
func (c *corpusCase) errors() map[string]bool {
	codes := map[string]bool{}
	for _, m := range c.Report.Issues.Messages {
		if m.Severity == 0 {
			codes[m.Code] = true
		}
	}
	return codes
}

func corpus(t testing.TB) (cases []corpusCase) {
	t.Helper()
	file, err := os.Open(inputs.Path(t, "gltf-validator-corpus/cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var c corpusCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if lines.Err() != nil || len(cases) != 191 {
		t.Fatalf("read %d cases of 191: %v", len(cases), lines.Err())
	}
	return cases
}

func reportedErrors(report Report) map[string]bool {
	codes := map[string]bool{}
	for _, issue := range report.Issues {
		if issue.Severity == Error {
			codes[issue.Code] = true
		}
	}
	return codes
}

// Every case whose verdict or error codes differ from the validator's is listed in testdata/deviations.txt, and no other.
func TestCorpusAgreesWithTheKhronosValidator(t *testing.T) {
	cases := corpus(t)
	agree, sameCodes := 0, 0
	var deviations []string
	for _, c := range cases {
		report := Inspect(c.data(), c.options())
		want, got := c.errors(), reportedErrors(report)
		if report.Failed == (len(want) > 0) {
			agree++
		}
		if maps.Equal(want, got) {
			sameCodes++
			continue
		}
		deviations = append(deviations, fmt.Sprintf("%s: validator %v, here %v", c.Name, sorted(want), sorted(got)))
	}
	t.Logf("has an error: %d of %d agree; same error codes: %d", agree, len(cases), sameCodes)
	if agree*10 < len(cases)*9 {
		t.Errorf("%d of %d verdicts agree, want at least nine in ten", agree, len(cases))
	}
	listed, err := os.ReadFile("testdata/deviations.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(listed)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	if diff := cmp.Diff(want, deviations); diff != "" {
		t.Errorf("deviations differ from testdata/deviations.txt (-listed +found):\n%s", diff)
	}
}

func sorted(codes map[string]bool) []string { return slices.Sorted(maps.Keys(codes)) }

// Counts equal those the validator gives for every case it could read to the end.
func TestCorpusCountsEqualTheValidators(t *testing.T) {
	for _, c := range corpus(t) {
		report := Inspect(c.data(), c.options())
		if report.Failed || c.Report.Info == nil || c.Report.Issues.NumErrors > 0 {
			continue
		}
		info := c.Report.Info
		if len(report.Clips) != info.AnimationCount || report.Materials != info.MaterialCount || report.Triangles != info.TotalTriangleCount {
			t.Errorf("%s: clips %d, materials %d, triangles %d; want %d, %d, %d", c.Name, len(report.Clips), report.Materials,
				report.Triangles, info.AnimationCount, info.MaterialCount, info.TotalTriangleCount)
		}
	}
}

// No case makes the reader allocate more than a fixed part and a small multiple of the file.
func TestCorpusAllocatesInProportionToTheFile(t *testing.T) {
	for _, c := range corpus(t) {
		data, options := c.data(), c.options()
		if got, most := allocated(data, options), uint64(256<<10+100*len(data)); got > most {
			t.Errorf("%s: %d bytes allocated for a file of %d, want at most %d", c.Name, got, len(data), most)
		}
	}
}

// allocated returns the bytes one Inspect allocates.
func allocated(data []byte, options Options) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Inspect(data, options)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
