package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mereon/schema/fault"
)

// manifest remembers what an import wrote, so that the next one knows which files were edited since.
const manifest = ".import.json"

// Write puts the files of an import into dir. Files that were edited since the last import, or that somebody else wrote,
// are a Conflict that names them, and nothing is written, unless o.Force. Files that an earlier import wrote and this
// one does not are removed. A second import of the same source changes nothing.
func Write(dir string, files map[string][]byte, o Options) ([]File, error) {
	before, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	var edited []string
	var result []File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		current, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		switch {
		case os.IsNotExist(err):
			result = append(result, File{name, "new"})
		case err != nil:
			return nil, fault.Wrap(fault.Unavailable, err, "read %s", name)
		case string(current) == string(files[name]):
			result = append(result, File{name, "unchanged"})
		case digest(current) == before[name]:
			result = append(result, File{name, "changed"})
		default:
			edited = append(edited, name)
			result = append(result, File{name, "changed"})
		}
	}
	if len(edited) > 0 && !o.Force {
		return nil, fault.New(fault.Conflict, "these files were edited since they were imported: %s; keep your edits by importing into another folder, or overwrite them with --force", strings.Join(edited, ", "))
	}
	return result, write(dir, files, result, before)
}

func write(dir string, files map[string][]byte, result []File, before map[string]string) error {
	after := map[string]string{}
	for _, f := range result {
		after[f.Name] = digest(files[f.Name])
		if f.Status == "unchanged" {
			continue
		}
		target := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fault.Wrap(fault.Unavailable, err, "write %s", f.Name)
		}
		if err := os.WriteFile(target, files[f.Name], 0o644); err != nil {
			return fault.Wrap(fault.Unavailable, err, "write %s", f.Name)
		}
	}
	for name, sum := range before {
		target := filepath.Join(dir, filepath.FromSlash(name))
		_, wanted := files[name]
		if wanted || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if current, err := os.ReadFile(target); err == nil && digest(current) == sum {
			if err := os.Remove(target); err != nil {
				return fault.Wrap(fault.Unavailable, err, "remove %s", name)
			}
		}
	}
	text, err := json.MarshalIndent(after, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, manifest), append(text, '\n'), 0o644); err != nil {
		return fault.Wrap(fault.Unavailable, err, "write %s", manifest)
	}
	return nil
}

func readManifest(dir string) (map[string]string, error) {
	sums := map[string]string{}
	text, err := os.ReadFile(filepath.Join(dir, manifest))
	if os.IsNotExist(err) {
		return sums, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "read %s", manifest)
	}
	if err := json.Unmarshal(text, &sums); err != nil {
		return nil, fault.New(fault.Invalid, "%s in %s is damaged; remove it, or import with --force", manifest, dir)
	}
	return sums, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
