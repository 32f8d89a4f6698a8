package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// folder writes files and returns their folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	fresh := path + ".fresh" // as a careful program writes: a reader sees the old file or the new one
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, path); err != nil {
		t.Fatal(err)
	}
}

// table reads all rows of a collection as text.
func table(t testing.TB, r *connectors.Runtime, collection string, w connectors.Want) string {
	t.Helper()
	d, err := r.Descriptor(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	w.Collection = collection
	for _, c := range d.Collections {
		if c.Name == collection && w.Columns == nil {
			for _, column := range c.Columns {
				w.Columns = append(w.Columns, column.Name)
			}
		}
	}
	rows := r.Records(t.Context(), "f", []connectors.Key{{}}, w).Results[0]
	var b strings.Builder
	for i, v := range rows.Cells {
		if i%len(w.Columns) == 0 && i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(textOf(v) + ",")
	}
	return b.String() + string(rows.Status)
}

func textOf(v schema.Value) string {
	switch v.Kind() {
	case schema.NullValue:
		return "null"
	case schema.IntValue:
		return fmt.Sprint(v.Int())
	case schema.FloatValue:
		return fmt.Sprint(v.Float(), "f")
	case schema.BoolValue:
		return fmt.Sprint(v.Bool())
	case schema.DateTimeValue:
		return v.Time().Format(time.RFC3339)
	}
	return v.Text()
}

func TestTypesAreFoundAndNamesAndCodesMapped(t *testing.T) {
	dir := folder(t, map[string]string{"w.csv": "\xef\xbb\xbfAUFNR;STAT;GLTRP;hours;code;ok;when\r\n" +
		"100;REL;01.02.2026;1.5;007;true;2026-02-01T08:00:00Z\r\n" +
		"101;CNF;;2;012;false;\r\n" +
		"\r\n" +
		"102;\"X;\"\"Y\"\"\nZ\";31.12.2025;;1;true;2026-02-01T09:00:00+01:00\r\n"})
	config := "path: w.csv, collection: w, delimiter: \";\", key: number, columns: {AUFNR: number, STAT: status, GLTRP: {due: dd.MM.yyyy}}, map: {status: {REL: OPEN, CNF: DONE}}"
	want := "100,OPEN,2026-02-01,1.5f,007,true,2026-02-01T08:00:00Z, | 101,DONE,null,2f,012,false,null, | 102,X;\"Y\"\nZ,2025-12-31,null,1,true,2026-02-01T08:00:00Z,OK"
	if got := table(t, mustServe(t, dir, config), "w", connectors.Want{}); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
}

func TestNDJSONRowsMayLackMembers(t *testing.T) {
	dir := folder(t, map[string]string{"w.ndjson": `{"id": "a", "n": 1, "tags": ["x", 2], "note": null}` + "\n" + `{"id": "b", "n": 2.5}` + "\n"})
	config := "path: w.ndjson, collection: w, key: id, types: {tags: JSON}"
	want := `a,1f,null,["x",2], | b,2.5f,null,null,OK`
	if got := table(t, mustServe(t, dir, config), "w", connectors.Want{}); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
}

func TestFilterIsAppliedAndLimitIsExact(t *testing.T) {
	dir := folder(t, map[string]string{"w.csv": "id,p\na,1\nb,2\nc,3\nd,\n"})
	r := mustServe(t, dir, "path: w.csv, collection: w, key: id")
	where := &schema.Condition{Op: schema.Gt, Path: "p", Value: schema.FloatOf(1.5)}
	for _, c := range []struct {
		w    connectors.Want
		want string
	}{
		{connectors.Want{Where: where}, "b,2, | c,3,OK"},
		{connectors.Want{Where: where, PerKey: 1}, "b,2,OK"},
		{connectors.Want{Order: []connectors.Order{{Column: "p", Desc: true}}, Limit: 2}, "c,3, | b,2,OK"},
		{connectors.Want{Order: []connectors.Order{{Column: "p"}}}, "a,1, | b,2, | c,3, | d,null,OK"},
		{connectors.Want{Where: &schema.Condition{Op: schema.Not, Args: []*schema.Condition{where}}}, "a,1,OK"},
	} {
		if got := table(t, r, "w", c.w); got != c.want {
			t.Errorf("%+v = %s, want %s", c.w, got, c.want)
		}
	}
}

func TestDamagedRowsAreCountedAndTheOthersServed(t *testing.T) {
	dir := folder(t, map[string]string{
		"s.csv": "time,asset,value\n2026-01-01T00:00:00Z,a,1\nyesterday,a,2\n2026-01-01T00:00:01Z\n\"2026-01-01T00:00:02Z,a,3\n2026-01-01T00:00:03Z,a,4\n\x00\xff,,\n",
		"w.csv": "id,due\na,2026-01-01\nb,2026-02-31\n"})
	r := mustServe(t, dir, "path: s.csv")
	keysOf(t, r)
	a := r.Latest(t.Context(), "f", []string{"a"})
	if got := a.Results[0]; got.Value.Float() != 4 {
		t.Errorf("newest %+v, want 4", got)
	}
	h := r.Health()[0]
	if h.State != "degraded" || h.LastError != `s.csv: 4 rows and 0 values could not be read; the first is in line 3: "yesterday" is not a time; say its format: columns: {...: {time: epoch-ms}}` {
		t.Errorf("health %s: %s", h.State, h.LastError)
	}
	r = mustServe(t, dir, "path: w.csv, collection: w, types: {due: Date}")
	if got := table(t, r, "w", connectors.Want{}); got != "a,2026-01-01, | b,null,OK" {
		t.Errorf("rows %s", got)
	}
	if h := r.Health()[0]; !strings.Contains(h.LastError, "0 rows and 1 values could not be read; the first is in line 3: due: ") {
		t.Errorf("health %s", h.LastError)
	}
}

func TestAChangedFileIsReadAgainAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{"w.csv": "id,n\na,1\n"})
	r := mustServe(t, dir, "path: w.csv, collection: w")
	if got := table(t, r, "w", connectors.Want{}); got != "a,1,OK" {
		t.Fatal(got)
	}
	write(t, filepath.Join(dir, "w.csv"), "id,n\na,1\nb,2\n")
	if got := table(t, r, "w", connectors.Want{}); got != "a,1, | b,2,OK" {
		t.Errorf("after writing in place: %s", got)
	}
	write(t, filepath.Join(dir, "new"), "id,n\nc,3\n")
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "w.csv")); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for table(t, r, "w", connectors.Want{}) != "c,3,OK" {
		if time.Now().After(deadline) {
			t.Fatalf("after replacing it: %s", table(t, r, "w", connectors.Want{}))
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := os.Remove(filepath.Join(dir, "w.csv")); err != nil {
		t.Fatal(err)
	}
	for r.Records(t.Context(), "f", []connectors.Key{{}}, connectors.Want{Collection: "w", Columns: []string{"id"}}).Results[0].Status != connectors.Unavailable {
		if time.Now().After(deadline) {
			t.Fatal("a removed file is still served")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAChangedColumnHasItsNewTypeAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{"w.csv": "id,n\na,1\n"})
	r := mustServe(t, dir, "path: w.csv, collection: w")
	if got := table(t, r, "w", connectors.Want{}); got != "a,1,OK" {
		t.Fatal(got)
	}
	write(t, filepath.Join(dir, "w.csv"), "id,n,new\na,1.5,x\nb,many,y\n")
	if got := table(t, r, "w", connectors.Want{}); got != "a,1.5,x, | b,many,y,OK" {
		t.Errorf("after a number became a text: %s", got)
	}
}

func TestAWatchFollowsTheFile(t *testing.T) {
	dir := folder(t, map[string]string{"s.csv": "time,asset,value\n2026-01-01T00:00:00Z,a,1\n"})
	r := mustServe(t, dir, "path: s.csv, replay: {now: end}")
	told := make(chan string, 100)
	defer r.Watch("f", []string{"a"}, func(_ string, r connectors.Reading) { told <- fmt.Sprint(r.Status, " ", r.Value.Int()) })()
	expect := func(want string) {
		t.Helper()
		select {
		case got := <-told:
			if got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		case <-time.After(15 * time.Second):
			t.Fatalf("not told %q", want)
		}
	}
	expect("OK 1")
	path := filepath.Join(dir, "s.csv")
	write(t, path, "time,asset,value\n2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:05Z,a,2\n")
	expect("OK 2")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r.Latest(t.Context(), "f", []string{"a"}) // looks at the file
	expect("UNAVAILABLE 0")
	write(t, path, "time,asset,value\n2026-01-01T00:00:09Z,a,3\n")
	for got := range told {
		if got == "OK 3" {
			break
		}
	}
}

func TestAMissingFileIsToldWithoutThePlaceOnThisMachine(t *testing.T) {
	dir := t.TempDir()
	r := mustServe(t, dir, "path: w.csv, collection: w")
	got := r.Records(t.Context(), "f", []connectors.Key{{}}, connectors.Want{Collection: "w", Columns: []string{"id"}}).Results[0]
	if got.Status != connectors.Unavailable || got.Why != "there is no file w.csv in the project folder" {
		t.Errorf("%s: %s", got.Status, got.Why)
	}
}

func TestALoopRepeatsTheRecordingForEver(t *testing.T) {
	// 4 rows, one each second: a round takes 4 s.
	dir := folder(t, map[string]string{"s.csv": "time,asset,value\n2020-01-01T00:00:00Z,a,0\n2020-01-01T00:00:01Z,a,1\n2020-01-01T00:00:02Z,a,2\n2020-01-01T00:00:03Z,a,3\n"})
	now := time.Unix(4*1000+2, 500)
	r, err := serve(t, dir, "path: s.csv, replay: {loop: true}", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	got := r.Latest(t.Context(), "f", []string{"a"}).Results[0]
	if got.Value.Float() != 2 || got.Time.Unix() != 4002 {
		t.Errorf("newest %v at %d, want 2 at 4002", got.Value.Float(), got.Time.Unix())
	}
	var text string
	for _, m := range r.History(t.Context(), "f", []string{"a"}, connectors.Want{From: time.Unix(3995, 0), To: time.Unix(5000, 0)}).Results[0].Measurements {
		text += fmt.Sprintf("%d=%v ", m.Time.Unix(), m.Value.Float())
	}
	if text != "3995=3 3996=0 3997=1 3998=2 3999=3 4000=0 4001=1 4002=2 " {
		t.Errorf("history %s", text)
	}
}

func TestALoopPushesEachRowWhenItsTimeComes(t *testing.T) {
	var b strings.Builder
	b.WriteString("time,asset,value\n")
	for n := range 200 {
		fmt.Fprintf(&b, "%d,a,%d\n", 1700000000000+n*20, n)
	}
	r := mustServe(t, folder(t, map[string]string{"s.csv": b.String()}), "path: s.csv, columns: {time: {time: epoch-ms}}, replay: {loop: true}")
	got := make(chan connectors.Reading, 1000)
	stop := r.Watch("f", []string{"a"}, func(_ string, r connectors.Reading) { got <- r })
	defer stop()
	last := time.Time{}
	for range 5 {
		r := <-got
		if r.Status != connectors.OK || !r.Time.After(last) || time.Since(r.Time).Abs() > 5*time.Second {
			t.Errorf("pushed %+v after %v", r, last)
		}
		last = r.Time
	}
}

func TestALargeCollectionIsReadByItsIndex(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,pump,hours,note\n")
	for n := range 100_000 {
		fmt.Fprintf(&b, "WO-%d,P-%d,%d.5,\"%s\"\n", n, n%500, n%40, strings.Repeat("x", 80))
	}
	if b.Len() <= holdUp {
		t.Fatalf("%d bytes are held in memory; the test needs more", b.Len())
	}
	r := mustServe(t, folder(t, map[string]string{"w.csv": b.String()}), "path: w.csv, collection: w, key: id")
	w := connectors.Want{Collection: "w", Columns: []string{"id", "hours"}, KeyColumns: []string{"pump"}, PerKey: 3, Count: true}
	a := r.Records(t.Context(), "f", []connectors.Key{{Values: []schema.Value{schema.StringOf("P-7")}}, {Values: []schema.Value{schema.StringOf("P-499")}}}, w)
	if got := a.Results[0]; got.Count != 3 || got.Total != 200 || got.Cells[2].Text() != "WO-507" || got.Cells[3].Float() != 27.5 {
		t.Errorf("orders of P-7: %+v", got)
	}
	if got := a.Results[1]; got.Total != 200 || a.Calls != 1 {
		t.Errorf("orders of P-499: %+v", got)
	}
}

func TestMistakesOfTheConfigurationAreToldAtOnce(t *testing.T) {
	_, err := serve(t, t.TempDir(), "path: ../w.csv, headr: false, columns: [a, {b: nonsense}], types: {a: Intt}, location: Mars/Base, replay: {now: start}", time.Now)
	for _, want := range []string{"must be relative and stay inside the project folder", "unknown key \"headr\"", "Did you mean header?",
		`"nonsense" is no format of times`, `unknown type "Intt" of column a`, `unknown time zone "Mars/Base"`, "can only be pinned to \"end\""} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
}

func TestFormats(t *testing.T) {
	want := time.Date(2026, 2, 1, 8, 30, 0, 0, time.UTC)
	for format, text := range map[string]string{"epoch-s": "1769934600", "epoch-ms": "1769934600000", "dd/MM/yyyy HH:mm": "01/02/2026 08:30",
		"rfc3339": "2026-02-01T09:30:00+01:00", "": "2026-02-01 08:30:00", "yyyyMMddTHHmmssZ": "20260201T083000Z", "1m": "29498910"} {
		f, err := formatOf(format)
		if err != nil {
			t.Errorf("format %q: %v", format, err)
			continue
		}
		if got, err := f.time(text, time.UTC); err != nil || !got.Equal(want) {
			t.Errorf("%q read as %q = %v, %v, want %v", text, format, got, err, want)
		}
	}
	if f, err := formatOf("dd/mm/yyyy"); err != nil || !f.date {
		t.Errorf("dd/mm/yyyy: %+v, %v, want a date", f, err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("time,asset,value\n1769934600,a,1\n\"x\ny\",b,\"\"\"\"\n", ",")
	f.Add("a;b\n\"\n\"\n", ";")
	f.Fuzz(func(t *testing.T, text, delimiter string) {
		if len(delimiter) != 1 || strings.ContainsAny(delimiter, "\"\r\n") {
			return
		}
		decodes(t, text, &layout{header: true, delimiter: delimiter[0]})
		decodes(t, text, &layout{byPlace: true, listed: []columnConfig{{name: "time"}, {name: "a"}, {name: "value"}}, delimiter: delimiter[0], isSeries: true})
	})
}

func FuzzNDJSON(f *testing.F) {
	f.Add(`{"time": 1769934600, "asset": "a", "value": {"x": [1]}}` + "\n{}\n[1]\n")
	f.Fuzz(func(t *testing.T, text string) {
		decodes(t, text, &layout{json: true})
		decodes(t, text, &layout{json: true, isSeries: true})
	})
}

// inMemory is a file that is none.
type inMemory struct{ *strings.Reader }

func (inMemory) Close() error                 { return nil }
func (f inMemory) Stat() (os.FileInfo, error) { return f, nil }
func (inMemory) Name() string                 { return "f" }
func (inMemory) Mode() os.FileMode            { return 0 }
func (inMemory) ModTime() time.Time           { return time.Time{} }
func (inMemory) IsDir() bool                  { return false }
func (inMemory) Sys() any                     { return nil }

// decodes indexes a file and reads everything in it; every row must be read or counted as damaged.
func decodes(t *testing.T, text string, l *layout) {
	l.null, l.zone = map[string]bool{"": true}, time.UTC
	i, err := indexOf(t.Context(), inMemory{strings.NewReader(text)}, l)
	if err != nil {
		return
	}
	defer i.retire()
	for n, s := range i.rows {
		row, err := i.read(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := i.texts(row, nil)
		if err != nil {
			t.Fatalf("row %d was indexed but cannot be read: %v", n, err)
		}
		for c, v := range i.decode(texts, 0, nil) {
			if v != i.held[n][c] {
				t.Fatalf("row %d column %d is %v, was %v when indexed", n, c, v, i.held[n][c])
			}
		}
	}
	for ref, p := range i.refs {
		if _, _, _, err := i.before(p, len(p.group.times)); err != nil {
			t.Fatalf("%s: %v", ref, err)
		}
	}
}

func BenchmarkHistoryOfOneSeries(b *testing.B) {
	var text strings.Builder
	text.WriteString("time,asset,value\n")
	for n := range 100_000 {
		fmt.Fprintf(&text, "%d,a%d,%d\n", 1700000000000+n*20, n%100, n)
	}
	r := mustServe(b, folder(b, map[string]string{"s.csv": text.String()}), "path: s.csv, columns: {time: {time: epoch-ms}}")
	w := connectors.Want{From: time.UnixMilli(1700000000000), To: time.UnixMilli(1700002000000)}
	b.ReportAllocs()
	for b.Loop() {
		if got := r.History(b.Context(), "f", []string{"a7"}, w).Results[0]; len(got.Measurements) != 1000 {
			b.Fatal(len(got.Measurements))
		}
	}
}
